"""The pictures of the README: the demo city on a phone and at a counter."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support.visitor import COUNTER, PHONE

DOCS = Path(__file__).parents[2] / "docs"
MOST_BYTES = 300_000


@pytest.fixture
def keep(request):
    """Writes a picture into the documentation, when that was asked for."""

    def keep(name: str, picture: bytes) -> None:
        assert len(picture) < MOST_BYTES
        if request.config.getoption("--pictures"):
            DOCS.mkdir(exist_ok=True)
            (DOCS / name).write_bytes(picture)

    return keep


def test_the_demo_city_looks_lived_in(demo, visit, keep):
    phone, till = visit(**PHONE), visit(**COUNTER)
    page = phone.sign_in("陈嘉怡")
    expect(page.locator(".stat__number").last).to_have_text("900")
    keep("phone.png", page.screenshot())

    digits = phone.open("/redeem-code").get_by_label("兑换码数字").inner_text()
    till.sign_in_as_staff("shop", demo)
    counter = till.open("/counter")
    expect(counter.get_by_role("heading", name="明德爱心志愿超市")).to_be_visible()
    counter.get_by_label("居民的兑换码").fill(digits)
    counter.get_by_label("大米 2.5kg", exact=True).fill("1")
    counter.get_by_label("香皂", exact=True).fill("1")
    counter.get_by_role("button", name="确认兑换").click()
    expect(counter.locator(".receipt")).to_contain_text("陈**")
    keep("counter.png", counter.screenshot())
