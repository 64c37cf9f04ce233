"""Goods that wait, in browsers: reserved on a phone, fetched at the counter by keyboard."""

from playwright.sync_api import expect

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
