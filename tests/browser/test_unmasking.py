"""查看完整信息 at a desk: from a file, by a reason, one datum."""

import pytest
from playwright.sync_api import expect

from app.identity.fields import Field


@pytest.fixture
def known(world, city):
    world.know(city.resident, {Field.NAME: "欧阳静怡", Field.PHONE: "13812345678"})


def test_one_datum_is_seen_for_a_reason(screen, city, known):
    page = screen.open(f"/staff/people/{city.resident.id}")
    expect(page.get_by_text("138****5678")).to_be_visible()
    page.get_by_role("link", name="查看完整信息").click()

    page.get_by_label("要看哪一项").select_option("phone")
    page.get_by_label("为什么要看").fill("通知领取物品")
    page.get_by_role("button", name="查看这一项").click()

    expect(page.get_by_role("status")).to_contain_text("138 1234 5678")
    expect(page.get_by_text("欧阳静怡")).to_have_count(0)
