"""What is on the shelf: it comes as deliveries, goes batch by batch, and each move once."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from app.core.errors import DomainError
from app.supermarket import goods, shelves
from app.supermarket.errors import (
    DeliveryInvalid,
    GoodsForbidden,
    ItemWrong,
    NotOnHand,
    PriceTooSoon,
    PriceTwice,
    ReturnedTwice,
    SoldOut,
)
from app.supermarket.goods import Said
from app.supermarket.kinds import MoveKind
from app.supermarket.shelves import Cause, Want
from tests.support.hands import NOON

TODAY = NOON.date()


def days(number):
    return TODAY + timedelta(days=number)


@pytest.fixture
def milk(world, counter):
    """Three cartons that end tomorrow, and five that end in a month."""
    milk = world.item(counter.shop, name="牛奶", points=2, stock=0, unit="盒", category="drink")
    world.deliver(milk, 5, best_before=days(30))
    world.deliver(milk, 3, best_before=days(1))
    return milk


def want(item, quantity):
    return [Want(item_id=item.id, name=item.name, unit=item.unit, quantity=quantity)]


def cause(counter, kind, **fields):
    hand = counter.manager.id
    said = {"reference": f"test:{uuid4()}", "day": TODAY, "at": NOON, "entered_by": hand}
    return Cause(**{**said, "kind": kind, **fields})


def test_a_delivery_is_a_batch_with_its_move(world, counter):
    with world.changes() as changed:
        world.deliver(counter.rice, 20, best_before=days(90))

    assert world.shelf(counter.rice) == [(20, 0), (10, 0)]
    assert changed == {"delivery": 1, "batch": 1, "stock": 1, "stock_move": 1}
    assert world.violations() == []


def test_the_same_delivery_again_changes_nothing(world, counter):
    world.deliver(counter.rice, 20, reference="delivery 7")

    with world.changes() as changed:
        assert world.deliver(counter.rice, 20, reference="delivery 7") is None

    assert changed == {}
    assert world.on_hand(counter.rice) == 30


def test_what_ends_first_goes_first_and_one_line_may_take_from_two_batches(world, counter, milk):
    lin = world.person(points=20)

    with world.changes() as changed:
        sold = counter.redeem(counter.code(lin), item=milk, quantity=4)

    assert sold.status_code == 201
    assert world.shelf(milk) == [(0, 0), (4, 0)]
    assert (changed["stock_move"], changed["redemption_line"]) == (2, 1)
    assert world.violations() == []


def test_what_is_past_its_day_is_neither_shown_nor_given(api, world, counter, milk, hands):
    lin = world.person(points=20)
    hands.move(days=2)

    shown = api.get(f"/shops/{counter.shop.id}/items", as_=lin).json["items"]
    refused = counter.redeem(counter.code(lin), item=milk, quantity=6)

    assert [one["available"] for one in shown if one["name"] == "牛奶"] == [5]
    assert (refused.status_code, refused.json["code"]) == (409, "sold_out")
    assert "只剩 5 盒" in refused.json["detail"]
    assert world.shelf(milk) == [(3, 0), (5, 0)]


def test_whoever_sees_spoilt_goods_on_the_shelf_hears_that_they_are_spoilt(
    world, counter, milk, hands
):
    lin = world.person(points=20)
    hands.move(days=60)

    refused = counter.redeem(counter.code(lin), item=milk, quantity=1)

    assert refused.json["code"] == "sold_out"
    assert "牛奶只剩过期的 8 盒，不能兑出，请下架报损" in refused.json["detail"]
    assert world.shelf(milk) == [(3, 0), (5, 0)]


def test_what_is_held_is_nobody_elses_until_it_is_released(world, counter, milk):
    lin = world.person(points=20)
    with world.work() as session:
        parts = shelves.hold(session, want(milk, 4), until=days(3))

    refused = counter.redeem(counter.code(lin), item=milk, quantity=5)
    with world.work() as session:
        shelves.release(session, parts)
    sold = counter.redeem(counter.code(lin), item=milk, quantity=5)

    assert refused.json["code"] == "sold_out"
    assert sold.status_code == 201
    assert world.shelf(milk) == [(0, 0), (3, 0)]
    assert world.violations() == []


def test_what_is_held_comes_out_of_batches_that_last_until_it_is_fetched(world, counter, milk):
    with world.work() as session:
        (part,) = shelves.hold(session, want(milk, 3), until=days(3))
    assert world.shelf(milk) == [(3, 0), (5, 3)]

    lin = world.person(points=20)
    sold = UUID(counter.redeem(counter.code(lin)).json["redemption"]["id"])
    with world.work() as session:
        fetched = cause(counter, MoveKind.REDEMPTION, redemption_id=sold)
        shelves.take_held(session, [part], fetched)

    assert world.shelf(milk) == [(3, 0), (2, 0)]


def test_more_than_is_there_for_the_whole_time_is_not_held(world, milk):
    with pytest.raises(SoldOut), world.work() as session:
        shelves.hold(session, want(milk, 6), until=days(3))

    assert world.shelf(milk) == [(3, 0), (5, 0)]


def test_what_comes_back_goes_where_it_came_from_and_only_once(world, counter, milk):
    lin = world.person(points=20)
    sold = counter.redeem(counter.code(lin), item=milk, quantity=4).json["redemption"]["id"]
    back = cause(counter, MoveKind.RETURN, redemption_id=sold, reason="胀包")
    with world.work() as session:
        shelves.put_back(session, want(milk, 4), back)
    assert world.shelf(milk) == [(3, 0), (5, 0)]
    assert world.violations() == []

    with pytest.raises(ReturnedTwice), world.work() as session:
        shelves.put_back(session, want(milk, 1), back)


def test_what_is_held_cannot_be_written_off(world, counter, milk):
    with world.work() as session:
        (part,) = shelves.hold(session, want(milk, 4), until=days(3))

    lost = cause(counter, MoveKind.WRITE_OFF, reason="破损")
    with world.work() as session:
        shelves.correct(session, part.batch_id, delta=-1, cause=lost)
    with pytest.raises(NotOnHand, match="4 件已被预约"), world.work() as session:
        shelves.correct(session, part.batch_id, delta=-1, cause=lost)

    assert world.shelf(milk) == [(3, 0), (4, 4)]


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"category": "tobacco"}, GoodsForbidden),
        ({"category": "cash_like"}, GoodsForbidden),
        ({"category": "weapons"}, ItemWrong),
        ({"category": "service"}, ItemWrong),
        ({"merchant": "理发店"}, ItemWrong),
    ],
)
def test_some_things_are_never_put_up(world, counter, said, refusal):
    with pytest.raises(refusal):
        world.item(counter.shop, name="不行的", **said)


def test_food_must_say_how_long_it_keeps_and_keep(world, counter):
    bread = world.item(counter.shop, name="面包", stock=0, category="food")

    for best_before, say in ((None, "要填保质期"), (days(-1), "已过保质期")):
        with pytest.raises(DeliveryInvalid, match=say):
            world.buy(bread, 3, by=counter.manager, best_before=best_before, on=TODAY)
    world.buy(bread, 3, by=counter.manager, best_before=days(0), on=TODAY)

    assert world.on_hand(bread) == 3
    assert world.violations() == []


def test_a_new_price_counts_from_its_day_and_was_said_a_week_before(api, world, counter, hands):
    def reprice(points, valid_from):
        by = {"on": TODAY, "at": NOON, "by": counter.manager.id}
        said = Said(points=points, valid_from=valid_from, **by)
        with world.work() as session:
            goods.reprice(session, counter.rice, said)

    def price():
        lin = world.person()
        (rice,) = api.get(f"/shops/{counter.shop.id}/items", as_=lin).json["items"]
        return rice["points"]

    for day, refusal in ((6, PriceTooSoon), (0, PriceTooSoon)):
        with pytest.raises(refusal):
            reprice(20, days(day))
    reprice(20, days(7))
    with pytest.raises(PriceTwice):
        reprice(21, days(7))
    before = price()
    hands.move(days=7)

    assert (before, price()) == (16, 20)


def test_two_items_of_a_shop_have_no_number_in_common(world, counter):
    world.item(counter.shop, sku="1", barcode="6901234567892")

    for said in ({"sku": "1"}, {"sku": "2", "barcode": "6901234567892"}):
        with pytest.raises(DomainError, match="已经用在别的商品上"):
            world.item(counter.shop, **said)
