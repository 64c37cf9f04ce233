"""Turns that were served: by the code at both ends, or by somebody else's word; counted once."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.core.errors import DomainError
from app.stations import on_duty, turns
from app.stations.hours import Span
from app.stations.models import DutyTurn
from app.stations.on_duty import Scanned
from app.stations.turns import Plan
from tests.support.browser import Browser
from tests.support.hands import NOON
from tests.support.stationing import principal_of

TOMORROW = NOON.date() + timedelta(days=1)


@pytest.fixture
def station(world):
    return world.station(name="明德驿站")


@pytest.fixture
def shift(world, station):
    """Tomorrow from nine to twelve, for three: 21 hours from now."""
    keeper = principal_of(world, world.staff("station_manager"))
    plan = Plan(day=TOMORROW, span=Span(540, 720), wanted=3, task="接待")
    with world.work() as session:
        (made,) = turns.plan_shifts(session, plan, me=keeper, station_id=station.id, now=NOON)
    return made


@pytest.fixture
def wang(world, shift):
    """Somebody whose turn it is."""
    return on(world, shift, world.person("王敏"))


def on(world, shift, person):
    with world.work() as session:
        me = principal_of(world, person)
        turns.take(session, me=me, shift_id=shift.id, now=NOON)
    return person


def scan(world, browser, shift, station, step):
    page = f"/q/{world.code_of(station)}"
    path = f"/duties/{shift.id}/{step}"
    return browser.submit(path, shown_on=page, code=world.code_of(station))


def turn_of(world, person):
    with world.work() as session:
        return session.scalars(sa.select(DutyTurn).filter_by(person_id=person.id)).one()


def facts(world):
    query = "SELECT source, quantity, evidence FROM fact WHERE tenant_id = :t"
    with world.own() as session:
        return session.execute(sa.text(query), {"t": world.tenant_id}).all()


def test_a_turn_between_two_scans_is_paid_and_stands_in_the_passbook(
    world, api, station, shift, wang, hands
):
    browser = Browser(world, api, wang)
    hands.move(hours=20, minutes=44)
    assert "开始值班" not in browser.get(f"/q/{world.code_of(station)}").text
    early = scan(world, browser, shift, station, "begin")
    hands.move(minutes=11)
    assert "开始值班" in browser.get(f"/q/{world.code_of(station)}").text

    begun = [scan(world, browser, shift, station, "begin") for _ in range(2)]
    refused = browser.submit(f"/duties/{shift.id}/leave", shown_on="/duties", reason="有事")
    hands.move(hours=3)
    ended = [scan(world, browser, shift, station, "end") for _ in range(2)]
    world.settle()

    assert [one.status_code for one in (early, *begun, refused, *ended)] == [
        409, 303, 303, 409, 303, 303,
    ]  # fmt: skip
    assert turn_of(world, wang).minutes == 175  # from nine, though they came before
    ((source, quantity, evidence),) = facts(world)
    assert source == f"duty:{turn_of(world, wang).id}"
    assert (quantity, evidence["qr2"], "op" in evidence) == (175, "station", False)
    assert world.points_of(wang) == 20  # five half hours of four points
    assert "明德驿站值班" in browser.get("/passbook").text
    assert "值了 175 分钟" in browser.get("/duties").text
    assert world.violations() == []


def test_whoever_forgot_to_scan_is_confirmed_by_another_and_never_by_themself(
    world, api, station, shift, wang, hands
):
    keeper, other = (world.staff("station_manager") for _ in range(2))
    on(world, shift, keeper)
    page = f"/staff/stations/{station.id}/shifts"
    own, theirs = (f"/staff/turns/{turn_of(world, who).id}/confirm" for who in (keeper, wang))
    hands.move(hours=23, minutes=55)
    desk = Browser(world, api, keeper)
    with world.changes() as changed:
        early = desk.submit(theirs, shown_on=page)
        hands.move(minutes=10)
        himself = desk.submit(own, shown_on=page)

    shown = desk.get(page).text
    done = [desk.submit(theirs, shown_on=page) for _ in range(2)]
    by_other = Browser(world, api, other).submit(own, shown_on=page)
    world.settle()

    assert [early.status_code, himself.status_code] == [409, 409]
    assert changed == {}
    assert "请另一位同事确认" in shown
    assert [one.status_code for one in (*done, by_other)] == [303, 303, 303]
    assert sorted(row.quantity for row in facts(world)) == [180, 180]
    assert {row.evidence["op"] for row in facts(world)} == {"staff"}
    assert (world.points_of(wang), turn_of(world, wang).confirmed_by) == (0, keeper.id)
    assert "由站长确认" in Browser(world, api, wang).get("/duties").text
    assert world.violations() == []


def test_a_turn_is_scanned_where_and_when_it_is(world, api, station, shift, wang, hands):
    elsewhere, browser = world.station(name="清塘驿站"), Browser(world, api, wang)
    stranger = Browser(world, api, world.person())
    hands.move(hours=21)

    with world.changes() as changed:
        answers = [
            scan(world, browser, shift, elsewhere, "begin"),
            scan(world, stranger, shift, station, "begin"),
            scan(world, browser, shift, station, "end"),  # never begun
        ]
        hands.move(hours=4)
        answers.append(scan(world, browser, shift, station, "begin"))

    assert [one.status_code for one in answers] == [409, 409, 409, 409]
    assert "这个班在明德驿站" in answers[0].text
    assert "请找站长确认" in answers[3].text
    assert changed == {}


def test_the_same_hours_in_an_activity_are_looked_at(world, api, station, shift, wang, hands):
    hands.move(hours=21, minutes=10)
    activity = world.activity()
    scan(world, Browser(world, api, wang), shift, station, "begin")
    path = f"/activities/{activity.id}"
    api.post(f"{path}/check-ins", as_=wang, code=world.venue_code(activity))
    hands.move(minutes=60)

    answer = api.post(f"{path}/check-outs", as_=wang, code=world.venue_code(activity, "out"))

    assert answer.json["attendance"]["state"] == "pending_review"
    assert facts(world) == []


def test_however_often_a_turn_is_ended_and_confirmed_at_once_it_counts_once(
    world, station, shift, wang, hands, crowd
):
    keeper = principal_of(world, world.staff("station_manager"))
    me, code = principal_of(world, wang), world.code_of(station)
    hands.move(hours=21)
    with world.work() as session:
        on_duty.begin(session, Scanned(me=me, shift_id=shift.id, code=code, now=hands()))
    hands.move(hours=3, minutes=5)
    turn_id = turn_of(world, wang).id

    def end(_phone):
        scanned = Scanned(me=me, shift_id=shift.id, code=code, now=hands())
        return attempt(lambda session: on_duty.end(session, scanned))

    def confirm(_phone):
        return attempt(
            lambda session: on_duty.confirm(session, me=keeper, turn_id=turn_id, now=hands())
        )

    def attempt(deed):
        try:
            with world.work() as session:
                return deed(session).turn.minutes
        except DomainError as refusal:
            return refusal.code

    outcomes = crowd.at_once([end, confirm] * 6)

    assert set(outcomes) == {180}
    assert len(facts(world)) == 1
    assert world.violations() == []


def test_over_http_a_turn_is_taken_offered_served_and_paid_once(
    world, api, station, shift, wang, hands
):
    lin, code = world.person("林晓梅"), world.code_of(station)
    path = f"/shifts/{shift.id}"
    listed = api.get(f"/stations/{station.id}/shifts", as_=lin).json["items"]
    taken = api.post(f"{path}/turn", as_=lin)
    gone = api.post(f"{path}/leave", as_=wang, reason="带孩子看病")
    own = api.get("/me/shifts", as_=wang).json["items"]
    hands.move(hours=20, minutes=55)

    begun = api.post(f"{path}/begin", as_=lin, code=code)
    late = api.post(f"{path}/offer", as_=lin, reason="有事")
    hands.move(hours=3)
    ended = [api.post(f"{path}/end", as_=lin, code=code, key="one-and-the-same") for _ in range(2)]
    again = api.post(f"{path}/end", as_=lin, code=code)
    world.settle()

    assert [(one["wanted"], one["free"], one["turn"]) for one in listed] == [(3, 2, None)]
    assert (taken.status_code, taken.json["shift"]["turn"]["state"]) == (201, "on_duty")
    assert gone.json["shift"]["free"] == 2
    assert [(one["turn"]["state"], one["turn"]["reason"]) for one in own] == [
        ("on_leave", "带孩子看病")
    ]
    assert begun.json["turn"]["came_at"]
    assert late.status_code == 409
    assert ended[0].data == ended[1].data
    assert ended[0].json["turn"]["minutes"] == again.json["turn"]["minutes"] == 175
    assert ended[0].json["expected"]
    assert world.points_of(lin) == 20
    assert world.violations() == []


def test_over_http_another_manager_confirms_and_nobody_their_own(
    world, api, station, shift, wang, hands
):
    keeper = on(world, shift, world.staff("station_manager"))
    world.unit("community", "Xinhua", under="East Street")
    stranger = world.staff("station_manager", at="Xinhua")
    hands.move(hours=25)

    found = api.get(f"/stations/{station.id}/unconfirmed-turns", as_=keeper).json["items"]
    ids = {one["own"]: one["turn"]["id"] for one in found}
    with world.changes() as changed:
        own = api.post(f"/turns/{ids[True]}/confirmation", as_=keeper)
        foreign = api.post(f"/turns/{ids[False]}/confirmation", as_=stranger)
        nothing = api.post(f"/turns/{shift.id}/confirmation", as_=keeper)
    done = [api.post(f"/turns/{ids[False]}/confirmation", as_=keeper) for _ in range(2)]

    assert changed == {}
    assert own.status_code == 409
    assert foreign.json["detail"] == nothing.json["detail"]
    assert [one.json["turn"]["minutes"] for one in done] == [180, 180]
    assert len(facts(world)) == 1
