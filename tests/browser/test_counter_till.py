"""A queue at the counter: a scanner for codes, cards and barcodes, or a finger on big buttons."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import COUNTER

BARCODE = "6901234567892"


@pytest.fixture
def tea(world, city):
    return world.item(city.shop, name="绿茶", points=5, stock=9, barcode=BARCODE)


def test_a_scanner_alone_sells_goods_and_then_by_a_card_and_its_pin(till, phone, city, world, tea):
    world.give(city.resident, 40)
    card = world.card(city.resident, pin="2580")
    counter = till.open(f"/counter/{city.shop.id}")

    till.scan(BARCODE)
    till.scan(phone.open("/redeem-code").get_by_label("兑换码数字").inner_text())
    expect(counter.locator("[data-who]")).to_contain_text("林*燕，可兑 40 分")
    till.scan(BARCODE)

    expect(counter.get_by_label(tea.name, exact=True)).to_have_value("2")
    expect(counter.locator("[data-total]")).to_have_text("10")
    counter.keyboard.press("Enter")
    expect(counter.get_by_role("button", name="确认兑换")).to_be_focused()
    counter.keyboard.press("Enter")
    expect(counter.get_by_text("兑换成功，扣 10 分，结余 30 分")).to_be_visible()

    till.scan(BARCODE)
    till.scan(card)
    expect(counter.locator("[data-who]")).to_contain_text("林*燕，可兑 30 分")
    expect(counter.locator("#pin")).to_be_focused()
    counter.keyboard.type("2580", delay=150)
    counter.keyboard.press("Enter")
    expect(counter.get_by_text("兑换成功，扣 5 分，结余 25 分")).to_be_visible()
    expect(counter.locator(".counter__receipt")).to_contain_text("存折卡和密码")
    assert world.on_hand(tea) == 6


def test_a_scan_finds_its_field_wherever_the_focus_was(till, phone, city, world, tea):
    world.give(city.resident, 40)
    card = world.card(city.resident, pin="2580", letters="XH")  # one that was imported
    counter = till.open(f"/counter/{city.shop.id}")
    code = phone.open("/redeem-code").get_by_label("兑换码数字").inner_text().replace(" ", "")

    till.scan(BARCODE)
    for elsewhere in (".btn_big", "#reason", ".stepper__input"):
        counter.locator("[data-card]").evaluate("details => (details.open = true)")
        counter.locator(f"form {elsewhere}").first.focus()
        till.scan(card)

        expect(counter.locator("#card_no")).to_have_value(card)
        expect(counter.locator("#pin")).to_be_focused()
        expect(counter.locator("#redeem_code")).to_have_value("")
        expect(counter.locator("#reason")).to_have_value("")

    counter.keyboard.press("F2")
    counter.keyboard.press("Escape")
    till.scan(code)
    counter.get_by_role("button", name="确认兑换").focus()
    till.scan(code)
    expect(counter.locator("#redeem_code")).to_have_value(code)
    expect(counter.locator("[data-who]")).to_contain_text("林*燕，可兑 40 分")


def test_who_is_served_meanwhile_keeps_their_receipt_when_the_phone_before_says_yes(
    till, phone, city, world
):
    world.give(city.resident, 200)
    oil = world.item(city.shop, name="食用油", points=180, stock=4)
    card = world.card(world.person("何志文", points=40), pin="2580")
    counter = till.open(f"/counter/{city.shop.id}")
    shown = phone.open("/redeem-code")
    counter.get_by_role("button", name="加一件 食用油").click()
    till.scan(shown.get_by_label("兑换码数字").inner_text().replace(" ", ""))
    counter.get_by_role("button", name="确认兑换").click()
    expect(counter.get_by_text("物品先不要给，可以先办下一位")).to_be_visible()
    expect(shown.get_by_text("明德爱心志愿超市的店员正在为您办理")).to_be_visible()
    expect(shown.get_by_role("link", name="换一个新码")).to_be_hidden()

    counter.get_by_role("button", name="加一件 食用盐").click()
    till.scan(card)
    counter.keyboard.type("2580", delay=150)
    counter.keyboard.press("Enter")
    expect(counter.locator(".counter__receipt")).to_contain_text("食用盐")
    shown.get_by_role("button", name="确认，扣 180 分").click()

    expect(counter.get_by_text("林*燕：兑换成功，扣 180 分，结余 20 分")).to_be_visible()
    expect(counter.locator(".counter__receipt")).to_contain_text("食用盐")
    counter.get_by_role("button", name="加一件 食用盐").click()
    with till.context.expect_page() as beside:
        counter.get_by_role("link", name="看这一笔").click()
    expect(beside.value.locator(".counter__receipt")).to_contain_text("食用油")
    expect(counter.get_by_label("食用盐", exact=True)).to_have_value("1")
    assert world.on_hand(oil) == 3


def test_keys_that_say_themselves_when_they_came_are_a_scan_as_well(till, city, world, tea):
    counter = till.open(f"/counter/{city.shop.id}")
    counter.get_by_role("button", name="确认兑换").focus()

    till.scan(BARCODE, stamped=False)

    expect(counter.get_by_label(tea.name, exact=True)).to_have_value("1")
    expect(counter.locator("[data-say]")).to_have_text("绿茶 加了一件。")


def test_a_card_that_is_scanned_to_take_over_leads_to_its_pin(till, city, world):
    till.may_be_refused = True
    colleague = world.staff("shop_manager", name="尤店长")
    card = world.card(colleague, pin="2580")
    page = till.open(f"/counter/{city.shop.id}/day")
    page.get_by_label("接班人的存折卡或登录名").focus()

    till.scan(card)

    expect(page.get_by_label("取物密码或登录密码")).to_be_focused()
    page.keyboard.type("2581")
    page.keyboard.press("Enter")
    expect(page.get_by_text("取物密码不对")).to_be_in_viewport()
    expect(page.get_by_label("接班人的存折卡或登录名")).to_have_value(card)
    expect(page.get_by_label("取物密码或登录密码")).to_be_focused()
    page.keyboard.type("2580")
    page.keyboard.press("Enter")
    expect(page.get_by_text("交班记下了。请接班的人用自己的登录名和密码登录")).to_be_visible()


def test_a_finger_sells_what_the_phone_says_yes_to(visit, phone, city, world, api):
    world.give(city.resident, 200)
    oil = world.item(city.shop, name="食用油", points=90, stock=4)
    till = visit(**{**COUNTER, "has_touch": True}).known_by(api.token(city.manager, staff=True))
    counter = till.open(f"/counter/{city.shop.id}")

    for _ in range(2):
        counter.get_by_role("button", name="加一件 食用油").tap()
    shown = phone.open("/redeem-code")
    counter.get_by_label("居民的兑换码").fill(shown.get_by_label("兑换码数字").inner_text())
    counter.get_by_role("button", name="确认兑换").tap()

    expect(counter.get_by_text("在手机上确认 180 分，积分还没有动")).to_be_visible()
    expect(shown.get_by_role("heading", name="兑换台请您确认")).to_be_visible()
    expect(shown.get_by_role("heading", name="请店员扫这个码")).to_have_count(0)
    expect(shown.get_by_text("3 分钟内有效")).to_be_visible()
    shown.get_by_role("button", name="确认，扣 180 分").click()
    expect(shown.get_by_text("兑换成功，扣 180 分，结余 20 分")).to_be_visible()
    expect(counter.get_by_text("兑换成功，扣 180 分，结余 20 分")).to_be_visible()
    assert world.on_hand(oil) == 2


def test_an_open_card_covers_no_sum_however_far_the_page_is_scrolled(till, city, world):
    for number in range(12):
        world.item(city.shop, name=f"商品{number}", points=5, stock=4)
    counter = till.open(f"/counter/{city.shop.id}")
    counter.set_viewport_size({"width": 1024, "height": 500})
    counter.get_by_text("没有手机：用存折卡").click()

    for far in (100, 300, 600):
        counter.evaluate(f"scrollTo(0, {far})")
        code, total = (
            counter.locator(f".counter__{part}").bounding_box() for part in ("code", "sum")
        )
        assert code["y"] + code["height"] <= total["y"] + 1
