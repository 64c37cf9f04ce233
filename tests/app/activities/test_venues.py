"""Where an activity is and when one checks in: planned, promised, and asked of nobody's phone."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.activities import series
from app.activities.models import Activity
from app.core.geodesy import Spot
from app.identity import consents
from app.identity.kinds import Purpose
from app.ledger import policies
from app.ledger import services as ledger
from points_engine import Policy
from tests.app.activities.test_staff_pages import FORM
from tests.support.browser import Browser
from tests.support.client import NOWHERE
from tests.support.drafts import a_series
from tests.support.refusals import refusal
from tests.support.stationing import principal_of

SPOT = {"lat": 23.3282, "lng": 112.7352, "crs": "gcj02"}
AS_A_PHONE_HAS_IT = Spot(lat=23.3282, lng=112.7352).as_wgs84()
THERE, FAR = (str(AS_A_PHONE_HAS_IT.lat), str(AS_A_PHONE_HAS_IT.lng)), ("23.4", "112.7")


@pytest.fixture
def desk(world, api, clerk):
    return Browser(world, api, clerk)


def row_of(world, path):
    with world.work() as session:
        return session.scalars(sa.select(Activity).filter_by(id=UUID(path.split("/")[-1]))).one()


def agree(world, person):
    text = consents.texts()[Purpose.LOCATION]
    with world.work() as session:
        consents.give(
            session,
            person_id=person.id,
            purpose=Purpose.LOCATION,
            version=text.version,
            how="page",
            now=world.now(),
        )


def test_a_station_of_the_community_lends_its_spot(api, world, drafted, lin):
    station = world.station(name="明德驿站", lat=23.3282, lng=112.7352)
    moved = drafted(station_id=str(station.id), radius_m=400)
    alone = drafted(location={**SPOT, "crs": "wgs84"})
    nowhere = drafted()

    rows = [row_of(world, path) for path in (moved, alone, nowhere)]

    assert [(one.station_id, one.lat, one.crs, one.radius_m) for one in rows] == [
        (station.id, 23.3282, "gcj02", 400),
        (None, 23.3282, "wgs84", None),
        (None, None, "gcj02", None),
    ]


@pytest.mark.parametrize(
    ("where", "said"),
    [
        pytest.param({"station_id": NOWHERE}, "不在本社区", id="nonexistent"),
        pytest.param({"station_id": "elsewhere"}, "不在本社区", id="another community's"),
        pytest.param({"station_id": "unmeasured"}, "还没有标出坐标", id="without a spot"),
        pytest.param({"station_id": "here", "location": SPOT}, "只选一样", id="two places"),
        pytest.param({"radius_m": 300}, "没有签到地点", id="how far from nothing"),
    ],
)
def test_a_place_that_cannot_be_is_refused(api, world, draft_body, clerk, where, said):
    named = {
        "here": world.station(name="明德驿站", lat=23.3, lng=112.7),
        "unmeasured": world.station(name="新驿站"),
        "elsewhere": world.station(
            name="远处",
            community_id=world.unit("community", "Qingtang", under="East Street"),
            lat=23.3,
            lng=112.7,
        ),
    }
    asked = named.get(where.get("station_id"))
    where = {**where, "station_id": str(asked.id)} if asked else where

    with world.changes() as changed:
        answer = api.post("/activities", as_=clerk, **draft_body(**where))

    assert refusal(answer) == (422, "draft_wrong")
    assert said in answer.json["detail"]
    assert changed == {}


def test_the_form_takes_a_station_or_a_pasted_spot_and_says_it_back(world, desk):
    station = world.station(name="明德驿站", lat=23.3282, lng=112.7352)
    new = "/staff/activities/new"
    assert "明德驿站" in desk.get(new).text

    first = desk.submit(
        "/staff/activities",
        shown_on=new,
        community_id=str(world.units["Mingde"]),
        **FORM,
        station_id=str(station.id),
        radius_m="250",
    )
    edit = f"{first.location}/edit"
    shown = desk.get(edit).text
    pasted = {"spot": "23.3282，112.7352", "crs": "wgs84", "radius_m": ""}
    wrong = [
        desk.submit(edit, shown_on=edit, **FORM, **{**pasted, **bad})
        for bad in ({"spot": "东岸"}, {"spot": "123,12"}, {"radius_m": "50"})
    ]
    said = desk.get(first.location).text
    second = desk.submit(edit, shown_on=edit, **FORM, **pasted)

    assert "在“明德驿站”周围 250 米内签到；不提供位置也可以签到。" in said
    assert "开始前 30 分钟开放签到，开始 60 分钟后请找负责人签到" in said
    assert f'value="{station.id}" selected' in shown
    assert [one.status_code for one in wrong] == [422, 422, 422]
    assert second.status_code == 303
    row = row_of(world, first.location)
    assert (row.station_id, row.lat, row.crs, row.radius_m) == (None, 23.3282, "wgs84", 300)
    assert 'value="23.328200,112.735200"' in desk.get(edit).text


def test_a_series_hands_its_place_on_to_its_drafts(world, clerk):
    me = principal_of(world, clerk)
    place = {"lat": 23.3, "lng": 112.7, "radius_m": 500}
    with world.own() as session:
        row = a_series(
            community_id=world.units["Mingde"], created_by=clerk.id, created_at=world.now(), **place
        )
        row.tenant_id = world.tenant_id
        session.add(row)
        session.flush()
        series_id = row.id
    with world.work() as session:
        until = world.now().date() + timedelta(days=14)
        series.make_drafts(session, series_id, until=until, me=me, now=world.now())
        made = session.scalars(sa.select(Activity).filter_by(series_id=series_id)).all()

    assert {(one.lat, one.lng, one.radius_m) for one in made} == {(23.3, 112.7, 500)}
    assert len(made) == 2


def tell(world, **checkin):
    """A policy from tomorrow on that says something else of checking in."""
    document = policies.shipped("hours10").to_document()
    later = {"version": "later", "in_force_from": "2026-03-03", "checkin": checkin}
    with world.work() as session:
        ledger.publish(session, Policy.from_document({**document, **later}), now=world.now())


def test_the_window_is_the_policys_and_stays_as_it_was_published(api, world, published, lin, hands):
    tell(world, open_before_min=45, close_after_start_min=20, radius_m=800)
    path = published(location=SPOT)
    shown = api.get(path, as_=lin).json

    hands.move(days=7, minutes=-46)
    early = check_in(api, world, path, lin)
    hands.move(minutes=1)
    opened = check_in(api, world, path, lin)
    hands.move(minutes=65)
    wang = world.person("王敏")
    with world.changes() as changed:
        late = check_in(api, world, path, wang)

    assert (shown["radius_m"], shown["location"]) == (800, SPOT)
    assert refusal(early) == (409, "activity_not_open")
    assert "开始前 45 分钟开放签到" in early.json["detail"]
    assert opened.status_code == 201
    assert refusal(late) == (409, "check_in_closed")
    assert "开始 20 分钟后" in late.json["detail"]
    assert "找现场负责人" in late.json["detail"]
    assert changed == {"refused_scan": 1}


def test_who_is_late_is_checked_in_by_the_leader(api, world, published, clerk, lin, hands):
    path = published()
    hands.move(days=7, minutes=61)
    page = Browser(world, api, lin).get(path).text

    late = check_in(api, world, path, lin)
    aided = api.post(f"{path}/staff-check-ins", as_=clerk, person_id=str(lin.id), reason="来晚了")

    assert refusal(late) == (409, "check_in_closed")
    assert "请找现场负责人" in page
    assert aided.status_code == 201, aided.json


def test_who_is_on_duty_need_not_come_half_an_hour_before(api, published, lin):
    shown = api.get(published(category="station_duty"), as_=lin).json
    long = api.get(published(ends_at="2026-03-10T04:00:00+00:00", title="长长的值守"), as_=lin).json

    assert minutes(shown["check_in_from"], shown["starts_at"]) == 15
    assert minutes(shown["starts_at"], shown["check_in_until"]) == 60
    assert long["check_in_until"] == long["ends_at"]


def minutes(since, until):
    return (datetime.fromisoformat(until) - datetime.fromisoformat(since)).total_seconds() / 60


def check_in(api, world, path, who):
    activity = row_of(world, path)
    return api.post(f"{path}/check-ins", as_=who, code=world.venue_code(activity))


@pytest.mark.parametrize(
    ("agreed", "place", "asks", "invites"),
    [(True, True, True, False), (False, True, False, True), (True, False, False, False)],
)
def test_the_page_asks_the_phone_only_where_there_is_a_place_and_a_consent(
    world, api, lin, agreed, place, asks, invites
):
    activity = world.activity(**(SPOT if place else {}))
    if agreed:
        agree(world, lin)

    page = Browser(world, api, lin).get(f"/arrive/{world.venue_code(activity)}").text

    assert ("data-locate" in page, "locate.js" in page) == (asks, asks)
    assert ("/me/consents" in page) == invites
    assert ("不提供位置也可以签到" in page) == (asks or invites)


@pytest.mark.parametrize(
    ("spot", "state", "kept"),
    [
        pytest.param(THERE, None, 1, id="there"),
        pytest.param(FAR, "pending_review", 1, id="far"),
        pytest.param(("", ""), None, 0, id="a phone that says nothing"),
        pytest.param(("nan", "1e999"), None, 0, id="a phone that says nonsense"),
    ],
)
def test_what_the_phone_says_is_looked_at_and_refuses_nobody(world, api, lin, spot, state, kept):
    activity = world.activity(**SPOT)
    agree(world, lin)
    browser, code = Browser(world, api, lin), world.venue_code(activity)
    said = {"lat": spot[0], "lng": spot[1], "accuracy_m": "20"}

    path = f"/activities/{activity.id}"
    answer = browser.submit(f"{path}/check-in", shown_on=f"/arrive/{code}", code=code, **said)

    assert answer.status_code == 303
    with world.own() as session:
        found = session.execute(sa.text("SELECT review FROM attendance")).scalars().all()
        spots = session.execute(sa.text("SELECT count(*) FROM whereabouts")).scalar()
    assert (found, spots) == ([state], kept)
    assert ("请告诉负责人一声" in browser.get(path).text) == (state is not None)
