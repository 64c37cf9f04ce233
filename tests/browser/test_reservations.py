"""Goods that wait, in browsers: reserved on a phone, fetched by keyboard, or free again."""

from playwright.sync_api import expect

from app.supermarket import jobs
from tests.browser.test_quality import flaws_on_phones


def test_reserved_on_a_phone_and_fetched_with_two_enters(phone, till, city, world):
    world.give(city.resident, 200)
    page = phone.open(f"/shops/{city.shop.id}")
    page.locator(".stepper__input").first.fill("1")
    assert flaws_on_phones([("shop", page)]) == []
    page.get_by_role("button", name="预约").click()
    code = page.locator(".code__digits").inner_text()
    assert flaws_on_phones([("orders", page)]) == []

    counter = till.open(f"/counter/{city.shop.id}/orders")
    counter.get_by_label("居民的取货码").fill(code)
    counter.keyboard.press("Enter")
    expect(counter.get_by_role("button", name="确认领取")).to_be_focused()
    assert flaws_on_phones([("pick-up", counter)]) == []
    counter.keyboard.press("Enter")

    expect(counter.get_by_text("领取成功")).to_be_visible()
    expect(phone.open("/orders").get_by_text("已经取走")).to_be_visible()


def test_what_nobody_comes_for_is_free_again_and_the_phone_says_so(
    phone, till, city, world, api, hands
):
    world.give(city.resident, 40)
    page = phone.open(f"/shops/{city.shop.id}")
    page.get_by_label("大米 2.5kg 要几件").fill("2")
    page.get_by_role("button", name="预约").click()
    code = page.locator(".code__digits").inner_text()
    shelf = phone.open(f"/shops/{city.shop.id}")
    expect(shelf.get_by_text("可用积分 8 分")).to_be_visible()
    expect(shelf.locator(".item").filter(has_text="大米")).to_contain_text("还有 1 件")

    hands.move(hours=72, minutes=16)
    tenant = world.tenant
    with world.as_worker():
        assert jobs.look_after_tenant(tenant) == 1

    orders = phone.open("/orders")
    expect(orders.get_by_text("过期没取，积分已退回")).to_be_visible()
    expect(orders.get_by_text("没有等您来取的预约。")).to_be_visible()
    expect(orders.locator(".code__digits")).to_have_count(0)
    expect(phone.open("/messages").get_by_role("heading", name="预约已过期")).to_be_visible()
    shelf = phone.open(f"/shops/{city.shop.id}")
    expect(shelf.get_by_text("可用积分 40 分")).to_be_visible()
    expect(shelf.locator(".item").filter(has_text="大米")).to_contain_text("还有 3 件")
    till.may_be_refused = True
    counter = till.known_by(api.token(city.manager, staff=True)).open(
        f"/counter/{city.shop.id}/orders"
    )
    counter.get_by_label("居民的取货码").fill(code)
    counter.keyboard.press("Enter")
    expect(counter.get_by_text("这笔预约已经取消或过期，积分已退回")).to_be_visible()
    assert (world.shelf(city.rice), world.points_of(city.resident)) == ([(3, 0)], 40)
