"""Every deed works where no script runs: plain forms, and pages that say what to do."""

import pytest
from playwright.sync_api import expect

from tests.support.visitor import COUNTER, PHONE


@pytest.fixture
def phone(visit, city, api):
    return visit(**PHONE, java_script_enabled=False).known_by(api.token(city.resident))


@pytest.fixture
def till(visit, city, api):
    visitor = visit(**COUNTER, java_script_enabled=False)
    return visitor.known_by(api.token(city.manager, staff=True))


def test_a_visit_begins_with_the_text_on_the_wall(phone, city, settings):
    page = phone.open("/scan")
    expect(page.get_by_role("button", name="打开相机")).to_be_hidden()
    page.get_by_label("也可以输入码上的文字").fill(city.station_address(settings.public_url))
    page.get_by_role("button", name="就用这个").click()
    page.get_by_role("button", name="饮水").click()

    expect(page.get_by_role("heading", name="今天第一次到访 +2 待结算")).to_be_visible()


def test_time_is_given_and_counted(phone, city, world, hands, worker):
    page = phone.open("/scan")
    page.get_by_label("也可以输入码上的文字").fill(world.venue_code(city.activity))
    page.get_by_role("button", name="就用这个").click()
    page.get_by_role("button", name="签到").click()
    expect(page.get_by_role("heading", name="签到成功")).to_be_visible()
    hands.move(minutes=60)
    phone.open(f"/activities/{city.activity.id}")
    page.get_by_text("扫不了码").click()
    page.get_by_label("把现场码的文字粘贴在这里").fill(world.venue_code(city.activity, "out"))
    page.get_by_role("button", name="签退").click()
    expect(page.get_by_role("heading", name="服务 60 分钟")).to_be_visible()
    worker.work()

    expect(phone.open("/me").locator(".stat__number").first).to_have_text("10")


def test_goods_change_hands(phone, till, city, world):
    world.give(city.resident, 40)
    digits = phone.open("/redeem-code").get_by_label("兑换码数字").inner_text()
    counter = till.open(f"/counter/{city.shop.id}")
    counter.get_by_label("居民的兑换码").fill(digits)
    counter.get_by_label(city.rice.name, exact=True).fill("2")
    counter.get_by_role("button", name="确认兑换").click()

    expect(counter.get_by_text("兑换成功，扣 32 分，结余 8 分")).to_be_visible()
    assert world.on_hand(city.rice) == 1


def test_a_refusal_keeps_the_basket(till, city):
    till.may_be_refused = True
    counter = till.open(f"/counter/{city.shop.id}")
    counter.get_by_label("居民的兑换码").fill("0000000000")
    counter.get_by_label(city.rice.name, exact=True).fill("2")
    counter.get_by_role("button", name="确认兑换").click()

    expect(counter.get_by_role("alert")).to_contain_text("没有找到这个兑换码")
    expect(counter.get_by_label(city.rice.name, exact=True)).to_have_value("2")
