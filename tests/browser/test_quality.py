"""What every page keeps to: it fits, can be read, can be touched, and bothers nobody else."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import tour
from tests.support.visitor import COUNTER, PHONE

FLAWS = (Path(__file__).parent / "flaws.js").read_text(encoding="utf-8")
FINGER, ELDERS_FINGER = 44, 60
VIEWS = {
    "a small phone": ((360, 780), FINGER),
    "a phone": ((390, 844), FINGER),
    "a phone in large type": ((390, 844), ELDERS_FINGER),
}


def flaws_on_phones(stops: Iterable[tour.Stop]) -> list[str]:
    """What is wrong with each page, in each of the views; the reader should find nothing."""
    found = []
    for name, page in painted(stops):
        for view, ((width, height), least) in VIEWS.items():
            page.set_viewport_size({"width": width, "height": height})
            large = "document.documentElement.classList.toggle('elder', large)"
            page.evaluate(f"large => {large}", least == ELDERS_FINGER)
            found += [f"{name}, on {view}: {flaw}" for flaw in page.evaluate(FLAWS, least)]
        page.evaluate("document.documentElement.classList.remove('elder')")
    return found


def flaws_at_desks(stops: Iterable[tour.Stop]) -> list[str]:
    return [
        f"{name}: {flaw}" for name, page in painted(stops) for flaw in page.evaluate(FLAWS, FINGER)
    ]


def painted(stops: Iterable[tour.Stop]) -> Iterator[tour.Stop]:
    """Each page with its style: the text of one may be there before its sheets are."""
    for name, page in stops:
        page.wait_for_load_state()
        yield name, page


def test_pages_before_a_login_are_without_flaws(visit, city):
    visitor = visit(**PHONE)
    visitor.may_be_refused = True

    assert flaws_on_phones(tour.before_login(visitor)) == []


def test_pages_of_the_books_are_without_flaws(till, phone, city):
    assert flaws_on_phones(tour.of_the_books(till, city, phone)) == []


def test_pages_of_the_stockroom_are_without_flaws(till, screen, city, world):
    assert flaws_on_phones(tour.of_the_stockroom(till, city, screen)) == []

    assert world.shelf(city.rice) == [(3, 0), (3, 0)]
    assert world.on_hand(city.salt) == 19
    assert world.violations() == []


def test_pages_of_a_resident_are_without_flaws(phone, city, hands, worker):
    phone.may_be_refused = True

    assert flaws_on_phones(tour.of_the_resident(phone, city, hands, worker)) == []


def test_pages_of_the_counter_are_without_flaws(till, phone, city, world):
    world.give(city.resident, 16)
    till.may_be_refused = True

    assert flaws_at_desks(tour.of_the_counter(till, city, phone)) == []


def test_pages_of_the_venue_are_without_flaws(screen, city):
    assert flaws_at_desks(tour.of_the_venue(screen, city)) == []


def test_large_type_stays_until_it_is_switched_off(phone):
    page = phone.open("/me")
    page.get_by_role("button", name="大字").click()
    phone.open("/passbook")

    expect(page.locator("html")).to_have_class(re.compile(r"\belder\b"))
    expect(page.locator("body")).to_have_css("font-size", "24px")
    page.get_by_role("button", name="标准字").click()
    expect(page.locator("body")).to_have_css("font-size", "18px")


def test_the_mark_is_there_for_browsers_that_only_guess_its_name(phone):
    answer = phone.context.request.get("/favicon.ico")

    assert answer.ok
    assert answer.headers["content-type"].startswith("image/svg+xml")


FOCUSED = """() => {
  const node = document.activeElement, style = getComputedStyle(node);
  if (node === document.body) return null;
  const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  return (node.id || node.textContent.trim()) + (outlined ? "" : " (one cannot see it)");
}"""


@pytest.mark.parametrize("device", [PHONE, COUNTER], ids=["phone", "desk"])
def test_the_keyboard_reaches_everything_at_the_counter(visit, city, api, device):
    till = visit(**device).known_by(api.token(city.manager, staff=True))
    page = till.open(f"/counter/{city.shop.id}")
    page.get_by_label("居民的兑换码").blur()

    reached = set()
    for _press in range(20):
        page.keyboard.press("Tab")
        reached.add(page.evaluate(FOCUSED))

    frame = {"跳到正文", "红色账户", "工作台", "大字"}
    goods = {f"qty-{item.id}" for item in (city.rice, city.salt)}
    ways = {"今天和交接班", "预约领取", "退货"}
    proofs = {"redeem_code", "用摄像头扫", "没有手机：用存折卡"}
    assert reached - {None} == frame | ways | proofs | goods | {"确认兑换"}


def test_the_description_of_the_api_opens_and_calls_nobody_else(visit, city):
    page = visit(**COUNTER).open("/api/docs")
    page.locator("#operations-tag-stations").click()

    expect(page.get_by_text("/api/v1/station-visits", exact=True).first).to_be_visible()
