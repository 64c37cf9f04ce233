"""Turns at a station: taken freely, handed over, excused, and never more than are wanted."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.stations import rota, turns
from app.stations.errors import ShiftFull
from app.stations.hours import Span
from app.stations.models import DutyShift, DutyTurn
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
    """Tomorrow from nine to twelve, for two."""
    keeper = principal_of(world, world.staff("station_manager"))
    plan = Plan(day=TOMORROW, span=Span(540, 720), wanted=2, task="接待")
    with world.work() as session:
        (made,) = turns.plan_shifts(session, plan, me=keeper, station_id=station.id, now=NOON)
    return made


@pytest.fixture
def phone(world, api):
    """The browser of one more person."""
    return lambda: Browser(world, api, world.person())


def states(world):
    with world.own() as session:
        rows = session.scalars(sa.select(DutyTurn).order_by(DutyTurn.id))
        return [row.state for row in rows]


def take(browser, shift):
    return browser.submit(f"/duties/{shift.id}/take", shown_on="/duties")


def test_two_take_a_shift_and_a_third_finds_it_full(world, phone, shift):
    first, second, third = phone(), phone(), phone()
    assert "还要 2 位" in first.get("/duties").text

    assert take(first, shift).status_code == take(first, shift).status_code == 303
    assert take(second, shift).status_code == 303
    with world.changes() as changed:
        late = take(third, shift)

    assert late.status_code == 409
    assert "已经满了" in late.text
    assert changed == {}
    assert "我值班" in first.get("/duties").text
    assert "现在不缺人" in third.get("/duties").text


def test_who_cannot_come_hands_over_and_who_takes_it_is_on_duty(world, phone, shift):
    first, second, third = phone(), phone(), phone()
    take(first, shift)
    take(second, shift)

    unsaid = first.submit(f"/duties/{shift.id}/offer", shown_on="/duties", reason="")
    first.submit(f"/duties/{shift.id}/offer", shown_on="/duties", reason="出差")
    assert "在找人换班" in first.get("/duties").text
    assert "有 1 位想换班" in third.get("/duties").text
    take(third, shift)

    assert unsaid.status_code == 422
    assert states(world) == ["handed_over", "on_duty", "on_duty"]
    assert "已换给别人" in first.get("/duties").text
    assert world.violations() == []


def test_nobody_took_it_over_so_one_comes_after_all(world, phone, shift):
    first = phone()
    take(first, shift)
    first.submit(f"/duties/{shift.id}/offer", shown_on="/duties", reason="出差")

    take(first, shift)

    assert states(world) == ["on_duty"]


def test_who_is_excused_frees_the_place_at_once_and_may_come_back(world, phone, shift):
    first = phone()
    take(first, shift)

    first.submit(f"/duties/{shift.id}/leave", shown_on="/duties", reason="发烧")
    assert states(world) == ["on_leave"]
    assert "还要 2 位" in first.get("/duties").text
    take(first, shift)

    assert states(world) == ["on_duty"]


def test_once_it_has_begun_nothing_changes(world, phone, shift, hands):
    first, second = phone(), phone()
    take(first, shift)
    hands.move(hours=21)

    with world.changes() as changed:
        answers = [
            take(second, shift),
            first.submit(f"/duties/{shift.id}/leave", shown_on="/duties", reason="发烧"),
        ]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert changed == {}


def test_whoever_is_not_in_a_shift_has_nothing_to_hand_over(world, phone, shift):
    stranger = phone()

    with world.changes() as changed:
        answer = stranger.submit(f"/duties/{shift.id}/offer", shown_on="/duties", reason="出差")

    assert answer.status_code == 409
    assert changed == {}


def test_twelve_who_want_two_places_at_once_are_two(world, shift, crowd):
    people = [principal_of(world, person) for person in world.people(12)]

    def grab(me):
        def deed(_phone):
            try:
                with world.work() as session:
                    turns.take(session, me=me, shift_id=shift.id, now=NOON)
            except ShiftFull:
                return "full"
            return "taken"

        return deed

    outcomes = crowd.at_once([grab(me) for me in people])

    assert (outcomes.count("taken"), outcomes.count("full")) == (2, 10)
    assert world.violations() == []


def test_a_shift_is_planned_for_some_weeks_and_not_twice(world, keeper, station, shift):
    page = f"/staff/stations/{station.id}/shifts"
    plan = {"day": str(TOMORROW), "span": "9:00-12:00", "wanted": "2", "task": "接待"}

    again = keeper.submit(page, shown_on=page, **plan, weeks="1")
    more = keeper.submit(page, shown_on=page, **plan, weeks="3")
    odd = keeper.submit(page, shown_on=page, **{**plan, "span": "9:10-12:00"}, weeks="1")
    past = keeper.submit(page, shown_on=page, **{**plan, "day": "2026-03-01"}, weeks="1")

    assert [one.status_code for one in (again, more, odd, past)] == [422, 303, 422, 422]
    with world.own() as session:
        days = session.scalars(sa.select(DutyShift.day).order_by(DutyShift.day)).all()
    assert days == [TOMORROW + timedelta(weeks=n) for n in range(3)]


def test_somebody_without_a_phone_is_entered_by_the_card_they_show(world, keeper, station, shift):
    elder, page = world.person("欧阳秀兰"), f"/staff/stations/{station.id}/shifts"
    with world.own() as session:
        statement = "UPDATE person SET card_no = '0042' WHERE id = :id"
        session.execute(sa.text(statement), {"id": elder.id})

    wrong = keeper.submit(f"/staff/shifts/{shift.id}/assign", shown_on=page, card_no="9999")
    right = keeper.submit(f"/staff/shifts/{shift.id}/assign", shown_on=page, card_no="0042")

    assert (wrong.status_code, right.status_code) == (422, 303)
    assert elder.display_name in keeper.get(page).text
    with world.own() as session:
        (turn,) = session.scalars(sa.select(DutyTurn)).all()
        assert turn.person_id == elder.id
        entries = session.scalars(sa.text("SELECT action FROM audit_entry")).all()
    assert "duty.assign" in entries


def test_only_who_is_known_at_the_station_is_entered_by_the_list(world, keeper, station, shift):
    stranger, page = world.person(), f"/staff/stations/{station.id}/shifts"

    with world.changes() as changed:
        answer = keeper.submit(
            f"/staff/shifts/{shift.id}/assign", shown_on=page, person_id=str(stranger.id)
        )

    assert answer.status_code == 422
    assert changed == {}


def test_a_shift_is_called_off_and_everybody_in_it_is_told(world, keeper, station, phone, shift):
    first, page = phone(), f"/staff/stations/{station.id}/shifts"
    take(first, shift)

    keeper.submit(f"/staff/shifts/{shift.id}/call-off", shown_on=page, reason="停电")

    assert "停电" in first.get("/messages").text
    assert "3月3日" not in first.get("/duties").text
    assert "还没有排班" in keeper.get(page).text


def test_a_shift_that_nobody_is_known_to_have_served_earns_nothing(world, phone, shift, hands):
    take(phone(), shift)
    hands.move(days=2)

    assert world.row_counts()["fact"] == 0


def test_the_day_page_says_who_is_on_duty(world, keeper, station, phone, shift):
    take(phone(), shift)

    page = keeper.get(f"/staff/stations/{station.id}/day").text

    assert "3月3日 周二 9:00–12:00" in page
    assert "还缺 1 位" in page
    with world.work() as session:
        assert rota.get_shift(session, shift.id).free == 1
