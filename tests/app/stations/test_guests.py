"""Riders at the door: two taps, no account, a number in a row, and nothing twice."""

import pytest
import sqlalchemy as sa

from app.core.db import acting_as
from app.stations import counting, jobs
from app.stations.models import GuestMark, StationTally
from tests.support.browser import Browser


@pytest.fixture
def warm(world):
    """A station for riders."""
    return world.station(name="暖新驿站", kind="warm_new_station", services=["rest", "hot_meal"])


@pytest.fixture
def code(world, warm):
    return world.code_of(warm)


def tallies(world):
    with world.own() as session:
        return session.scalars(sa.select(StationTally).order_by(StationTally.id)).all()


def test_a_rider_scans_taps_a_service_and_is_counted_and_nobody_knows_who(world, stranger, code):
    rider = stranger()

    with world.changes() as changed:
        shown = rider.get(f"/q/{code}")
        tapped = rider.tap(code, service="hot_meal")
        thanks = rider.get(tapped.location)

    assert (shown.status_code, shown.location) == (302, f"/s/{code}")
    assert (tapped.status_code, tapped.location) == (303, f"/s/{code}/done")
    assert "热饭" in thanks.text
    assert "登录" in thanks.text
    assert changed == {"guest_mark": 1, "station_tally": 1}
    (row,) = tallies(world)
    assert (row.service, row.visitor, row.people, row.counted) == ("hot_meal", "rider", 1, True)
    assert row.noted_by is None
    assert not world.holds_text("203.0.113.7")
    assert world.row_counts()["fact"] == 0


def test_as_whom_somebody_comes_may_be_said(world, stranger, code):
    stranger().tap(code, service="rest", visitor="driver")

    assert [row.visitor for row in tallies(world)] == ["driver"]


def test_who_taps_again_today_is_thanked_and_not_counted_and_tomorrow_is(
    world, stranger, code, hands
):
    rider = stranger()
    rider.tap(code, service="rest")

    with world.changes() as changed:
        again = rider.tap(code, service="hot_meal")
        assert "今天已经记过" in rider.get(again.location).text
    hands.move(days=1)
    rider.tap(code, service="rest")

    assert changed == {}
    assert len(tallies(world)) == 2


def test_what_comes_too_fast_from_one_address_is_written_down_and_not_counted(
    world, stranger, code, hands
):
    for _phone in range(counting.AT_ONCE + 2):
        stranger().tap(code, service="rest")
    stranger("203.0.113.8").tap(code, service="rest")
    hands.move(minutes=11)
    stranger().tap(code, service="rest")

    counted = [row.counted for row in tallies(world)]
    assert counted == [True] * counting.AT_ONCE + [False, False, True, True]


def test_phones_of_one_network_of_the_newer_kind_are_one_address(
    world, stranger, code, monkeypatch
):
    monkeypatch.setattr(counting, "AT_ONCE", 1)

    stranger("2001:db8:1:2::1").tap(code, service="rest")
    stranger("2001:db8:1:2::ffff").tap(code, service="rest")
    stranger("2001:db8:1:3::1").tap(code, service="rest")

    assert [row.counted for row in tallies(world)] == [True, False, True]


def test_a_station_counts_so_many_guests_a_day(world, stranger, code, monkeypatch):
    monkeypatch.setattr(counting, "A_STATION", 2)
    monkeypatch.setattr(counting, "DOUBTED", 1)

    answers = [stranger(f"203.0.113.{n}").tap(code, service="rest") for n in range(4)]

    assert [row.counted for row in tallies(world)] == [True, True, False]
    assert [answer.status_code for answer in answers] == [303, 303, 303, 429]
    assert "请找值班人员" in answers[-1].text
    assert answers[-1].headers["Retry-After"]


def test_twenty_four_taps_at_once_from_one_address_are_counted_as_ten(
    world, app, stranger, code, crowd
):
    phones = [stranger() for _ in range(24)]
    for phone in phones:
        phone.get(f"/s/{code}")

    crowd.at_once([lambda _api, one=one: one.tap(code, service="rest") for one in phones])

    counted = [row.counted for row in tallies(world)]
    assert (counted.count(True), counted.count(False)) == (counting.AT_ONCE, 14)


@pytest.mark.parametrize(
    ("fields", "chosen", "status", "said"),
    [
        pytest.param({"opens_minute": 780}, "rest", 409, "没有开放", id="closed"),
        pytest.param({}, "legal_aid", 422, "没有这项服务", id="a service it has not"),
    ],
)
def test_a_refused_tap_counts_nothing(world, stranger, fields, chosen, status, said):
    closed = world.code_of(world.station(services=["rest"], **fields))

    with world.changes() as changed:
        answer = stranger().tap(closed, service=chosen)

    assert answer.status_code == status
    assert said in answer.text
    assert changed == {}


def test_an_unknown_code_and_a_replaced_one_count_nothing(world, stranger, warm, code):
    world.revoke_code(warm)

    with world.changes() as changed:
        replaced = stranger().tap(code, service="rest")
        unknown = stranger().get("/s/S" + "x" * 22)

    assert (replaced.status_code, unknown.status_code) == (409, 404)
    assert warm.name in replaced.text
    assert changed == {}


def test_who_is_signed_in_comes_to_the_page_that_counts_for_them(world, api, lin, code, stranger):
    signed_in = Browser(world, api, lin)

    assert signed_in.get(f"/q/{code}").status_code == 200
    assert f"/login?next=/q/{code}" in stranger().get(f"/s/{code}").text


def test_what_phones_were_counted_by_is_let_go_of_after_a_day(
    world, app, settings, stranger, code, hands
):
    stranger().tap(code, service="rest")
    hands.move(hours=25)

    with app.app_context(), acting_as("worker", settings.worker_database_url):
        jobs.forget_marks([world.tenant_id])

    with world.own() as session:
        assert session.scalars(sa.select(GuestMark)).all() == []
    assert len(tallies(world)) == 1
