"""A day that a station shuts: who had a room or a turn then is told, and nobody comes in after."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.core.errors import DomainError
from app.stations import booking, editing, turns
from app.stations.booking import Furnished, Wish
from app.stations.hours import Exceptional, Span, every_day
from app.stations.models import DutyShift, RoomBooking
from app.stations.turns import Plan
from tests.support.browser import Browser
from tests.support.hands import NOON
from tests.support.stationing import principal_of

DAY = NOON.date() + timedelta(days=2)
MORNING, AFTERNOON = Span(540, 720), Span(840, 960)


@pytest.fixture
def station(world):
    return world.station(name="明德驿站", opens_minute=480, closes_minute=1260)


@pytest.fixture
def head(world):
    return principal_of(world, world.staff("community_secretary"))


@pytest.fixture
def room(world, station, head):
    furnished = Furnished(name="议事厅", capacity=20, equipment="投影")
    with world.work() as session:
        return booking.add_room(session, furnished, me=head, station_id=station.id)


def book(world, room, person, span, *, day=DAY):
    wish = Wish(room_id=room.id, day=day, span=span, people=5, purpose="读书会")
    with world.work() as session:
        booking.book(session, wish, me=principal_of(world, person), now=NOON)


def roster(world, station, head, span, *people):
    with world.work() as session:
        plan = Plan(day=DAY, span=span, wanted=2, task="接待")
        (shift,) = turns.plan_shifts(session, plan, me=head, station_id=station.id, now=NOON)
        for one in people:
            turns.take(session, me=principal_of(world, one), shift_id=shift.id, now=NOON)


def shut(world, station, head, *spans):
    different = Exceptional(day=DAY, reason="电路检修", spans=spans)
    with world.work() as session:
        editing.set_exception(session, different, me=head, station_id=station.id, now=NOON)


def standing(world):
    """The bookings that stand, and the shifts that were not called off."""
    with world.own() as session:
        booked = sa.select(RoomBooking.day, RoomBooking.from_minute).filter_by(state="booked")
        kept = sa.select(DutyShift.day, DutyShift.from_minute).filter_by(called_off_at=None)
        return [sorted(tuple(row) for row in session.execute(query)) for query in (booked, kept)]


def test_what_no_longer_fits_is_called_off_and_everybody_is_told(world, api, station, head, room):
    lin, wang = world.person(), world.person("王敏")
    book(world, room, lin, MORNING)
    book(world, room, lin, AFTERNOON)
    book(world, room, lin, MORNING, day=DAY + timedelta(days=1))
    roster(world, station, head, MORNING, wang)
    roster(world, station, head, AFTERNOON)

    shut(world, station, head, Span(840, 1260))

    morrow = (DAY + timedelta(days=1), 540)
    assert standing(world) == [[(DAY, 840), morrow], [(DAY, 840)]]
    told = Browser(world, api, lin).get("/messages").text
    assert told.count("电路检修") == 1
    assert "电路检修" in Browser(world, api, wang).get("/messages").text
    assert world.violations() == []

    shut(world, station, head)
    assert standing(world) == [[morrow], []]
    with pytest.raises(DomainError, match="电路检修"):
        roster(world, station, head, MORNING)


def test_nobody_gets_a_room_or_a_turn_while_the_day_is_being_shut(
    world, station, head, room, crowd
):
    people = [principal_of(world, one) for one in world.people(8)]

    def wants(number, me):
        span = Span(540 + 60 * number, 600 + 60 * number)
        wish = Wish(room_id=room.id, day=DAY, span=span, people=1, purpose="读书会")
        plan = Plan(day=DAY, span=span, wanted=1, task="接待")

        def deed(_phone):
            return attempt(
                lambda session: (
                    booking.book(session, wish, me=me, now=NOON),
                    turns.plan_shifts(session, plan, me=head, station_id=station.id, now=NOON),
                )
            )

        return deed

    def attempt(deed):
        try:
            with world.work() as session:
                deed(session)
        except DomainError as refusal:
            return refusal.code
        return "done"

    def shutting(_phone):
        shut(world, station, head)
        return "shut"

    deeds = [wants(number, me) for number, me in enumerate(people)]
    crowd.at_once([*deeds[:4], shutting, *deeds[4:]])

    assert standing(world) == [[], []]
    assert world.violations() == []


def test_another_week_leaves_what_was_booked_alone(world, station, head, room):
    book(world, room, world.person(), MORNING)

    with world.work() as session:
        editing.set_week(session, every_day(480, 1200), me=head, station_id=station.id, now=NOON)

    assert standing(world)[0] == [(DAY, 540)]


def test_a_shorter_week_calls_off_what_no_longer_fits_and_leaves_what_never_did(
    world, api, station, head, room
):
    lin, wang = world.person(), world.person("王敏")
    book(world, room, lin, MORNING)
    book(world, room, lin, AFTERNOON)
    roster(world, station, head, Span(0, 60))  # with the doors shut, to clean
    roster(world, station, head, MORNING, wang)
    roster(world, station, head, AFTERNOON)

    with world.work() as session:
        editing.set_week(session, every_day(780, 1200), me=head, station_id=station.id, now=NOON)

    assert standing(world) == [[(DAY, 840)], [(DAY, 0), (DAY, 840)]]
    for one in (lin, wang):
        assert "开放时间有调整" in Browser(world, api, one).get("/messages").text


def test_out_of_service_a_station_keeps_nothing_that_was_to_come(world, api, station, head, room):
    lin, wang = world.person(), world.person("王敏")
    book(world, room, lin, MORNING)
    roster(world, station, head, AFTERNOON, wang)

    with world.work() as session:
        editing.set_service(session, me=head, station_id=station.id, closed=True, now=NOON)

    assert standing(world) == [[], []]
    for one in (lin, wang):
        assert "驿站停用" in Browser(world, api, one).get("/messages").text
    with pytest.raises(DomainError):
        book(world, room, lin, MORNING)
    with pytest.raises(DomainError, match="停用"):
        roster(world, station, head, MORNING)
