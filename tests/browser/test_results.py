"""After each deed: the page that tells of it survives being reloaded, left and found again."""

import pytest
from playwright.sync_api import expect


def expect_to_stay(page, *, heading):
    """Reload the page, go back and forward again, and open it by its address."""
    address, told = page.url, page.get_by_role("heading", name=heading)
    page.reload()
    expect(told).to_be_visible()
    page.go_back()
    expect(page.get_by_role("navigation").first).to_be_visible()  # a page of ours, whichever
    expect(told).to_be_hidden()
    page.go_forward()
    expect(told).to_be_visible()
    page.goto("/me")
    page.goto(address)
    expect(told).to_be_visible()


@pytest.fixture
def left(phone, city, world, hands):
    """The phone of somebody who came, stayed for an hour and left."""
    phone.open(f"/arrive/{world.venue_code(city.activity)}")
    phone.page.get_by_role("button", name="签到").click()
    expect(phone.page.get_by_role("heading", name="签到成功")).to_be_visible()
    hands.move(minutes=60)
    phone.open(f"/arrive/{world.venue_code(city.activity, 'out')}")
    phone.page.get_by_role("button", name="签退").click()
    expect(phone.page.get_by_role("heading", name="服务 60 分钟")).to_be_visible()
    return phone


def test_the_page_after_a_visit_stays(phone, city, world):
    page = phone.open(f"/q/{world.code_of(city.station)}")
    page.get_by_role("button", name="饮水").click()
    expect(page.get_by_role("heading", name="今天第一次到访 +2 待结算")).to_be_visible()

    expect_to_stay(page, heading="今天第一次到访 +2 待结算")

    assert world.facts_of(city.resident) == 1


def test_the_page_after_a_check_in_stays(phone, city, world):
    page = phone.open(f"/arrive/{world.venue_code(city.activity)}")
    page.get_by_role("button", name="签到").click()
    expect(page.get_by_role("heading", name="签到成功")).to_be_visible()

    expect_to_stay(page, heading="签到成功")

    assert world.row_counts()["attendance"] == 1


def test_the_page_after_a_check_out_stays(left, city, world):
    expect_to_stay(left.page, heading="服务 60 分钟 × 10 分/小时 = 10 分，待结算")

    assert world.facts_of(city.resident) == 1
