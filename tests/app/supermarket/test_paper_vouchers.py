"""服务券 of whoever has no phone: the receipt carries them, and nothing else tells their codes."""

import logging
import re
from uuid import uuid4

import pytest

from tests.support.browser import Browser
from tests.support.orders import Orders

PRINTED = re.compile(r'理发券 券码 <b[^>]*>([^<]+)</b></p>\s*<div class="receipt__qr"><svg')


@pytest.fixture
def wang(world):
    """An elder without a phone."""
    return world.person("王阿婆", points=20)


@pytest.fixture
def grandson(world, wang):
    """Who may fetch for her, with a phone of his own."""
    grandson = world.person("王小明")
    world.mandate(wang, grandson)
    return grandson


@pytest.fixture
def orders(world, counter):
    return Orders(world, counter)


@pytest.fixture
def fetch(keeper, counter, haircut):
    """Hand over at the counter's page what waits under a code."""
    at = f"/counter/{counter.shop.id}/orders"

    def fetch(code, *, quantity):
        form = {"idempotency_key": uuid4().hex, "code": code, f"qty-{haircut.id}": quantity}
        return keeper.submit(at, shown_on=at, **form)

    return fetch


def test_whoever_pays_by_card_takes_the_code_home_on_the_receipt(
    world, counter, keeper, haircut, open_merchant, wang, caplog
):
    card, barber = world.card(wang, pin="2580"), open_merchant()
    at = f"/counter/{counter.shop.id}"
    sale = {"idempotency_key": uuid4().hex, "card_no": card, "pin": "2580"}

    with caplog.at_level(logging.DEBUG):
        page = keeper.submit(at, shown_on=at, **sale, **{f"qty-{haircut.id}": "2"})
        first, second = PRINTED.findall(page.text)
        served = barber.redeem(first)

    assert "核销成功：理发券，王*婆" in served.text
    assert "用到 <span" in page.text
    for code in (first, second):
        assert code not in caplog.text
        assert code.replace(" ", "") not in caplog.text
    assert barber.redeem(second).status_code == 200
    assert world.violations() == []


def test_what_a_delegate_fetches_for_somebody_is_on_the_receipt_for_them(
    orders, haircut, wang, grandson, fetch, open_merchant
):
    barber = open_merchant()
    waiting = orders.reserve(grandson, item=haircut, quantity=2, on_behalf_of=wang)

    page = fetch(waiting["code"], quantity=2)

    codes = PRINTED.findall(page.text)
    assert [barber.redeem(code).status_code for code in codes] == [200, 200]
    assert "预约取货码" in page.text
    assert fetch(waiting["code"], quantity=2).status_code == 409


def test_a_delegates_code_at_the_counter_prints_them_as_well(api, counter, haircut, wang, grandson):
    shown = api.post("/me/redeem-codes", as_=grandson, on_behalf_of=str(wang.id)).json["code"]

    sold = counter.redeem(shown, item=haircut).json["redemption"]

    (voucher,) = sold["vouchers"]
    assert voucher.keys() == {"name", "code", "expires_at"}
    assert [voucher["code"].replace(" ", "")] == [
        one["code"] for one in api.get("/me/vouchers", as_=wang).json["items"]
    ]


def test_the_owners_own_phone_shows_them_and_the_counter_does_not(
    world, api, counter, orders, haircut, wang, fetch
):
    by_code = counter.redeem(counter.code(wang), item=haircut).json["redemption"]

    page = fetch(orders.reserve(wang, item=haircut)["code"], quantity=1)

    assert "vouchers" not in by_code
    assert "领取成功" in page.text
    assert "券码" not in page.text
    assert Browser(world, api, wang).get("/vouchers").text.count("code__digits") == 2
