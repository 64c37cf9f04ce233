"""Goods that wait, in browsers: reserved on a phone, fetched by keyboard, or free again."""

import pytest
from playwright.sync_api import expect

from app.supermarket import jobs
from tests.browser.test_quality import flaws_on_phones
from tests.support.orders import Orders
from tests.support.visitor import PHONE


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


@pytest.fixture
def oil(world, city):
    return world.item(city.shop, name="食用油", points=10, stock=9, unit="瓶", quarter_limit=2)


def more_of(page, name):
    return page.get_by_role("button", name=f"{name} 加一")


def test_a_finger_puts_goods_together_and_reads_what_they_come_to(phone, city, world, oil):
    world.give(city.resident, 20)
    page = phone.open(f"/shops/{city.shop.id}")
    total, said = page.locator(".basket__sum"), page.locator("[data-say]")
    expect(total).to_have_text("合计 0 分 可用 20 分")

    more_of(page, "大米 2.5kg").tap()
    expect(total).to_have_text("合计 16 分 可用 20 分")
    expect(said).to_be_empty()
    more_of(page, "食用油").tap()
    expect(total).to_have_text("合计 26 分 可用 20 分 还差 6 分")
    expect(said).to_have_text("请减几件，或等积分入账后再来。")
    assert flaws_on_phones([("shop, too much", page)]) == []
    page.get_by_role("button", name="大米 2.5kg 减一").tap()

    expect(total).to_have_text("合计 10 分 可用 20 分")
    page.get_by_role("button", name="预约", exact=True).tap()
    expect(page.get_by_role("heading", name="食用油×1")).to_be_visible()


def test_keys_count_up_and_down_and_a_limit_is_told_before_it_is_refused(phone, city, world, oil):
    phone.may_be_refused = True
    world.give(city.resident, 90)
    page = phone.open(f"/shops/{city.shop.id}")
    field, said = page.get_by_label("食用油 要几瓶"), page.locator("[data-say]")
    for key in ("+", "ArrowUp", "+", "-"):
        field.press(key)
    expect(field).to_have_value("2")
    expect(said).to_be_empty()
    field.press("Tab")
    expect(more_of(page, "食用油")).to_be_focused()
    page.keyboard.press("Enter")
    expect(field).to_have_value("3")
    expect(said).to_have_text("食用油有限量，本季度还能换 2 瓶，请减几瓶。")

    page.get_by_role("button", name="预约", exact=True).click()

    expect(page.get_by_text("食用油每人每季度最多 2 瓶，本季度还能换 2 瓶")).to_be_visible()
    expect(field).to_have_value("3")
    expect(page.locator("[data-total]")).to_have_text("30")
    page.get_by_label("大米 2.5kg 要几件").fill("9")
    expect(page.get_by_label("大米 2.5kg 要几件")).to_have_value("3")
    assert world.points_of(city.resident) == 90


def test_where_nothing_can_be_reserved_there_is_nothing_to_count(phone, counter, city, world):
    Orders(world, counter).rule(redemption={"hold_hours": 0})
    world.give(city.resident, 40)

    page = phone.open(f"/shops/{city.shop.id}")

    expect(page.get_by_text("本地暂不办理预约，请直接到兑换点兑换。")).to_be_visible()
    expect(page.locator(".item").filter(has_text="大米")).to_contain_text("现在可以换")
    expect(page.locator(".stepper")).to_have_count(0)
    assert flaws_on_phones([("shop, nothing reserved", page)]) == []


def test_without_scripts_goods_are_kept_all_the_same(visit, city, world, api):
    world.give(city.resident, 40)
    phone = visit(**PHONE, java_script_enabled=False).known_by(api.token(city.resident))
    page = phone.open(f"/shops/{city.shop.id}")
    expect(page.get_by_role("button", name="大米 2.5kg 加一件")).to_be_hidden()
    expect(page.locator(".basket__sum")).to_be_hidden()

    page.get_by_label("大米 2.5kg 要几件").fill("2")
    page.get_by_role("button", name="预约", exact=True).click()

    expect(page.get_by_role("heading", name="大米 2.5kg×2")).to_be_visible()


def test_a_delegate_reads_what_is_left_of_the_day_before_they_choose_more(
    visit, city, world, api, oil
):
    wang, grandson = world.person("王阿婆", points=90), world.person("王小明")
    world.mandate(wang, grandson, daily_limit=20)
    page = visit(**PHONE).known_by(api.token(grandson)).open(f"/shops/{city.shop.id}?for={wang.id}")
    expect(page.get_by_text("可用积分 90 分 · 代办今天还可用 20 分")).to_be_visible()

    for name in ("大米 2.5kg", "食用油"):
        more_of(page, name).tap()
    expect(page.locator("[data-say]")).to_have_text(
        "代办今天还可用 20 分，请减几件，或请本人来领。"
    )
    page.get_by_role("button", name="食用油 减一").tap()
    expect(page.locator("[data-say]")).to_be_empty()
    page.get_by_role("button", name="预约", exact=True).tap()
    expect(page.get_by_role("heading", name="大米 2.5kg×1")).to_be_visible()

    page.goto(f"/shops/{city.shop.id}?for={wang.id}")
    expect(page.get_by_text("可用积分 74 分 · 代办今天还可用 4 分")).to_be_visible()
