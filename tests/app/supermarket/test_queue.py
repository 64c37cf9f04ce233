"""What changes while somebody stands in the queue: it is told as it is when the sale is made."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.support.browser import Browser
from tests.support.orders import Orders
from tests.support.refusals import refusal

BEFORE_MIDNIGHT = {"hours": 11, "minutes": 59, "seconds": 40}  # after noon
HOURS = sa.text("UPDATE shop SET closes_minute = :minute WHERE id = :id")


@pytest.fixture
def orders(world, counter):
    return Orders(world, counter)


@pytest.fixture
def at_the_desk(world, api, counter):
    """The counter's page, in a browser that signs in only when it is used."""

    def send(action="", **fields):
        desk, where = Browser(world, api, counter.manager), f"/counter/{counter.shop.id}"
        return desk.submit(path=f"{where}{action}", shown_on=where, **fields)

    return send


@pytest.fixture
def basket(counter):
    """One bag of rice, as the page had it this morning."""

    def basket(shown, key):
        rice = {f"qty-{counter.rice.id}": "1", f"price-{counter.rice.id}": "16"}
        return {"redeem_code": shown, "idempotency_key": key * 16, **rice}

    return basket


def test_points_that_were_reserved_since_the_look_are_not_spent(
    world, counter, orders, at_the_desk
):
    lin = world.person(points=40)
    shown = counter.code(lin)
    looked = at_the_desk("/look", redeem_code=shown)

    orders.reserve(lin, quantity=2)
    answer = counter.redeem(shown)

    assert 'data-available="40"' in looked.text
    assert refusal(answer) == (409, "insufficient_points")
    assert "可用积分 8 分，还差 8 分" in answer.json["detail"]
    again = at_the_desk("/look", redeem_code=counter.code(lin))
    assert 'data-available="8"' in again.text
    assert (world.points_of(lin), world.shelf(counter.rice)) == (8, [(10, 2)])
    assert world.violations() == []


def test_points_that_lapsed_since_the_look_are_not_spent(world, counter, hands, at_the_desk):
    lin = world.person(points=40)
    hands.move(days=(hands().date().replace(year=2027, month=12, day=31) - hands().date()).days)
    hands.move(**BEFORE_MIDNIGHT)
    shown = counter.code(lin)
    looked = at_the_desk("/look", redeem_code=shown)

    hands.move(seconds=30)
    answer = counter.redeem(shown)

    assert 'data-available="40"' in looked.text
    assert refusal(answer) == (409, "insufficient_points")
    assert "可用积分 0 分，还差 16 分" in answer.json["detail"]
    assert world.on_hand(counter.rice) == 10
    assert world.violations() == []


def test_a_page_of_yesterday_says_the_new_price_and_the_code_stays_good(
    world, counter, orders, hands, at_the_desk, basket
):
    lin = world.person(points=40)
    orders.reprice(20, on=hands().date() - timedelta(days=6))
    hands.move(**BEFORE_MIDNIGHT)
    shown = counter.code(lin)

    hands.move(seconds=30)
    refused = at_the_desk(**basket(shown, "a"))
    seen = at_the_desk(**basket(shown, "b") | {f"price-{counter.rice.id}": "20"})

    assert refused.status_code == 409
    assert "价格有变动，现在共 20 分（刚才显示 16 分）" in refused.text
    assert f'name="redeem_code" value="{shown}"' in refused.text  # it was not used up
    assert f'name="price-{counter.rice.id}" value="20"' in refused.text
    assert "兑换成功，扣 20 分，结余 20 分" in seen.text
    assert world.violations() == []


def test_a_shop_that_closed_meanwhile_says_when_it_opens_and_keeps_the_basket(
    world, counter, orders, at_the_desk, basket
):
    orders.rule(redemption={"within_hours": True})
    lin = world.person(points=40)
    shown = counter.code(lin)
    with world.own() as session:
        session.execute(HOURS, {"minute": 1, "id": counter.shop.id})

    with world.changes() as changed:
        refused = at_the_desk(**basket(shown, "a"))

    assert refused.status_code == 409
    assert "现在不营业，请在" in refused.text
    assert f'id="qty-{counter.rice.id}" name="qty-{counter.rice.id}" value="1"' in refused.text
    assert set(changed) <= {"idempotency"}
