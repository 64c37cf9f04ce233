"""A station's day and its figures: everybody is counted once, by service and by who they are."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from app.stations import footfall
from app.stations.footfall import Span
from app.stations.models import StationTally
from tests.support.browser import Browser
from tests.support.hands import NOON
from tests.support.refusals import refusal

TODAY = NOON.date()
MANY = """
    INSERT INTO station_tally
        (tenant_id, id, station_id, day, at, service, visitor, people, counted)
    SELECT :t, gen_random_uuid(), :station, date '2026-03-02' - number % 360,
        timestamptz '2026-03-02 04:00Z' - number % 360 * interval '1 day', 'rest', 'rider', 1, true
    FROM generate_series(1, 3600) AS number
"""


@pytest.fixture
def station(world):
    return world.station(name="明德驿站", services=["rest", "water"])


@pytest.fixture
def day(station):
    return f"/staff/stations/{station.id}/day"


@pytest.fixture
def note(keeper, station, day):
    def note(**said):
        wish = {"service": "water", "visitor": "resident", "people": "1", **said}
        return keeper.submit(f"/staff/stations/{station.id}/heads", shown_on=day, **wish)

    return note


def count(api, who, **asked):
    return api.get("/station-visits", as_=who, since=str(TODAY), until=str(TODAY), **asked).json


def test_signed_in_guests_and_people_without_a_phone_are_one_count(
    world, api, keeper, note, day, station, stranger, lin
):
    code = world.code_of(station)
    api.post("/station-visits", as_=lin, code=code, service="rest")
    stranger().tap(code, service="water")
    note(people="3", visitor="other")

    page = keeper.get(day).text

    assert "共 5 人次" in page
    counted = count(api, world.staff("community_clerk"))
    assert counted["by_service"] == [
        {"service": "rest", "people": 1},
        {"service": "water", "people": 4},
    ]
    assert {one["visitor"]: one["people"] for one in counted["by_visitor"]} == {
        "resident": 1,
        "rider": 1,
        "other": 3,
    }
    assert counted["by_day"] == [{"day": str(TODAY), "people": 5}]
    assert world.facts_of(lin) == 1  # and nothing for the others
    assert world.row_counts()["fact"] == 1


def test_what_somebody_is_known_as_is_what_they_come_as(world, api, station, lin):
    with world.own() as session:
        statement = "UPDATE person SET kinds = ARRAY['resident', 'in_service_member']"
        session.execute(sa.text(statement))

    api.post("/station-visits", as_=lin, code=world.code_of(station))

    counted = count(api, world.staff("community_clerk"))
    assert counted["by_visitor"] == [{"visitor": "in_service_member", "people": 1}]
    assert counted["by_service"] == [{"service": None, "people": 1}]


def test_ones_last_count_is_taken_back_by_its_opposite_and_only_once(
    world, keeper, note, day, station
):
    note(people="20")
    note(people="2")
    undo = f"/staff/stations/{station.id}/heads/undo"

    answers = [keeper.submit(undo, shown_on=day).status_code for _ in range(2)]
    nothing = keeper.submit(undo, shown_on=day)

    assert answers == [303, 303]
    assert nothing.status_code == 409
    assert "没有可以撤回" in nothing.text
    with world.own() as session:
        people = session.scalars(sa.select(StationTally.people).order_by(StationTally.id)).all()
    assert people == [20, 2, -2, -20]
    assert "共 0 人次" in keeper.get(day).text


def test_nobody_takes_back_what_another_counted(world, api, note, station, day):
    note(people="2")
    other = Browser(world, api, world.staff("station_manager"))

    answer = other.submit(f"/staff/stations/{station.id}/heads/undo", shown_on=day)

    assert answer.status_code == 409


@pytest.mark.parametrize(
    "said",
    [{"people": "0"}, {"people": "51"}, {"service": "dance"}, {"service": "legal_aid"},
     {"visitor": "cat"}],
)  # fmt: skip
def test_a_count_that_cannot_be_is_refused(world, note, said):
    with world.changes() as changed:
        answer = note(**said)

    assert answer.status_code == 422
    assert changed == {}


def test_what_was_doubted_is_in_no_count_and_is_told(
    world, api, keeper, day, station, stranger, monkeypatch
):
    monkeypatch.setattr("app.stations.counting.AT_ONCE", 1)
    for _ in range(3):
        stranger().tap(world.code_of(station), service="rest")

    page = keeper.get(day).text

    assert "共 1 人次" in page
    assert "另有 2 次扫码" in page
    assert count(api, world.staff("street_officer", at="East Street"))["not_counted"] == 2


def test_each_counts_the_stations_of_their_own_subtree(world, api, note, station):
    world.unit("community", "Wenhua", under="East Street")
    note(people="4")
    beside = world.staff("station_manager", at="Wenhua")
    api.request_id = "one-and-the-same"

    assert count(api, world.staff("street_officer", at="East Street"))["total"] == 4
    assert count(api, beside)["total"] == 0
    asked = {"since": str(TODAY), "until": str(TODAY), "station_id": str(station.id)}
    assert refusal(api.get("/station-visits", as_=beside, **asked)) == (404, "station_unknown")
    assert refusal(api.get("/station-visits", as_=world.person(), **asked)) == (403, "staff_only")


def test_thirty_six_thousand_visits_are_counted_through_the_index(world, station):
    with world.own() as session:
        for _ in range(10):  # all at once a busy machine takes longer than a statement may
            session.execute(sa.text(MANY), {"t": world.tenant_id, "station": station.id})
    span = Span(since=date(2025, 3, 3), until=TODAY, zone="Asia/Shanghai")

    with world.work() as session:
        visits = footfall.visits_in(session, [station.id], span)

    assert visits.total == 36_000
    assert sum(visits.by_day.values()) == sum(visits.by_hour.values()) == 36_000
    assert visits.by_service == {"rest": 36_000}
    assert len(visits.by_day) == 360
    assert {hour for _weekday, hour in visits.by_hour} == {12}  # noon there, not at Greenwich


def test_figures_stand_in_tables_by_day_service_visitor_and_hour(world, keeper, note):
    note(people="7", visitor="driver")

    page = keeper.get("/staff/station-figures").text

    assert "共 7 人次" in page
    assert "新就业群体 7 人次" in page
    for said in ("3月2日", "饮水", "网约车、货车司机", "周一", "不排名次"):
        assert said in page
    assert "echarts.min.js" in page
    assert (
        "echarts"
        not in keeper.get(
            "/staff/station-day",
        ).text
    )


@pytest.mark.parametrize("span", [("2026-03-02", "2026-03-01"), ("2024-01-01", "2026-03-01")])
def test_a_span_that_is_none_or_too_long_is_refused(world, api, keeper, span):
    since, until = span
    clerk = world.staff("community_clerk")

    assert keeper.get("/staff/station-figures", since=since, until=until).status_code == 422
    answer = api.get("/station-visits", as_=clerk, since=since, until=until)
    assert refusal(answer) == (422, "invalid")


def test_a_long_span_is_drawn_week_by_week(keeper, note):
    note()
    since = str(TODAY - timedelta(days=300))

    page = keeper.get("/staff/station-figures", since=since, until=str(TODAY)).text

    assert "每周" in page
    assert "日起" in page
