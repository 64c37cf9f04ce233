"""A slip on paper, an old phone without an account, and what a member sees of it."""

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from app.activities import jobs
from app.activities.models import Activity
from tests.support.visitor import PHONE


@pytest.fixture
def served(city, api, hands):
    """The resident came to help somebody, and left after an hour and a half."""
    with city.world.own() as session:
        own = sa.update(Activity).where(Activity.id == city.activity.id)
        session.execute(own.values(category="aid_vulnerable"))
    path, world = f"/activities/{city.activity.id}", city.world
    api.post(f"{path}/check-ins", as_=city.resident, code=world.venue_code(city.activity))
    hands.move(minutes=90)
    code = world.venue_code(city.activity, "out")
    api.post(f"{path}/check-outs", as_=city.resident, code=code)


def test_a_slip_is_printed_and_answered_and_the_time_is_paid(served, phone, screen, visit, city):
    page = phone.open("/me/arrivals")
    expect(page.get_by_text("还差服务对象确认")).to_be_visible()

    desk = screen.open(f"/staff/activities/{city.activity.id}")
    desk.get_by_role("link", name="服务确认单").click()
    desk.get_by_label("给谁，一行一位").fill("3栋老人\n5栋老人")
    desk.get_by_label("做了什么（选填）").fill("上门理发")
    desk.get_by_role("button", name="发服务确认单").click()
    desk.get_by_role("link", name="打印等答复的 2 张").click()
    code = desk.locator(".slip__code").first.inner_text()
    typed_at = desk.locator(".slip__address").first.inner_text()

    beneficiary = visit(**PHONE).open("/c/" + typed_at.rpartition("/")[2])
    beneficiary.get_by_label("八位码").fill(code.lower())
    beneficiary.get_by_role("button", name="下一步").click()
    expect(beneficiary.get_by_text("林服务者")).to_be_visible()
    beneficiary.get_by_role("button", name="服务做到了").click()
    expect(beneficiary.get_by_text("已经收到答复")).to_be_visible()
    expect(beneficiary.get_by_role("button", name="没有这回事")).to_have_count(0)

    with city.world.as_worker():
        jobs.go_on()
    city.world.settle()
    page = phone.open("/me/arrivals")
    expect(page.get_by_text("签到签退齐全")).to_be_visible()
    page = phone.open("/passbook?unit=points")
    expect(page.locator(".book tbody tr")).to_contain_text("小区环境卫生整治")
    assert city.world.violations() == []
