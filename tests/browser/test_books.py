"""A shop's books leave the printer with their sums, and a passbook goes on where it ended."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from app.core.clock import civil_day
from tests.browser.test_paper import paper_mm
from tests.support.visitor import Visitor

ROW_19_MM = 26 + 18 * 8
SALES = 36  # two sheets are full: the sums and signatures still stand on the second


@pytest.fixture
def reader(visit, city, api) -> Visitor:
    """A supervisor at a large screen."""
    supervisor = city.world.staff("supervisor", name="周监督")
    return visit(viewport={"width": 1280, "height": 800}).known_by(
        api.token(supervisor, staff=True)
    )


def sell(city, api, times):
    world = city.world
    members = world.people(times, points=4)
    for one in members:
        code = api.post("/me/redeem-codes", as_=one).json["code"]
        line = {"item_id": str(city.salt.id), "quantity": 1}
        api.post(
            f"/shops/{city.shop.id}/redemptions",
            as_=city.manager,
            key=uuid4().hex,
            redeem_code=code,
            lines=[line],
        )


def test_each_register_is_printed_with_its_sums_carried_over(reader, city, api):
    world = city.world
    world.deliver(city.salt, SALES)
    world.accept(city.rice, 5, by=city.manager)
    sell(city, api, SALES)
    at, day = f"/staff/books/{city.shop.id}", civil_day(world.now())

    page = reader.open(f"{at}/redemptions?span=quarter&day={day}")
    expect(page.get_by_text("与台账一致：库存流水 36 件，积分账 144 分").first).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_text("过次页")).to_have_count(1)
    expect(page.get_by_text("承前页")).to_have_count(1)
    expect(page.get_by_text("第 2 页 共 2 页")).to_be_visible()
    expect(page.locator(".leaf__signed span")).to_have_count(3)
    assert paper_mm(page) == [(297, 210)] * 2

    page = reader.open(f"{at}/donations?span=day&day={day}")
    page.emulate_media(media="print")
    expect(page.get_by_role("cell", name="供电所")).to_be_visible()
    assert paper_mm(page) == [(297, 210)]


TITLED = "cell => getComputedStyle(cell, '::before').content"


def test_on_a_phone_a_sum_is_called_a_sum_alone(visit, city, api):
    supervisor = city.world.staff("supervisor", name="周监督")
    sell(city, api, 1)
    small = visit(viewport={"width": 360, "height": 740}).known_by(
        api.token(supervisor, staff=True)
    )

    page = small.open(f"/staff/books/{city.shop.id}/redemptions")

    total = page.locator(".leaf__sum td")
    assert total.first.inner_text() == "合计"
    assert total.first.evaluate(TITLED) == "none"
    assert "数量" in total.nth(4).evaluate(TITLED)
    assert "日期" in page.locator("tbody tr td").first.evaluate(TITLED)


def test_a_passbook_goes_on_where_the_last_print_ended(phone, city):
    city.world.give(city.resident, 36)
    page = phone.open("/passbook/paper")
    page.get_by_role("button", name="印新的记录").click()
    page.get_by_text("第 1 本第 1 页").wait_for()
    city.world.give(city.resident, 6)

    page = phone.open("/passbook/paper")
    expect(page.get_by_text("从第 19 行接着印")).to_be_visible()
    page.get_by_role("button", name="印新的记录").click()
    expect(page.get_by_text("还有 1 笔没有印。请翻到第 2 页再印。")).to_be_visible()
    page.emulate_media(media="print")

    expect(page.locator(".paper__line:visible")).to_have_count(2)
    top = page.locator(".paper__line").first.bounding_box()["y"]
    assert round(top - page.locator(".paper").bounding_box()["y"]) == round(
        (26 + 18 * 8) * 96 / 25.4
    )
    assert paper_mm(page) == [(148, 210)]


SIDES = """(row) => [...row.children].map((cell) => {
  const { left, right } = cell.getBoundingClientRect();
  return [Math.round(left), Math.round(right)];
})"""


def test_on_a_screen_each_line_of_a_paper_book_stands_under_its_head(visit, city, api):
    city.world.give(city.resident, 4)
    desk = visit(viewport={"width": 1024, "height": 768}).known_by(api.token(city.resident))
    page = desk.open("/passbook/paper")
    page.get_by_role("button", name="印新的记录").click()

    expect(page.get_by_text("打印时纸张选 A5，不缩放（100%）")).to_be_visible()
    expect(page.get_by_text("接在已经印好的下面")).to_have_count(0)
    heads, line = (page.locator(f".paper__{part}").first for part in ("head", "line"))
    assert heads.evaluate(SIDES) == line.evaluate(SIDES)
