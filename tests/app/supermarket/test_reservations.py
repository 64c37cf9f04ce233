"""Goods that wait: kept with their points, fetched with a code, or free again."""

from datetime import timedelta
from uuid import uuid4

import pytest

from app.core import clock
from tests.support.orders import Orders


@pytest.fixture
def orders(world, counter):
    return Orders(world, counter)


@pytest.fixture
def lin(world):
    return world.person(points=40)


def test_what_is_reserved_is_held_with_its_points_and_told(world, counter, orders, lin):
    with world.changes() as changed:
        kept = orders.reserve(lin, quantity=2)

    assert (kept["state"], kept["cost"], len(kept["code"])) == ("open", 32, 8)
    assert set(kept["code"]) <= set("23456789ABCDEFGHJKMNPQRSTUVWXYZ")
    assert world.shelf(counter.rice) == [(10, 2)]
    assert world.points_of(lin) == 8
    assert (changed["reservation"], changed["hold"], changed["notice"]) == (1, 1, 1)
    assert orders.on_shelf(lin) == 8
    assert world.violations() == []


def test_the_same_key_is_the_same_reservation(world, counter, orders, lin):
    key = uuid4().hex

    first, again = (orders.reserving(lin, key=key) for _ in range(2))

    assert first.data == again.data
    assert world.shelf(counter.rice) == [(10, 1)]


def test_what_was_reserved_is_fetched_once_with_its_code(world, counter, orders, lin):
    kept = orders.reserve(lin, quantity=2)

    fetched = orders.fetching(kept["code"].lower())
    again = orders.fetching(kept["code"])

    assert fetched.status_code == 201, fetched.json
    sold = fetched.json["redemption"]
    assert (sold["id"], sold["cost"], sold["balance_after"]) == (kept["id"], 32, 8)
    assert (again.status_code, again.json["code"]) == (409, "code_used")
    assert world.shelf(counter.rice) == [(8, 0)]
    assert world.points_of(lin) == 8
    assert world.violations() == []


def test_who_takes_less_has_the_rest_back(world, counter, orders, lin):
    kept = orders.reserve(lin, quantity=2)

    fetched = orders.fetching(kept["code"], lines=[(counter.rice, 1)])

    assert fetched.json["redemption"]["cost"] == 16
    assert world.shelf(counter.rice) == [(9, 0)]
    assert world.points_of(lin) == 24
    assert world.violations() == []


def test_more_than_was_reserved_is_not_handed_over(world, counter, orders, lin):
    kept = orders.reserve(lin, quantity=1)

    with world.changes() as changed:
        refused = orders.fetching(kept["code"], lines=[(counter.rice, 2)])

    assert (refused.status_code, refused.json["code"]) == (422, "quantity_wrong")
    assert changed == {}


def test_the_price_is_that_of_the_day_of_the_reservation(world, counter, orders, lin, hands):
    orders.reprice(20, on=hands().date())
    hands.move(days=5)
    kept = orders.reserve(lin)
    hands.move(days=2, hours=23)

    assert orders.fetching(kept["code"]).json["redemption"]["cost"] == 16


def test_cancelling_frees_points_and_goods_and_the_code_is_dead(world, counter, orders, lin):
    kept = orders.reserve(lin)

    gone = orders.cancelling(lin, kept["id"])
    again = orders.cancelling(lin, kept["id"])

    assert (gone.status_code, gone.json["reservation"]["state"]) == (200, "cancelled")
    assert (again.status_code, again.json["code"]) == (409, "reservation_over")
    assert orders.fetching(kept["code"]).json["code"] == "code_expired"
    assert (world.shelf(counter.rice), world.points_of(lin)) == ([(10, 0)], 40)
    assert world.violations() == []


def test_nobody_cancels_what_is_somebody_elses(world, orders, lin):
    kept = orders.reserve(lin)

    wu = world.person()
    orders.list_own(wu)

    with world.changes() as changed:
        refused = orders.cancelling(wu, kept["id"])

    assert (refused.status_code, refused.json["code"]) == (404, "reservation_unknown")
    assert set(changed) <= {"idempotency"}


def test_what_nobody_came_for_is_free_again_and_told_a_day_before(
    world, counter, orders, lin, hands
):
    orders.reserve(lin)
    hands.move(hours=49)
    orders.sweep()
    orders.sweep()
    assert orders.told(lin) == {"goods_reserved": 1, "reservation_ending": 1}
    hands.move(hours=23, minutes=10)
    assert orders.sweep() == 0  # a quarter of an hour for who stands in the queue
    hands.move(minutes=10)

    assert orders.sweep() == 1

    assert (world.shelf(counter.rice), world.points_of(lin)) == ([(10, 0)], 40)
    assert orders.told(lin)["reservation_lapsed"] == 1
    assert orders.list_own(lin)[0]["state"] == "lapsed"
    assert world.violations() == []


@pytest.mark.parametrize(
    ("quantity", "points", "code", "say"),
    [(11, 200, "sold_out", "只剩 10"), (1, 4, "insufficient_points", "还差 12 分")],
)
def test_what_cannot_be_kept_changes_nothing(world, orders, quantity, points, code, say):
    wu = world.person(points=points)

    with world.changes() as changed:
        refused = orders.reserving(wu, quantity=quantity)

    assert (refused.status_code, refused.json["code"]) == (409, code)
    assert say in refused.json["detail"]
    assert "兑换码" not in refused.json["detail"]
    assert set(changed) <= {"idempotency"}


def test_nobody_hands_over_to_themself(world, counter, orders):
    world.give(counter.manager, 20)
    kept = orders.reserve(counter.manager)

    refused = orders.fetching(kept["code"])

    assert (refused.status_code, refused.json["code"]) == (409, "self_redemption")
    assert world.violations() == []


def test_a_code_opens_its_own_shop_only_and_five_guesses_are_all(world, api, counter, orders, lin):
    kept = orders.reserve(lin)
    there = type(counter).open(world, api, name="Second shop")

    elsewhere = Orders(world, there).fetching(kept["code"])
    guesses = [orders.fetching(f"2345678{letter}") for letter in "9ABCDE"]

    assert (elsewhere.status_code, elsewhere.json["code"]) == (404, "code_unknown")
    assert [one.json["code"] for one in guesses] == ["code_unknown"] * 5 + ["too_many_misses"]
    assert world.shelf(counter.rice) == [(10, 1)]


def test_four_at_once_are_one_too_many(world, orders):
    wu = world.person(points=100)
    for _ in range(3):
        orders.reserve(wu)

    refused = orders.reserving(wu)

    assert (refused.status_code, refused.json["code"]) == (409, "reservations_full")


def test_a_delegate_reserves_and_fetches_within_the_mandate(world, api, counter, orders, hands):
    mother, son = world.people(2, points=40)
    world.household(mother, son)
    api.post("/me/delegates", as_=mother, delegate_id=str(son.id), acts=["redeem"], daily_limit=20)

    kept = orders.reserve(son, on_behalf_of=mother)
    beyond = orders.reserving(son, on_behalf_of=mother)
    sold = orders.fetching(kept["code"])

    assert (beyond.status_code, beyond.json["code"]) == (409, "mandate_exceeded")
    assert sold.status_code == 201
    assert (world.points_of(mother), world.points_of(son)) == (24, 40)
    assert world.violations() == []


def test_a_scanned_pick_up_code_says_what_it_is(api, orders, lin, counter):
    kept = orders.reserve(lin)

    found = api.post("/scans", as_=counter.manager, text=kept["code"])

    assert (found.status_code, found.json["kind"]) == (200, "pickup")
    assert found.json["actions"][0]["operation"] == "pickUp"


def test_neither_the_code_nor_who_it_is_for_is_logged(orders, lin, log_lines):
    kept = orders.reserve(lin)
    orders.fetching(kept["code"])

    assert not [line for line in log_lines() if kept["code"] in line or str(lin.id) in line]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"open_days": [31]}, "shop_closed"),
        ({"min_balance": 50}, "balance_too_low"),
        ({"per_order_max": 10}, "order_too_large"),
    ],
)
def test_the_policy_says_when_and_how_much(world, counter, orders, lin, said, code):
    orders.rule(redemption=said)

    with world.changes() as changed:
        refused = counter.redeem(counter.code(lin))

    assert (refused.status_code, refused.json["code"]) == (409, code)
    assert set(changed) <= {"redeem_code", "redemption", "idempotency"}


def test_a_quarter_has_so_many_orders_and_pieces_reserved_ones_too(world, counter, orders, lin):
    orders.rule(
        redemption={"per_person_per_quarter_orders": 2, "per_item_per_person_per_quarter": 3}
    )
    wu = world.person(points=100)
    orders.reserve(lin)
    orders.reserve(wu, quantity=2)

    pieces = counter.redeem(counter.code(wu), quantity=2)
    taken = counter.redeem(counter.code(wu))
    often = orders.reserving(wu)

    assert (pieces.json["code"], taken.status_code) == ("quarter_used", 201)
    assert "还能换 1" in pieces.json["detail"]
    assert (often.status_code, often.json["code"]) == (409, "quarter_used")
    assert world.violations() == []


def test_who_is_only_judged_takes_no_goods(counter, orders, lin):
    orders.rule(redeemable_by=["volunteer_of_the_moon"])

    assert counter.redeem(counter.code(lin)).json["code"] == "not_redeemable"


def test_what_goods_held_for_seventy_two_hours_keep_until_then(world, counter, orders, lin):
    milk = world.item(counter.shop, name="牛奶", points=2, stock=0, unit="盒")
    day = clock.civil_day(world.now())
    world.deliver(milk, 3, best_before=day + timedelta(days=1))
    world.deliver(milk, 3, best_before=day + timedelta(days=30))

    orders.reserve(lin, item=milk, quantity=3)
    refused = orders.reserving(lin, item=milk)

    assert world.shelf(milk) == [(3, 0), (3, 3)]
    assert refused.json["code"] == "sold_out"
