"""公益服务券 from the counter to the merchant's, as those who use them do it."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.city import PASSWORD
from tests.browser.conftest import PHONE
from tests.browser.test_paper import paper_mm
from tests.browser.test_quality import flaws_at_desks, flaws_on_phones
from tests.support.stationing import a_photo


@pytest.fixture
def haircut(world, city):
    return world.item(city.shop, name="理发券", points=10, category="haircut", merchant="理发店")


@pytest.fixture
def barber(world, city):
    return world.staff("merchant", name="罗师傅")


@pytest.fixture
def desk(visit, api, barber):
    """The merchant's own phone."""
    return visit(**PHONE).known_by(api.token(barber, staff=True))


@pytest.fixture
def take_on(world, till, barber):
    def take_on():
        username = world.employ(barber, password=PASSWORD)
        page = till.open("/staff")
        page.get_by_role("link", name="兑付商户").click()
        page.get_by_label("商户名称").fill("明德理发店")
        page.get_by_label("办理哪一类服务").select_option(label="服务券：理发")
        page.get_by_label("核销人的登录用户名").fill(username)
        page.get_by_role("button", name="添加").click()
        expect(page.get_by_role("heading", name="明德理发店")).to_be_visible()

    return take_on


@pytest.fixture
def buy(till, phone, city, haircut):
    def buy(quantity):
        digits = phone.open("/redeem-code").get_by_label("兑换码数字").inner_text()
        page = till.open(f"/counter/{city.shop.id}")
        page.get_by_label("居民的兑换码").fill(digits)
        page.get_by_label(haircut.name, exact=True).fill(str(quantity))
        page.get_by_role("button", name="确认兑换").click()
        page.get_by_text("兑换成功").wait_for()

    return buy


def test_a_haircut_is_bought_redeemed_once_and_settled_and_another_given_back(
    world, till, phone, desk, city, take_on, buy
):
    world.give(city.resident, 20)
    desk.may_be_refused = True
    take_on()
    buy(2)

    page = phone.open("/shops")
    page.get_by_role("link", name="我的服务券").click()
    expect(page.get_by_text("明德理发店")).to_have_count(2)
    code = page.locator(".code__digits").first.inner_text()
    shop = desk.open("/staff")
    shop.get_by_role("link", name="服务券核销").click()
    expect(shop.get_by_label("居民的券码")).to_be_focused()
    desk.scan(code.lower())
    expect(shop.get_by_text("核销成功：理发券，林*燕")).to_be_visible()
    expect(shop.get_by_label("居民的券码")).to_be_focused()
    desk.scan(code)
    expect(shop.get_by_role("alert")).to_contain_text("在本店用过")

    page = phone.open("/vouchers")
    expect(page.locator(".code__digits")).to_have_count(1)
    page.get_by_role("button", name="不用了，退回 10 分").click()
    expect(page.get_by_text("已经退回，积分回到了您的存折")).to_be_visible()
    assert world.points_of(city.resident) == 10

    books = till.open("/staff/voucher-sheet")
    expect(books.get_by_role("row", name=re.compile("明德理发店.*理发券 1 10"))).to_be_visible()
    with books.expect_download() as taken:
        books.get_by_role("button", name="导出 xlsx").click()
    assert re.fullmatch(r"vouchers-\d{4}-\d\d\.xlsx", taken.value.suggested_filename)
    assert world.violations() == []


def test_a_barber_with_only_a_phone_reads_the_code_off_a_picture_and_presses_the_button(
    world, till, phone, desk, city, take_on, buy
):
    world.give(city.resident, 10)
    take_on()
    buy(1)
    code = phone.open("/vouchers").locator(".qr").screenshot()

    shop = desk.open("/merchant")
    desk.show(code)

    expect(shop.get_by_text("读到券码了")).to_be_visible()
    expect(shop.get_by_role("button", name="核销这张券")).to_be_focused()
    expect(shop.get_by_text("今天还没有核销")).to_be_visible()
    shop.keyboard.press("Enter")
    expect(shop.get_by_text("核销成功：理发券，林*燕")).to_be_visible()


def test_an_elders_receipt_carries_the_code_on_80_mm(
    world, api, till, desk, city, take_on, haircut
):
    wang = world.person("王阿婆", points=20)
    card = world.card(wang, pin="2580")
    take_on()
    page = till.open(f"/counter/{city.shop.id}")
    page.get_by_text("没有手机：用存折卡").click()
    page.get_by_label("存折卡号").fill(card)
    page.get_by_label("取物密码（请本人输入）").fill("2580")
    page.get_by_label(haircut.name, exact=True).fill("1")
    page.get_by_role("button", name="确认兑换").click()
    page.get_by_text("兑换成功").wait_for()
    expect(page.locator(".receipt__qr")).to_be_hidden()

    page.emulate_media(media="print")

    drawn = page.locator(".receipt__qr svg")
    expect(drawn).to_be_visible()
    assert paper_mm(page)[0][0] == 80
    assert len(paper_mm(page)) == 1
    paper = drawn.screenshot()
    shop = desk.open("/merchant")
    desk.show(paper)
    shop.get_by_text("读到券码了").wait_for()
    shop.get_by_role("button", name="核销这张券").click()
    expect(shop.get_by_text("核销成功：理发券，王*婆")).to_be_visible()


def on_the_way(world, till, phone, desk, city, take_on, buy):
    """Each page of it, in each state that says something else."""
    world.give(city.resident, 20)
    yield "vouchers, none", phone.open("/vouchers")
    yield "merchant, none", desk.open("/merchant")
    yield "merchants, none", till.open("/staff/merchants")
    yield "sheet, empty", till.open("/staff/voucher-sheet")
    take_on()
    yield "merchants", till.page
    buy(2)
    yield "vouchers", phone.open("/vouchers")
    page = desk.open("/merchant")
    yield "merchant", page
    expect(page.get_by_label("居民的券码")).to_be_focused()
    desk.scan(phone.page.locator(".code__digits").first.inner_text())
    expect(page.get_by_text("核销成功")).to_be_visible()
    yield "merchant, done", page
    yield "vouchers, one used", phone.open("/vouchers")
    yield "sheet", till.open("/staff/voucher-sheet")


@pytest.mark.parametrize("flaws", [flaws_on_phones, flaws_at_desks])
def test_its_pages_are_without_flaws(world, till, phone, desk, city, take_on, buy, flaws):
    assert flaws(on_the_way(world, till, phone, desk, city, take_on, buy)) == []


def test_goods_are_known_by_their_photo(world, till, phone, city):
    till.open(f"/staff/goods/{city.rice.id}")
    chosen = {"name": "米.png", "mimeType": "image/png", "buffer": a_photo()}
    till.page.get_by_label("选一张商品照片").set_input_files(chosen)
    till.page.get_by_role("button", name="上传").click()
    expect(till.page.get_by_role("img", name="大米 2.5kg的照片")).to_be_visible()

    counter, shop = till.open(f"/counter/{city.shop.id}"), phone.open(f"/shops/{city.shop.id}")

    tile = counter.get_by_role("button", name="加一件 大米 2.5kg")
    for picture in (tile.locator("img"), shop.get_by_role("img", name="大米 2.5kg的照片")):
        expect(picture).to_be_visible()
        expect(picture).to_have_js_property("complete", value=True)
        assert picture.evaluate("one => one.naturalWidth") > 0
    tile.click()
    expect(counter.get_by_label(city.rice.name, exact=True)).to_have_value("1")
    assert counter.get_by_role("button", name="加一件 食用盐").inner_text() == "食"
