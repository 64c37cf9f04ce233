"""What looked odd is decided at a desk, and who forgot to check out says when they left."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from app.activities import jobs
from app.activities.models import Activity
from app.core.clock import CIVIL_ZONE

FAR = {"lat": 23.4, "lng": 112.7, "crs": "gcj02", "accuracy_m": 20.0}


@pytest.fixture
def doubtful(api, city):
    """The resident, whose phone said that it was eleven kilometres away."""
    with city.world.own() as session:
        session.execute(
            sa.update(Activity).where(Activity.id == city.activity.id).values(lat=23.3, lng=112.7)
        )
    api.post(
        f"/activities/{city.activity.id}/check-ins",
        as_=city.resident,
        code=city.world.venue_code(city.activity),
        location=FAR,
    )


def test_who_was_far_away_waits_and_is_told_when_somebody_has_looked(doubtful, phone, screen, city):
    page = phone.open(f"/activities/{city.activity.id}")
    expect(page.get_by_text("等负责人确认后再计分")).to_be_visible()

    desk = screen.open("/staff")
    desk.get_by_role("link", name="签到待确认").click()
    expect(desk.get_by_text("定位显示不在活动现场附近")).to_be_visible()
    desk.get_by_role("button", name="人在现场，确认").click()
    expect(desk.get_by_text("现在没有要确认的签到")).to_be_visible()

    phone.open(f"/activities/{city.activity.id}")
    expect(page.get_by_text("等负责人确认后再计分")).to_have_count(0)
    phone.open("/messages")
    expect(page.get_by_text("的签到已经确认")).to_be_visible()


def test_a_rejection_says_why(doubtful, phone, screen, city):
    desk = screen.open("/staff/attendances")
    desk.get_by_text("不通过", exact=True).first.click()
    desk.get_by_label("原因").fill("现场没有看到本人")
    desk.get_by_role("button", name="不通过").click()
    expect(desk.get_by_text("现在没有要确认的签到")).to_be_visible()

    page = phone.open(f"/activities/{city.activity.id}")

    expect(page.get_by_text("现场没有看到本人")).to_be_visible()


def test_who_forgot_to_check_out_says_when_they_left(api, phone, city, hands):
    world, activity = city.world, city.activity
    code = world.venue_code(activity)
    api.post(f"/activities/{activity.id}/check-ins", as_=city.resident, code=code)
    hands.instant = activity.ends_at + timedelta(minutes=20)
    with world.as_worker():
        jobs.go_on()

    page = phone.open(f"/activities/{activity.id}")
    expect(page.get_by_role("heading", name="您走的时候没有签退")).to_be_visible()
    page.get_by_text("我走得更早").click()
    left_at = page.get_by_label("实际离开的时间")
    earlier = (activity.ends_at - timedelta(minutes=30)).astimezone(ZoneInfo(CIVIL_ZONE))
    left_at.fill(earlier.strftime("%Y-%m-%dT%H:%M"))
    page.get_by_role("button", name="改成这个时间").click()

    expect(page.get_by_text(earlier.strftime("%H:%M")).first).to_be_visible()
