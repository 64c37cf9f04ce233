"""What people read when something cannot be done: a sentence that says what to do next."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.city import PASSWORD, City
from tests.support.counter import Counter
from tests.support.visitor import PHONE, Visitor, drawn


@pytest.fixture
def phone(phone) -> Visitor:
    """Chromium notes every refusal in its console; here they are what the tests are about."""
    phone.may_be_refused = True
    return phone


@pytest.fixture
def till(till) -> Visitor:
    till.may_be_refused = True
    return till


def refused(page: Page, sentence: str) -> None:
    expect(page.get_by_role("alert")).to_contain_text(sentence)


def fill(counter: Page, code: str, **goods: str) -> None:
    counter.get_by_label("居民的兑换码").fill(code)
    for name, quantity in goods.items():
        counter.get_by_label(name, exact=True).fill(quantity)
    counter.get_by_role("button", name="确认兑换").click()


def digits_on(phone: Visitor) -> str:
    """The ten digits on the phone, as they are read aloud."""
    return phone.open("/redeem-code").get_by_label("兑换码数字").inner_text()


def test_a_code_of_somebody_elses_is_no_code_of_ours(phone, city):
    phone.open("/scan")
    phone.show(drawn("https://pay.example.org/123"))

    refused(phone.page, "请扫描驿站、活动现场或兑换台上的码")


def test_a_picture_without_a_code_says_what_else_can_be_done(phone, city):
    page = phone.open("/scan")
    phone.show(page.screenshot())

    expect(page.locator("[data-say]")).to_contain_text("没有")
    expect(page.get_by_label("也可以输入码上的文字")).to_be_visible()


def test_a_code_that_was_replaced_says_so(phone, city, world):
    printed = world.code_of(city.station)
    world.revoke_code(city.station)
    phone.open("/scan")
    phone.page.get_by_label("也可以输入码上的文字").fill(printed)
    phone.page.get_by_role("button", name="就用这个").click()

    refused(phone.page, "请找墙上的新码")


def test_a_closed_station_says_when_it_opens(phone, world):
    station = world.station(name="清塘党群服务小屋", opens_minute=9 * 60, closes_minute=10 * 60)

    page = phone.open(f"/q/{world.code_of(station)}")

    expect(page.get_by_text("请在开放时间再来（每天 9:00–10:00）")).to_be_visible()
    expect(page.get_by_role("button", name="饮水")).to_have_count(0)


def test_a_station_that_closes_while_one_reads_its_page_says_when_it_opens(phone, world, hands):
    station = world.station(closes_minute=13 * 60, services=["water"])
    page = phone.open(f"/q/{world.code_of(station)}")
    hands.move(hours=2)
    page.get_by_role("button", name="饮水").click()

    refused(page, "请在开放时间再来")


def test_the_venues_old_code_asks_for_the_one_on_the_screen(phone, city, world, hands):
    code = world.venue_code(city.activity)
    page = phone.open(f"/arrive/{code}")
    hands.move(minutes=2)
    page.get_by_role("button", name="签到").click()

    refused(page, "请对准现场屏幕重新扫一次")
    expect(page.get_by_role("link", name="扫现场码签到")).to_be_visible()


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        pytest.param("0000000000", "请居民打开“兑换码”页面重新出示", id="unknown"),
        pytest.param(
            "牛奶", "请扫描居民手机上的“兑换码”，或输入码下方的 10 位数字", id="not a code"
        ),
    ],
)
def test_a_wrong_code_at_the_counter_keeps_the_basket(till, city, code, sentence):
    counter = till.open(f"/counter/{city.shop.id}")
    fill(counter, code, **{city.rice.name: "2"})

    refused(counter, sentence)
    expect_basket(counter, city, "2")


def test_an_expired_code_at_the_counter_keeps_the_basket(till, phone, city, hands):
    shown = digits_on(phone)
    counter = till.open(f"/counter/{city.shop.id}")
    hands.move(seconds=61)
    fill(counter, shown, **{city.rice.name: "1"})

    refused(counter, "兑换码已过期")
    expect_basket(counter, city, "1")


def test_goods_somebody_else_just_took_are_named(till, phone, city, world, api):
    world.give(city.resident, 60)
    counter = till.open(f"/counter/{city.shop.id}")
    other = Counter(world=world, api=api, shop=city.shop, manager=city.manager, rice=city.rice)
    other.redeem(other.code(world.person("何志文", points=32)), quantity=2)
    fill(counter, digits_on(phone), **{city.rice.name: "3"})

    refused(counter, "大米 2.5kg只剩 1 件")
    expect(counter.locator(".item").filter(has_text="大米")).to_contain_text("还有 1 件")


def test_too_few_points_are_counted_out(till, phone, city):
    counter = till.open(f"/counter/{city.shop.id}")
    fill(counter, digits_on(phone), **{city.rice.name: "1"})

    refused(counter, "可用积分 0 分，还差 16 分")
    expect_basket(counter, city, "1")


def test_nobody_redeems_for_themselves(till, visit, city, api):
    own = visit(**PHONE).known_by(api.token(city.manager))
    counter = till.open(f"/counter/{city.shop.id}")
    fill(counter, digits_on(own), **{city.rice.name: "1"})

    refused(counter, "请另一位管理员为您办理")


def test_a_resident_who_opens_the_counter_is_shown_the_way_in(phone, city):
    page = phone.open("/counter")

    refused(page, "请用工作人员账号登录")
    page.get_by_role("link", name="用工作人员账号登录").click()
    phone.give_password(city.manager_name, PASSWORD, to=f"**/counter/{city.shop.id}")
    expect(page.get_by_role("heading", name=city.shop.name)).to_be_visible()


def test_a_wrong_password_is_typed_again_and_nothing_else(till, city):
    till.context.clear_cookies()
    page = till.open("/staff/login")
    expect(page.get_by_label("用户名")).to_be_focused()
    page.keyboard.type(city.manager_name)
    page.get_by_label("密码").fill("wrong")
    page.keyboard.press("Enter")

    refused(page, "用户名或密码不正确")
    expect(page.get_by_label("用户名")).to_have_value(city.manager_name)
    expect(page.get_by_label("密码")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/staff")


def test_a_form_left_open_too_long_leads_back_to_itself(phone, city, world):
    page = phone.open(f"/q/{world.code_of(city.station)}")
    phone.context.clear_cookies(name="form")
    page.get_by_role("button", name="饮水").click()

    refused(page, "请返回上一页刷新后再提交")
    page.get_by_role("link", name="返回上一页").click()
    page.get_by_role("button", name="饮水").click()
    expect(page.get_by_role("heading", name="今天第一次到访")).to_be_visible()


def test_who_was_away_too_long_signs_in_and_goes_on(phone, hands):
    hands.move(days=8)
    page = phone.open("/passbook?unit=points")

    expect(page.get_by_text("登录过期了")).to_be_visible()
    page.get_by_role("button", name="林小燕").click()
    page.get_by_role("button", name="我看过了，同意").click()
    page.wait_for_url("**/passbook?unit=points")


def expect_basket(counter: Page, city: City, quantity: str) -> None:
    """What was chosen is still there; only the code has to be shown again."""
    expect(counter.get_by_label(city.rice.name, exact=True)).to_have_value(quantity)
    expect(counter.get_by_label("居民的兑换码")).to_have_value("")
    expect(counter.get_by_label("居民的兑换码")).to_be_focused()
