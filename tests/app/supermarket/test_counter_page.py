"""The counter as a page: the same deed, said to a person."""

import re
from uuid import uuid4

import pytest

from app.core.clock import civil_text
from app.supermarket.errors import QuantityWrong
from app.supermarket.orders import Wish
from tests.support.browser import Browser


@pytest.fixture
def browser(world, api, counter):
    return Browser(world, api, counter.manager)


@pytest.fixture
def form(counter):
    """What the page of the counter sends for one bag of rice."""
    where = f"/counter/{counter.shop.id}"
    return lambda shown, quantity="1", key=None: {
        "path": where,
        "shown_on": where,
        "redeem_code": shown,
        "idempotency_key": key or uuid4().hex,
        f"qty-{counter.rice.id}": quantity,
    }


def test_the_page_prints_a_receipt(world, counter, browser, form, hands):
    lin = world.person("林小燕", points=40)

    page = browser.submit(**form(counter.code(lin)))

    assert page.status_code == 200
    assert "兑换成功，扣 16 分，结余 24 分" in page.text
    assert "林*燕" in page.text
    assert f"{hands():%Y}年{civil_text(hands())}" in page.text


def test_the_page_says_why_not(world, counter, browser, form):
    lin = world.person(points=2)
    shown = counter.code(lin)

    with world.changes() as changed:
        page = browser.submit(**form(shown))

    assert page.status_code == 409
    assert "可用积分 2 分，还差 14 分" in page.text
    assert changed == {"idempotency": 1, "redeem_code": 1, "redemption": 1}


def test_the_only_shop_opens_by_itself(counter, browser):
    opened = browser.get("/counter")

    assert (opened.status_code, opened.location) == (303, f"/counter/{counter.shop.id}")


def test_of_two_shops_the_manager_chooses_one(world, counter, browser):
    second = world.shop(name="Second shop")

    listed = browser.get("/counter")

    assert listed.status_code == 200
    assert all(f"/counter/{shop.id}" in listed.text for shop in (counter.shop, second))


def test_sending_the_form_twice_sells_once(world, counter, browser, form):
    lin, key = world.person(points=40), uuid4().hex
    shown = counter.code(lin)

    pages = [browser.submit(**form(shown, key=key)) for _ in range(2)]

    assert all("结余 24 分" in page.text for page in pages)
    assert world.points_of(lin) == 24


@pytest.mark.parametrize("quantity", ["", "0", "00", "000", "-1", "1.5", "100", "一"])
def test_a_quantity_that_is_none_changes_nothing(world, counter, browser, form, quantity):
    shown = counter.code(world.person(points=40))

    with world.changes() as changed:
        page = browser.submit(**form(shown, quantity=quantity))

    assert page.status_code == 422
    assert changed == {}


def test_nothing_of_one_thing_leaves_the_rest_of_the_basket(world, counter, browser, form):
    lin, soap = world.person(points=40), world.item(counter.shop, name="肥皂", points=2)

    page = browser.submit(**form(counter.code(lin)) | {f"qty-{soap.id}": "00"})

    assert "兑换成功，扣 16 分，结余 24 分" in page.text
    assert world.on_hand(soap) == 10


@pytest.mark.parametrize("quantity", [0, -1, 100])
def test_nobody_can_wish_for_none_or_for_a_hundred(quantity):
    with pytest.raises(QuantityWrong):
        Wish(item_id=uuid4(), quantity=quantity)


@pytest.mark.parametrize("shown", ["", "hello", "http://[", "x" * 5000])
def test_a_code_that_is_none_is_said_to_be_none(world, browser, form, shown):
    assert browser.submit(**form(shown)).status_code == 422


@pytest.mark.parametrize("fields", [{"redeem_code": "R\x00"}, {"qty-x": "1\x00"}])
def test_a_form_with_a_nul_is_malformed(world, counter, browser, form, fields):
    shown = counter.code(world.person(points=40))

    with world.changes() as changed:
        page = browser.submit(**form(shown) | fields)

    assert page.status_code == 400
    assert changed == {}


def test_an_item_that_is_no_id_is_refused(world, counter, browser, form):
    fields = form(counter.code(world.person(points=40)))

    with world.changes() as changed:
        page = browser.submit(**fields, **{"qty-rice": "1"})

    assert page.status_code == 404
    assert changed == {}


def test_a_form_of_another_site_is_refused(world, counter, browser, form):
    lin = world.person(points=40)
    fields = form(counter.code(lin)) | {"shown_on": "/healthz"}

    with world.changes() as changed:
        page = browser.submit(**fields)

    assert page.status_code == 400
    assert changed == {}


def test_the_phone_is_told_what_came_of_its_code(world, api, counter, form, browser):
    phone = Browser(world, api, world.person("林小燕", points=40))
    fate, digits = on_the_phone(phone)

    waiting = phone.get(fate)
    browser.submit(**form(digits))
    told = phone.get(fate)

    assert waiting.status_code == 204
    assert "兑换成功，扣 16 分，结余 24 分" in told.text
    assert 'class="notice notice_ok" role="status"' in told.text
    assert fate not in told.text


def test_a_phone_that_was_refused_does_not_look_as_if_it_had_worked(world, api, form, browser):
    phone = Browser(world, api, world.person(points=2))
    fate, digits = on_the_phone(phone)
    browser.submit(**form(digits))

    told = phone.get(fate).text

    assert "刚才没有兑换成功，积分没有动" in told
    assert 'class="notice notice_no" role="alert"' in told
    assert "notice_ok" not in told


def test_the_fate_of_somebody_elses_code_is_nobodys_business(world, api, counter, browser, form):
    lin, chen = world.person(points=40), world.person()
    fate, digits = on_the_phone(Browser(world, api, lin))
    browser.submit(**form(digits))

    assert Browser(world, api, chen).get(fate).status_code == 204


def test_a_phone_asks_for_a_new_code_before_the_old_one_dies(world, api):
    page = Browser(world, api, world.person()).get("/redeem-code").text

    assert "load delay:45s" in page
    assert '<meta http-equiv="refresh" content="45">' in page


def on_the_phone(phone):
    """Where the page asks what came of its code, and the digits it shows."""
    shown = phone.get("/redeem-code").text
    fate = re.search(r"/redeem-code/[0-9a-f-]{36}/fate", shown)[0]
    return fate, "".join(re.search(r"[0-9]{4} [0-9]{3} [0-9]{3}", shown)[0].split())
