"""The pages of what waits: from a resident's phone to the counter, without a script."""

import re
from uuid import uuid4

import pytest

from tests.support.browser import Browser
from tests.support.orders import Orders

CODE = re.compile(r"code__digits[^>]*>([^<]+)<")


def send(browser, shown_on, path, **fields):
    return browser.submit(path, shown_on=shown_on, idempotency_key=uuid4().hex, **fields)


@pytest.fixture
def at_the_counter(world, api, counter):
    return Browser(world, api, counter.manager)


def test_reserved_on_the_phone_fetched_and_brought_back_at_the_counter(
    world, api, counter, at_the_counter
):
    lin = world.person(points=40)
    phone = Browser(world, api, lin)
    shop = f"/shops/{counter.shop.id}"
    assert counter.shop.name in phone.get("/shops").text
    page = phone.get(shop).text
    assert "您现在可以换" in page

    done = send(phone, shop, f"{shop}/reserve", **{f"qty-{counter.rice.id}": "2"})
    assert done.status_code == 303
    code = CODE.search(phone.get("/orders").text).group(1)

    desk = f"/counter/{counter.shop.id}"
    assert "陈*怡" in at_the_counter.get(f"{desk}/orders").text
    found = send(at_the_counter, f"{desk}/orders", f"{desk}/orders/look", code=code)
    assert "确认领取" in found.text
    taken = send(
        at_the_counter,
        f"{desk}/orders",
        f"{desk}/orders",
        code=code,
        **{f"qty-{counter.rice.id}": "2"},
    )
    assert "领取成功，扣 32 分，结余 8 分" in taken.text

    number = re.search(r'单号</dt><dd class="num">(\w+)<', taken.text).group(1)
    asked = f"{desk}/returns?number={number}"
    redemption = re.search(r'name="redemption_id" value="([^"]+)"', at_the_counter.get(asked).text)
    slip = send(
        at_the_counter,
        asked,
        f"{desk}/returns",
        redemption_id=redemption.group(1),
        number=number,
        reason="胀包",
        goods="shelf",
        **{f"qty-{counter.rice.id}": "1"},
    )
    assert "退货单" in slip.text
    assert (world.points_of(lin), world.on_hand(counter.rice)) == (24, 9)
    assert "退回 16 分" in phone.get("/orders").text
    assert world.violations() == []


def test_what_points_are_not_enough_for_says_how_many_are_missing(world, api, counter):
    phone = Browser(world, api, world.person(points=4))

    assert "还差 12 分" in phone.get(f"/shops/{counter.shop.id}").text


def test_giving_points_away_asks_once_more(world, api):
    lin = world.person(points=40)
    phone = Browser(world, api, lin)

    asked = send(phone, "/donate", "/donate", points="30", goal="pool")
    before = world.points_of(lin)
    done = send(phone, "/donate", "/donate", points="30", goal="pool", confirmed="1")

    assert "确定把" in asked.text
    assert before == 40
    assert "捐了 30 分，结余 10 分" in done.text


def test_more_than_one_has_is_refused_before_anybody_is_asked_whether_they_are_sure(world, api):
    phone = Browser(world, api, world.person(points=40))

    refused = send(phone, "/donate", "/donate", points="41", goal="pool")
    none = send(phone, "/donate", "/donate", points="0", goal="pool")

    assert refused.status_code == 409
    assert "可用积分只有 40 分" in refused.text
    assert 'value="41"' in refused.text
    assert "确定把" not in refused.text
    assert "一次可以捐 1 到 10000 分" in none.text


def test_what_was_chosen_stays_when_a_shop_refuses_it(world, api, counter):
    phone = Browser(world, api, world.person(points=400))
    shop, chosen = f"/shops/{counter.shop.id}", {f"qty-{counter.rice.id}": "99"}

    refused = send(phone, shop, f"{shop}/reserve", **chosen)

    assert "只剩" in refused.text
    assert f'name="qty-{counter.rice.id}" value="99"' in refused.text
    assert f'name="qty-{counter.rice.id}" value=""' in phone.get(shop).text


def test_a_delegate_reads_whose_shops_and_orders_they_look_at(world, api):
    wang, grandson = world.person("王阿婆", points=40), world.person("王小明")
    world.mandate(wang, grandson)
    phone, whom = Browser(world, api, grandson), {"for": str(wang.id)}

    pages = [phone.get(path, **whom).text for path in ("/shops", "/orders", "/vouchers")]

    assert "王阿婆的积分够换什么" in pages[0]
    assert "<h1>王阿婆的预约</h1>" in pages[1]
    assert "<h1>王阿婆的服务券</h1>" in pages[2]
    assert "王阿婆" not in phone.get("/shops").text


def test_a_number_that_is_not_found_and_a_reason_stay_to_be_mended(world, counter, at_the_counter):
    at = f"/counter/{counter.shop.id}/returns"
    sold = counter.redeem(counter.code(world.person(points=40))).json["redemption"]
    about = {"redemption_id": sold["id"], "number": sold["number"]}
    said = {"reason": "胀包", "goods": "shelf", f"qty-{counter.rice.id}": "9"}

    unknown = at_the_counter.get(at, number="ABCD1234")
    refused = send(at_the_counter, f"{at}?number={sold['number']}", at, **about, **said)

    assert unknown.status_code == 404
    assert 'value="ABCD1234"' in unknown.text
    assert 'value="胀包"' in refused.text
    assert 'value="shelf" selected' in refused.text
    assert f'name="qty-{counter.rice.id}" value="9"' in refused.text


def test_a_refused_pick_up_says_what_to_do(world, counter, at_the_counter):
    desk = f"/counter/{counter.shop.id}/orders"
    Orders(world, counter).reserve(world.person(points=20))

    refused = send(at_the_counter, desk, f"{desk}/look", code="2345 6789")

    assert refused.status_code == 404
    assert "请核对 8 位" in refused.text
    assert 'value="2345 6789"' in refused.text  # one letter of it is to be mended


def test_the_page_says_what_is_left_of_a_limit_and_how_much_goes_at_once(world, api, counter):
    Orders(world, counter).rule(redemption={"hold_hours": 72, "per_order_max": 50})
    oil = world.item(counter.shop, name="食用油", points=10, unit="瓶", quarter_limit=2)
    lin = world.person(points=40)
    phone, shop = Browser(world, api, lin), f"/shops/{counter.shop.id}"
    page = phone.get(shop).text
    assert "限量：本季度还能换 2 瓶" in page
    assert 'data-most="50"' in page

    send(phone, shop, f"{shop}/reserve", **{f"qty-{oil.id}": "1"})

    assert "限量：本季度还能换 1 瓶" in phone.get(shop).text
