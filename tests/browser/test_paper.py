"""What leaves the printer: the matter, and nothing that only a screen needs."""

import re

import pytest
from playwright.sync_api import Page, expect

POINTS_PER_MM = 72 / 25.4
PIXELS_PER_MM = 96 / 25.4


def paper_mm(page: Page) -> list[tuple[int, int]]:
    """Width and height of each sheet the printer would be given."""
    pdf = page.pdf(prefer_css_page_size=True)
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    return [(round(float(w) / POINTS_PER_MM), round(float(h) / POINTS_PER_MM)) for w, h in boxes]


@pytest.fixture
def receipt(till, phone, city, world):
    world.give(city.resident, 40)
    counter = till.open(f"/counter/{city.shop.id}")
    digits = phone.open("/redeem-code").get_by_label("兑换码数字").inner_text()
    counter.get_by_label("居民的兑换码").fill(digits)
    counter.get_by_label(city.rice.name, exact=True).fill("2")
    counter.get_by_role("button", name="确认兑换").click()
    counter.get_by_text("兑换成功").wait_for()
    return counter


def test_a_passbook_is_printed_as_a_book(phone, city, world):
    world.give(city.resident, 4)
    page = phone.open("/passbook")
    expect(page.get_by_text("林小燕")).to_be_hidden()

    page.emulate_media(media="print")

    expect(page.get_by_text("林小燕")).to_be_visible()
    for column in ("日期", "摘要", "收支", "结余", "依据"):
        expect(page.get_by_role("columnheader", name=column)).to_be_visible()
    expect(page.locator(".book tbody tr")).to_have_count(4)
    for gone in (".top", ".tabs", ".pills", "[data-print]"):
        expect(page.locator(gone)).to_be_hidden()
    assert paper_mm(page) == [(210, 297)]


def test_a_receipt_is_printed_alone_and_can_be_signed(receipt):
    expect(receipt.get_by_text("居民签字")).to_be_hidden()

    receipt.emulate_media(media="print")

    expect(receipt.get_by_text("居民签字")).to_be_visible()
    expect(receipt.get_by_text("积分结余 8")).to_be_visible()
    for gone in (
        ".top",
        ".banner[role=status]",
        ".counter__head",
        ".counter__form",
        "[data-print]",
    ):
        expect(receipt.locator(gone)).to_be_hidden()
    ((width, height),) = paper_mm(receipt)
    drawn = receipt.locator(".counter__receipt").bounding_box()["height"] / PIXELS_PER_MM
    assert (width, drawn + 8 <= height <= drawn + 18) == (80, True), (drawn, height)


def test_a_long_receipt_is_one_long_sheet(till, phone, city, world):
    world.give(city.resident, 40)
    goods = [world.item(city.shop, name=f"小商品 {number}", points=1) for number in range(20)]
    counter = till.open(f"/counter/{city.shop.id}")
    digits = phone.open("/redeem-code").get_by_label("兑换码数字").inner_text()
    counter.get_by_label("居民的兑换码").fill(digits)
    for item in goods:
        counter.get_by_label(item.name, exact=True).fill("1")
    counter.get_by_role("button", name="确认兑换").click()
    counter.get_by_text("兑换成功").wait_for()

    counter.emulate_media(media="print")

    ((width, height),) = paper_mm(counter)
    assert (width, height > 150) == (80, True)


def test_each_stations_code_is_a_poster_on_a_sheet_of_its_own(screen, city, world):
    for name in ("清塘党群服务小屋", "文华社区新时代文明实践站暨红色物业“邻里先锋”驿站"):
        world.station(name=name, address="东城街道文华路 118 号文华苑二期东门党群服务中心一楼")
    page = screen.open("/staff/stations")
    expect(page.get_by_role("button", name="打印驿站码")).to_be_visible()

    page.emulate_media(media="print")

    expect(page.locator(".sheet-a4")).to_have_count(3)
    for poster in page.locator(".sheet-a4").all():
        expect(poster.get_by_text("点一项服务")).to_be_visible()
        assert poster.locator(".qr").bounding_box()["width"] > 120 * PIXELS_PER_MM
    for gone in (".top", "h1", "[data-print]"):
        expect(page.locator(gone)).to_be_hidden()
    assert paper_mm(page) == [(210, 297)] * 3


def test_labels_are_eight_on_a_sheet_and_each_as_large_as_the_last(screen, city, world):
    for number in range(9):
        world.station(name=f"明德第 {number} 驿站")
    page = screen.open("/staff/stations/labels")

    page.emulate_media(media="print")

    boxes = [label.bounding_box() for label in page.locator(".label").all()]
    assert {round(box["height"] / PIXELS_PER_MM) for box in boxes} == {68}
    assert {round(box["width"] / PIXELS_PER_MM) for box in boxes} == {95}
    assert paper_mm(page) == [(210, 297)] * 2
