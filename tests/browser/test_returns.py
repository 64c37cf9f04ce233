"""Goods that come back, in browsers: found by the number on the receipt, and back with points."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_quality import flaws_on_phones
from tests.support.counter import Counter


@pytest.fixture
def number(world, api, city):
    """That of the receipt of two bags of rice, 32 of 40 points."""
    world.give(city.resident, 40)
    counter = Counter(world=world, api=api, shop=city.shop, manager=city.manager, rice=city.rice)
    sold = counter.redeem(counter.code(city.resident), quantity=2)
    return sold.json["redemption"]["number"]


def test_a_bag_comes_back_to_the_shelf_and_its_points_to_the_phone(
    till, phone, city, world, number
):
    counter = till.open(f"/counter/{city.shop.id}")
    counter.get_by_role("link", name="退货").click()
    counter.get_by_label("兑换单的单号").fill(number.lower())
    counter.keyboard.press("Enter")
    expect(counter.get_by_text("林*燕")).to_be_visible()
    counter.get_by_label("大米 2.5kg退几件（换了 2，还能退 2").fill("1")
    counter.get_by_label("哪里有问题").fill("胀包")
    counter.get_by_label("退回的商品").select_option("放回货架")
    assert flaws_on_phones([("return", counter)]) == []
    counter.get_by_role("button", name="确认退货").click()

    expect(counter.get_by_text("退货办好了，退回 16 分。")).to_be_visible()
    assert flaws_on_phones([("slip", counter)]) == []
    counter.emulate_media(media="print")
    expect(counter.get_by_text("居民签字")).to_be_visible()
    expect(counter.get_by_role("button", name="查找")).to_be_hidden()
    assert (world.on_hand(city.rice), world.points_of(city.resident)) == (2, 24)
    book = phone.open("/passbook").locator(".book tbody")
    expect(book.get_by_text("胀包")).to_be_visible()
    expect(phone.open(f"/shops/{city.shop.id}").get_by_text("可用积分 24 分")).to_be_visible()


def test_more_than_is_left_to_come_back_is_refused_and_moves_nothing(till, city, world, number):
    till.may_be_refused = True
    counter = till.open(f"/counter/{city.shop.id}/returns?number={number}")
    counter.get_by_label("大米 2.5kg退几件").fill("3")
    counter.get_by_label("哪里有问题").fill("胀包")
    counter.get_by_role("button", name="确认退货").click()

    expect(counter.get_by_text("退回的数量超过还没有退的数量，请核对兑换单。")).to_be_visible()
    expect(counter.get_by_label("大米 2.5kg退几件（换了 2，还能退 2")).to_be_visible()
    assert (world.on_hand(city.rice), world.points_of(city.resident)) == (1, 8)
