"""A manager with a scanner and a keyboard never needs the mouse."""

import pytest
from playwright.sync_api import expect

from tests.browser.city import PASSWORD


@pytest.fixture
def counter(till, city):
    """Codes that nobody has are looked up too, which Chromium notes in its console."""
    till.may_be_refused = True
    return till.open(f"/counter/{city.shop.id}")


@pytest.fixture
def rice(counter, city):
    return counter.get_by_label(city.rice.name, exact=True)


def test_quantities_go_up_and_down_within_the_stock(counter, rice):
    rice.press("+")
    rice.press("+")
    expect(counter.locator("[data-total]")).to_have_text("32")
    rice.press("-")
    expect(rice).to_have_value("1")

    rice.fill("99")

    expect(rice).to_have_value("3")
    expect(counter.locator("[data-lines]")).to_contain_text("大米 2.5kg × 3")


def test_who_wants_more_than_there_is_hears_how_many_are_left(counter, rice):
    said = counter.locator("[data-say]")
    for _ in range(3):
        rice.press("+")
    expect(said).to_be_empty()

    counter.get_by_role("button", name="大米 2.5kg 加一件").click()

    expect(said).to_have_text("只剩 3 件，都选上了。")
    expect(rice).to_have_value("3")
    rice.press("-")
    expect(said).to_be_empty()


def test_escape_takes_back_the_code_and_then_the_goods(counter, rice):
    code = counter.get_by_label("居民的兑换码")
    code.fill("1234567890")
    rice.press("+")

    rice.press("Escape")
    expect(code).to_have_value("")
    expect(rice).to_have_value("1")
    counter.keyboard.press("Escape")
    expect(rice).to_have_value("")


def test_a_scan_lands_in_its_field_wherever_the_focus_was(counter, rice, till):
    rice.press("+")
    till.scan("Rabcdefghijklmnopqrstuv")

    expect(counter.get_by_label("居民的兑换码")).to_have_value("Rabcdefghijklmnopqrstuv")
    expect(rice).to_have_value("1")
    expect(counter.get_by_role("button", name="确认兑换")).to_be_focused()


def test_enter_without_goods_sends_nothing(counter, till):
    till.scan("1234567890")

    expect(counter.get_by_text("码读到了，请选商品")).to_be_visible()
    expect(counter.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("12", ""),
        ("12345678901", ""),
        ("Rabc", ""),
        ("1234 567 890", "码读到了，请选商品。"),
        ("Rabcdefghij-lmnopqrs_uv", "码读到了，请选商品。"),
    ],
)
def test_only_what_looks_like_a_code_counts_as_one(counter, till, typed, said):
    counter.get_by_label("居民的兑换码").fill(typed)
    counter.keyboard.press("Enter")

    expect(counter.locator(".stepper__input").first).to_be_focused()
    expect(counter.locator("[data-say]")).to_have_text(said)


def test_a_card_of_digits_alone_is_led_to_its_pin_and_known_by_its_number(
    counter, rice, till, city, world
):
    world.give(city.resident, 40)
    number = world.card(city.resident, pin="2580", letters="340")

    till.scan(number)

    expect(counter.get_by_label("存折卡号", exact=True)).to_have_value(number)
    expect(counter.get_by_label("居民的兑换码")).to_have_value("")
    expect(counter.get_by_label("取物密码（请本人输入）")).to_be_focused()
    expect(counter.locator("[data-who]")).to_contain_text("40 分")


BUSY = """() => addEventListener("keydown", () => {
  const since = performance.now();
  while (performance.now() - since < 150);
}, { capture: true })"""


def test_a_page_that_is_busy_between_two_keys_tears_no_scan_in_two(counter, till, city, world):
    number = world.card(city.resident, pin="2580")
    counter.locator("[data-card]").evaluate("details => (details.open = true)")
    counter.locator("#reason").focus()
    counter.evaluate(BUSY)

    till.scan(number)

    expect(counter.locator("#card_no")).to_have_value(number)
    expect(counter.locator("#reason")).to_have_value("")


@pytest.mark.parametrize(
    ("typed", "led"), [("34050012", True), ("123456789", False), ("12345", False)]
)
def test_who_types_digits_means_a_card_unless_they_are_nearly_a_code(counter, typed, led):
    counter.get_by_label("居民的兑换码").fill(typed)
    counter.keyboard.press("Enter")

    expect(counter.locator("[data-card]")).to_have_js_property("open", led)
    expect(counter.get_by_label("居民的兑换码")).to_have_value("" if led else typed)


def test_a_lost_connection_is_no_second_redemption(counter, rice, till, phone, city, world):
    world.give(city.resident, 40)
    till.scan(phone.open("/redeem-code").get_by_label("兑换码数字").inner_text())
    rice.fill("1")
    lose_the_answer(till)
    counter.get_by_role("button", name="确认兑换").click()
    expect(counter.get_by_text("不会重复扣分")).to_be_visible()
    till.context.unroute("**/counter/*")
    till.complaints.clear()

    counter.get_by_role("button", name="确认兑换").click()

    expect(counter.get_by_text("兑换成功，扣 16 分，结余 24 分")).to_be_visible()
    assert world.on_hand(city.rice) == 2


def test_a_login_that_ran_out_leads_back_to_the_same_basket(counter, rice, till, city, hands):
    rice.fill("2")
    hands.move(days=2)
    till.scan("Rabcdefghijklmnopqrstuv")
    expect(counter.get_by_role("button", name="确认兑换")).to_be_focused()
    counter.keyboard.press("Enter")

    expect(counter.get_by_role("alert")).to_contain_text("登录已过期，还没有兑换")
    expect(counter.get_by_role("link", name="重新登录")).to_be_focused()
    counter.keyboard.press("Enter")
    till.give_password(city.manager_name, PASSWORD, to=f"**/counter/{city.shop.id}")

    expect(rice).to_have_value("2")
    expect(counter.locator("[data-total]")).to_have_text("32")
    expect(counter.get_by_label("居民的兑换码")).to_have_value("")
    counter.reload()
    expect(rice).to_have_value("")


def lose_the_answer(till):
    """The request arrives and is done; the answer never comes back."""

    def swallow(route):
        route.fetch()
        route.abort()

    till.context.route("**/counter/*", swallow)
