"""The stockroom and the counter at once: each piece leaves once, and every book agrees."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.support.crowd import outcomes
from tests.support.hands import NOON
from tests.support.stockroom import Stockroom, day


@pytest.fixture
def room(world, counter, crowd):
    secretary = world.staff("community_secretary")
    crowd.sign_in(counter.manager, secretary)
    return Stockroom(counter=counter, secretary=secretary)


def test_the_last_piece_is_written_off_once(world, counter, room, crowd):
    soap = world.item(counter.shop, name="肥皂", stock=1)

    answers = crowd.at_once([lambda api: room.lose(soap, 1, api=api)] * 8)

    assert outcomes(answers) == {"created": 1, "not_on_hand": 7}
    assert world.on_hand(soap) == 0
    assert world.violations() == []


def test_losses_at_once_are_no_way_around_the_second_person(world, counter, room, crowd):
    answers = crowd.at_once([lambda api: room.lose(counter.rice, 3, api=api)] * 3)

    assert sorted(one.json["state"] for one in answers) == ["booked", "pending", "pending"]
    assert world.on_hand(counter.rice) == 7


def test_a_count_and_sales_never_lose_a_piece(world, counter, room, crowd):
    shown = [counter.code(one) for one in world.people(6, points=16)]
    sales = [lambda api, code=code: counter.redeem(code, api=api) for code in shown]

    answers = crowd.at_once([*sales, lambda api: room.count(counter.rice, 9, expected=10, api=api)])

    found = outcomes(answers)
    assert found.pop("created") + found.pop("count_moved", 0) == 7
    assert found == {}
    left = 10 - 6 - (0 if "count_moved" in outcomes(answers) else 1)
    assert world.on_hand(counter.rice) == left
    assert world.violations() == []


def test_a_proposal_is_approved_once(world, counter, room, crowd):
    asked = room.lose(counter.rice, 6).json["proposal_id"]

    answers = crowd.at_once([lambda api: room.decide(asked, api=api)] * 6)

    assert sorted(one.status_code for one in answers) == [200, 409, 409, 409, 409, 409]
    assert world.on_hand(counter.rice) == 4
    assert world.violations() == []


def test_deliveries_at_once_have_numbers_of_their_own(world, counter, room, crowd):
    answers = crowd.at_once([lambda api: room.buy(counter.rice, 1, api=api)] * 6)

    numbers = {one.json["delivery"]["number"] for one in answers}
    assert numbers == {f"购2026-{number:04d}" for number in range(1, 7)}
    assert world.on_hand(counter.rice) == 16


def test_a_new_price_meanwhile_is_not_the_price_of_a_sale(world, counter, room, crowd, hands):
    lin, late = world.people(2, points=30)
    codes = [counter.code(lin)]
    reprice = {"points": 20, "valid_from": day(7)}
    path = f"/items/{counter.rice.id}/prices"

    answers = crowd.at_once(
        [
            lambda api: counter.redeem(codes[0], api=api),
            lambda api: api.post(path, as_=counter.manager, key=uuid4().hex, **reprice),
        ]
    )
    hands.move(days=7)
    after = counter.redeem(counter.code(late))

    assert outcomes(answers) == {"created": 2}
    assert (world.points_of(lin), after.json["redemption"]["cost"]) == (14, 20)
    assert world.now().date() == NOON.date() + timedelta(days=7)
    assert world.violations() == []


def test_one_person_at_two_counters_gets_one_share(world, counter, room, crowd):
    oil = world.item(counter.shop, name="食用油", points=2, stock=9, quarter_limit=1)
    lin = world.person(points=20)
    shown = [counter.code(lin), counter.code(lin)]

    answers = crowd.at_once(
        [lambda api, code=code: counter.redeem(code, item=oil, api=api) for code in shown]
    )

    assert outcomes(answers) == {"created": 1, "quarter_used": 1}
    assert (world.on_hand(oil), world.points_of(lin)) == (8, 18)
