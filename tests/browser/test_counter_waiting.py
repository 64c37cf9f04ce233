"""What became of a sale that waited for a phone is told once, and not asked for ever."""

import pytest
from playwright.sync_api import expect

QUESTIONS = "**/questions/*"
LOST = "有一笔等居民确认的，这里问不到结果了。物品先不要给，请看这一笔。"


@pytest.fixture
def counter(till, city, world):
    world.item(city.shop, name="食用油", points=180, stock=4)
    return till.open(f"/counter/{city.shop.id}")


@pytest.fixture
def shown(counter, till, phone, city, world):
    """The phone that is asked; the counter waits for it."""
    world.give(city.resident, 200)
    page = phone.open("/redeem-code")
    counter.get_by_role("button", name="加一件 食用油").click()
    till.scan(page.get_by_label("兑换码数字").inner_text().replace(" ", ""))
    return page


def ask(counter):
    counter.get_by_role("button", name="确认兑换").click()
    expect(counter.get_by_text("物品先不要给，可以先办下一位")).to_be_visible()


def serve_the_next(counter, till, world):
    card = world.card(world.person("何志文", points=40), pin="2580")
    counter.get_by_role("button", name="加一件 食用盐").click()
    till.scan(card)
    counter.locator("#pin").fill("2580")
    counter.get_by_role("button", name="确认兑换").click()
    expect(counter.locator(".counter__receipt")).to_contain_text("食用盐")


def test_two_slow_answers_about_one_sale_are_told_once(counter, shown, till, world):
    """Takes some seconds: the counter asks every two."""
    slow = []

    def hold(route):
        slow.append(route)

    till.context.route(QUESTIONS, hold)
    with counter.expect_request(QUESTIONS):
        ask(counter)
    with counter.expect_request(QUESTIONS):
        serve_the_next(counter, till, world)
    shown.get_by_role("button", name="确认，扣 180 分").click()
    expect(shown.get_by_text("兑换成功，扣 180 分，结余 20 分")).to_be_visible()

    for route in slow:
        with counter.expect_response(QUESTIONS) as answer:
            route.continue_()
        answer.value.finished()
        expect(counter.get_by_text("林*燕：兑换成功，扣 180 分")).to_be_visible()

    expect(counter.locator(".banner__link:visible")).to_have_count(1)
    assert len(slow) == 2


@pytest.mark.parametrize("served", [True, False], ids=["the next was served", "is half filled in"])
def test_what_cannot_be_asked_any_more_is_told_and_asked_no_longer(
    counter, shown, till, world, served
):
    till.may_be_refused = True
    till.context.route(QUESTIONS, lambda route: route.fulfill(status=404, body="<p>没有</p>"))

    ask(counter)
    if served:
        serve_the_next(counter, till, world)
    counter.get_by_label("食用盐", exact=True).fill("2")

    expect(counter.get_by_text(LOST)).to_be_visible()
    expect(counter.get_by_label("食用盐", exact=True)).to_have_value("2")
    expect(counter.locator("[data-waits]")).to_have_count(0)
    expect(counter.get_by_role("link", name="看这一笔")).to_have_count(1)


def test_a_login_that_ran_out_ends_the_asking_too(counter, shown, till, hands):
    ask(counter)
    hands.move(days=2)

    expect(counter.get_by_text(LOST)).to_be_visible()

    with till.context.expect_page() as beside:
        counter.get_by_role("link", name="看这一笔").click()
    expect(beside.value.get_by_role("button", name="登录")).to_be_visible()
