"""Each paper the desks print: on as many sheets as it should, with nothing cut off."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from app.core.clock import civil_day
from tests.browser.test_paper import paper_mm

STANDING, LYING, HALF = (210, 297), (297, 210), (210, 149)
# What is as tall as its sheet allows, and what of it would not be printed.
CUT_OFF = """() => [...document.querySelectorAll(".label, .id-card, .paper__line, .leaf")]
  .filter((one) => one.scrollHeight > one.clientHeight + 1).map((one) => one.innerText)"""


@pytest.fixture
def attended(city, api, hands):
    """Twenty people were at the activity for ninety minutes: more than one sheet has lines."""
    people = city.world.people(20)
    for way in ("in", "out"):
        for one in people:
            code = city.world.venue_code(city.activity, way)
            api.post(f"/activities/{city.activity.id}/check-{way}s", as_=one, code=code)
        hands.move(minutes=90)
    return city.activity


def printed(page, path):
    """The sheets of a page, which cuts nothing off."""
    page.emulate_media(media="screen")
    page.goto(path)
    page.emulate_media(media="print")
    assert page.evaluate(CUT_OFF) == [], path
    return paper_mm(page)


def drawn(page, path):
    """The sheets of a PDF of ours."""
    answer = page.request.get(path)
    assert answer.ok, path
    boxes = re.findall(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", answer.body())
    return [tuple(round(float(side) * 25.4 / 72) for side in box) for box in boxes]


def test_the_activity_register_carries_its_minutes_over(attended, screen):
    page = screen.open("/staff/registers/activities")
    expect(page.get_by_text("1800 分钟")).to_be_visible()

    assert printed(page, "/staff/registers/activities") == [LYING] * 2
    last = page.locator(".leaf").last
    expect(page.get_by_text("过次页")).to_be_visible()
    expect(last.get_by_role("row", name="承前页 1,620")).to_be_visible()
    expect(last.get_by_role("row", name="合计 1,800")).to_be_visible()
    expect(last.get_by_role("columnheader", name="签字")).to_be_visible()
    expect(last.get_by_text("第 2 页 共 2 页")).to_be_visible()


def test_every_slip_shows_its_code_and_until_when(screen, city):
    path = f"/staff/activities/{city.activity.id}/slips"
    page = screen.open(path)
    page.get_by_label("给谁，一行一位").fill(
        "\n".join(f"玉城路文华苑二期 {n} 栋的老人" for n in range(7))
    )
    page.get_by_label("做了什么（选填）").fill(
        "上门理发、修剪指甲、测量血压和血糖、代买药品、打扫厨房"
    )
    with page.expect_navigation():
        page.get_by_role("button", name="发服务确认单").click()

    assert printed(page, f"{path}/print") == [STANDING] * 2
    assert drawn(page, f"{path}.pdf") == [STANDING] * 2


def test_the_shops_papers_fit_their_sheets(till, city, world):
    gift = world.accept(city.rice, 5, by=city.manager)
    world.item(city.shop, name="蓝月亮深层洁净洗衣液（薰衣草香型）三公斤家庭装", points=30)
    at, page = f"/staff/shops/{city.shop.id}", till.page
    quarter = f"{civil_day(world.now()):%Y}Q{(civil_day(world.now()).month + 2) // 3}"

    assert drawn(page, f"/staff/deliveries/{gift.id}/receipt.pdf") == [HALF]
    assert drawn(page, f"/staff/deliveries/{gift.id}/receipt.pdf?size=a4") == [STANDING]
    assert drawn(page, f"{at}/thanks.pdf?quarter={quarter}") == [STANDING]
    assert drawn(page, f"{at}/labels.pdf") == [STANDING]
    assert printed(page, f"{at}/count") == [STANDING]
    expect(page.get_by_text("监盘人签字")).to_be_visible()
    expect(page.get_by_label("实点").first).to_be_hidden()
    assert printed(page, f"/counter/{city.shop.id}/day") == [STANDING]


def test_what_comes_back_is_printed_like_a_receipt(till, phone, city, world):
    world.give(city.resident, 40)
    counter = till.open(f"/counter/{city.shop.id}")
    counter.get_by_label("居民的兑换码").fill(
        phone.open("/redeem-code").get_by_label("兑换码数字").inner_text()
    )
    counter.get_by_label(city.rice.name, exact=True).fill("2")
    counter.get_by_role("button", name="确认兑换").click()
    number = counter.locator(".receipt dd").first.inner_text()

    page = till.open(f"/counter/{city.shop.id}/returns?number={number}")
    page.get_by_label("大米 2.5kg退几件").fill("1")
    page.get_by_label("哪里有问题").fill("包装破损")
    page.get_by_role("button", name="确认退货").click()
    page.get_by_text("退货办好了，退回 16 分。").wait_for()
    page.emulate_media(media="print")

    expect(page.get_by_text("居民签字")).to_be_visible()
    expect(page.get_by_label("兑换单的单号")).to_be_hidden()
    ((width, height),) = paper_mm(page)
    assert (width, height < 150) == (80, True)


def test_the_desks_papers_fit_their_sheets(screen, city, world):
    card = world.card(city.resident)
    world.give(city.resident, 4)
    page = screen.open("/staff/cards")
    page.get_by_label("存折卡号").fill(card)
    page.get_by_role("button", name="查找").click()
    page.get_by_role("button", name="打印存折卡").wait_for()
    assert printed(page, page.url) == [STANDING]

    month = civil_day(world.now() - timedelta(days=1))
    assert printed(page, f"/staff/tills?month={month:%Y-%m}") == [STANDING]
    assert printed(page, "/staff/voucher-sheet") == [STANDING]
