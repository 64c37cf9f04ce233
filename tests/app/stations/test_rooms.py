"""Rooms that are shared: had by one at a time, within the hours, and given back."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.stations import booking, editing
from app.stations.booking import Furnished
from app.stations.hours import every_day
from tests.support.browser import Browser
from tests.support.client import NOWHERE
from tests.support.crowd import outcomes
from tests.support.hands import NOON
from tests.support.refusals import refusal
from tests.support.stationing import principal_of

TOMORROW = str(NOON.date() + timedelta(days=1))


@pytest.fixture
def station(world):
    return world.station(name="明德驿站", opens_minute=8 * 60, closes_minute=21 * 60)


@pytest.fixture
def room(world, station):
    keeper = principal_of(world, world.staff("station_manager"))
    furnished = Furnished(name="议事厅", capacity=20, equipment="投影")
    with world.work() as session:
        return booking.add_room(session, furnished, me=keeper, station_id=station.id)


@pytest.fixture
def book(api, room):
    def book(who, start=600, end=660, *, client=None, **said):
        wish = {"day": TOMORROW, "purpose": "读书会", **said}
        wish |= {"from_minute": start, "to_minute": end}
        return (client or api).post(f"/rooms/{room.id}/bookings", as_=who, **wish)

    return book


def test_a_room_is_had_and_nobody_else_has_it_then(api, world, station, book, lin):
    wang = world.person()

    had = book(lin, 600, 690, people=12)
    with world.changes() as changed:
        overlapping = [book(wang, *span) for span in ((630, 660), (570, 630), (660, 720))]
    beside = book(wang, 690, 750)

    assert had.status_code == beside.status_code == 201
    assert {refusal(answer) for answer in overlapping} == {(409, "room_taken")}
    assert changed == {}
    free = api.get(f"/stations/{station.id}/rooms", as_=wang, day=TOMORROW).json["items"][0]["free"]
    assert {570, 750} <= set(free)
    assert not {600, 630, 660, 690, 720} & set(free)
    assert world.violations() == []


def test_the_very_same_asked_for_again_is_the_booking_there_is(world, book, lin):
    first = book(lin)

    with world.changes() as changed:
        again = book(lin)

    assert again.json == first.json
    assert changed == {}


@pytest.mark.parametrize(
    ("span", "said"),
    [
        pytest.param((600, 600), {}, id="no time at all"),
        pytest.param((605, 660), {}, id="no half hour"),
        pytest.param((600, 1110), {}, id="too long"),
        pytest.param((420, 540), {}, id="before the doors open"),
        pytest.param((1230, 1290), {}, id="after they shut"),
        pytest.param((600, 660), {"day": str(NOON.date())}, id="over already"),
        pytest.param((600, 660), {"day": "2026-03-17"}, id="too far ahead"),
        pytest.param((600, 660), {"people": 21}, id="too many people"),
    ],
)
def test_what_a_room_is_not_for_is_refused(world, book, lin, span, said):
    with world.changes() as changed:
        answer = book(lin, *span, **said)

    assert refusal(answer) == (409, "booking_wrong")
    assert changed == {}


def test_nobody_hoards_rooms(world, book, lin):
    for start in (480, 540, 600):
        book(lin, start, start + 60)

    with world.changes() as changed:
        answer = book(lin, 660, 720)

    assert refusal(answer) == (409, "bookings_too_many")
    assert changed == {}


def test_twenty_who_want_one_half_hour_at_once_are_one_who_has_it(world, book, crowd):
    people = world.people(20)
    crowd.sign_in(*people)

    answers = crowd.at_once(
        [
            lambda phone, one=one, shift=number % 2: book(one, 600 + 30 * shift, 720, client=phone)
            for number, one in enumerate(people)
        ]
    )

    assert outcomes(answers) == {"created": 1, "room_taken": 19}
    assert world.row_counts()["room_booking"] == 1
    assert world.violations() == []


def test_one_person_at_once_has_no_more_than_three(world, book, lin, crowd):
    crowd.sign_in(lin)
    starts = range(480, 480 + 8 * 60, 60)

    answers = crowd.at_once(
        [lambda phone, at=at: book(lin, at, at + 30, client=phone) for at in starts]
    )

    assert outcomes(answers) == {"created": 3, "bookings_too_many": 5}


def test_a_booking_is_given_back_until_it_begins_and_another_has_the_room(
    api, world, book, lin, hands
):
    wang, id_ = world.person(), book(lin).json["id"]

    assert api.delete(f"/bookings/{id_}", as_=lin).json["state"] == "cancelled"
    assert api.delete(f"/bookings/{id_}", as_=lin).status_code == 200
    taken = book(wang).json["id"]
    hands.move(hours=22)
    with world.changes() as changed:
        begun = api.delete(f"/bookings/{taken}", as_=wang)

    assert refusal(begun) == (409, "booking_begun")
    assert changed == {}
    assert [one["state"] for one in api.get("/me/bookings", as_=lin).json["items"]] == ["cancelled"]


def test_the_booking_of_somebody_else_is_none(api, world, book, lin):
    id_ = book(lin).json["id"]
    api.request_id = "one-and-the-same"

    theirs = api.delete(f"/bookings/{id_}", as_=world.person())
    none = api.delete(f"/bookings/{NOWHERE}", as_=world.person())

    assert refusal(theirs) == (404, "booking_unknown")
    assert theirs.data == none.data


def test_a_day_that_is_different_takes_no_bookings(api, world, station, room, book, lin):
    keeper = Browser(world, api, world.staff("station_manager"))
    edit = f"/staff/stations/{station.id}/edit"
    keeper.submit(
        f"/staff/stations/{station.id}/exceptions",
        shown_on=edit,
        day=TOMORROW,
        spans="休息",
        reason="检修",
    )

    assert refusal(book(lin)) == (409, "booking_wrong")


def test_the_manager_cancels_for_a_reason_and_the_person_is_told(
    api, world, station, book, keeper, lin
):
    id_, day = book(lin).json["id"], f"/staff/stations/{station.id}/day"
    assert "读书会" in keeper.get(day).text

    unsaid = keeper.submit(f"/staff/bookings/{id_}/cancel", shown_on=day, reason="")
    said = keeper.submit(f"/staff/bookings/{id_}/cancel", shown_on=day, reason="检修", next=day)

    assert (unsaid.status_code, said.status_code, said.location) == (422, 303, day)
    assert "读书会" not in keeper.get(day).text
    told = Browser(world, api, lin).get("/messages").text
    assert "明德驿站议事厅" in told
    assert "检修" in told
    query = "SELECT reason FROM audit_entry WHERE action = 'room_booking.cancel'"
    with world.own() as session:
        assert session.scalars(sa.text(query)).all() == ["检修"]
    assert world.violations() == []


def test_a_room_is_booked_on_its_page_and_seen_among_ones_own(world, browser, room):
    page = f"/rooms/{room.id}?day={TOMORROW}"
    assert "10:00 空" in browser.get(page).text
    wish = {"day": TOMORROW, "from": "600", "to": "660", "people": "5", "purpose": "象棋比赛"}

    sent = browser.submit(f"/rooms/{room.id}", shown_on=page, **wish)
    late = browser.submit(f"/rooms/{room.id}", shown_on=page, **{**wish, "from": "630"})

    assert (sent.status_code, sent.location) == (303, "/bookings")
    assert late.status_code == 409
    assert "已经有人约了" in late.text
    shown = browser.get("/bookings").text
    assert "象棋比赛" in shown
    assert "3月3日 周二 10:00–11:00" in shown
    assert "10:00 有人" in browser.get(page).text


def test_a_closed_room_and_one_of_a_station_out_of_service_are_none(world, book, lin, room, api):
    keeper = principal_of(world, world.staff("station_manager"))
    with world.work() as session:
        booking.close_room(session, me=keeper, room_id=room.id, now=NOON)

    assert refusal(book(lin)) == (404, "room_unknown")
    assert refusal(
        api.post(
            f"/rooms/{NOWHERE}/bookings",
            as_=lin,
            day=TOMORROW,
            from_minute=600,
            to_minute=660,
            purpose="读书会",
        )
    ) == (404, "room_unknown")


def test_whoever_wants_to_be_forgotten_gives_their_rooms_back_first(world, book, browser, lin):
    book(lin, purpose="林小燕的生日会")

    page = browser.get("/me/erasure").text

    assert "先在“我的预约”里取消或用完" in page


def test_hours_that_overlap_by_a_break_hold_no_booking_over_it(world, station, book, lin):
    with world.work() as session:
        editing.keep_week(session, station.id, every_day(480, 630))

    assert refusal(book(lin, 600, 660)) == (409, "booking_wrong")
    assert book(lin, 600, 630).status_code == 201
