"""What residents see: the list as they want it, the month, their own places, and the file."""

from datetime import timedelta

import pytest
from icalendar import Calendar

from app.activities.plan_models import CalendarTheme
from app.core.db import add
from tests.support.browser import Browser
from tests.support.drafts import a_task


@pytest.fixture
def staffed(world, hands):
    """An activity next week with these tasks."""

    def staffed(title, *tasks, **fields):
        starts = hands() + timedelta(days=7)
        activity = world.activity(
            title=title, starts_at=starts, ends_at=starts + timedelta(hours=2), **fields
        )
        with world.own() as session:
            for number, task in enumerate(tasks):
                add(session, a_task(activity, name=f"Task {number}", **task))
        return activity

    return staffed


def test_the_list_is_narrowed_by_skill_time_and_place(world, browser, staffed):
    world.unit("community", "Wenhua", under="East Street")
    staffed("Haircuts", {"skill": "hairdressing", "minutes": 120})
    staffed("Sweeping", {"minutes": 60}, {"skill": "driving", "minutes": 240})
    staffed("Elsewhere", {"minutes": 60}, community_id=world.units["Wenhua"])

    def shown(**asked):
        text = browser.get("/activities", **asked).text
        return {title for title in ("Haircuts", "Sweeping", "Elsewhere") if title in text}

    assert shown() == {"Haircuts", "Sweeping", "Elsewhere"}
    assert shown(skill="hairdressing") == {"Haircuts"}
    assert shown(skill="none") == {"Sweeping", "Elsewhere"}
    assert shown(minutes="60") == {"Sweeping", "Elsewhere"}
    assert shown(skill="driving", minutes="60") == set()  # one task must be all of it
    assert shown(near="1") == {"Haircuts", "Sweeping"}
    assert shown(skill="nonsense", minutes="-1", near="x") == {"Haircuts", "Sweeping", "Elsewhere"}
    assert "没有这样的活动" in browser.get("/activities", skill="legal").text


def test_one_enrols_for_a_task_waits_and_leaves_in_one_tap(
    world, api, browser, staffed, lin, sweep
):
    activity = staffed(
        "Haircuts",
        {"skill": "hairdressing", "places": 1, "min_age": 18, "max_age": 60},
        {"places": 3},
        guarantees=["water", "insurance"],
        summary="Bring scissors",
    )
    path = f"/activities/{activity.id}"
    other = Browser(world, api, world.person())
    task = api.get(path, as_=lin).json["tasks"][0]["id"]

    page = browser.get(path).text
    refused = browser.submit(f"{path}/enrol", shown_on=path)
    browser.submit(f"{path}/enrol", shown_on=path, task_id=task)
    other.submit(f"{path}/enrol", shown_on=path, task_id=task)
    waiting = other.get("/activities/mine").text
    left = browser.submit(f"{path}/leave", shown_on=path)
    offered = other.get(path).text
    other.submit(f"{path}/accept", shown_on=path)

    assert all(
        word in page for word in ("饮水", "保险", "Bring scissors", "要会理发", "18 至 60 周岁")
    )
    assert refused.status_code == 422
    assert "您排在第一位" in waiting
    assert left.status_code == 303
    assert "再报名排在最后，不算违规" in browser.get(path).text
    assert "轮到您了" in offered
    assert "来不了，退出" in other.get("/activities/mine").text


def test_a_month_shows_its_days_themes_and_service_day(world, browser, staffed, lin, clerk):
    staffed("Next Monday")
    with world.own() as session:
        by = {"set_by": clerk.id, "set_at": world.now(), "year": 2026}
        for span, number, theme in (("month", 3, "学雷锋"), ("season", 1, "春风")):
            row = CalendarTheme(
                unit_id=world.units["Mingde"], span=span, number=number, theme=theme, **by
            )
            add(session, row)

    march = browser.get("/activities/calendar").text
    october = browser.get("/activities/calendar", month="2026-10").text
    far = browser.get("/activities/calendar", month="2999-05").text
    odd = browser.get("/activities/calendar", month="2026-13")

    assert all(word in march for word in ("2026年3月", "Next Monday", "学雷锋", "春风", "3月7日"))
    assert all(word in october for word in ("国庆节", "班", "10月17日", "顺延"))
    assert "节假日安排尚未公布" in far
    assert odd.status_code == 200
    assert "2026年3月" in odd.text


def test_a_calendar_file_is_as_the_standard_has_it(world, api, browser, staffed, clerk, lin):
    long = "很长的名称，逗号,分号;反斜\\" * 4
    activity = staffed(long[:60], summary="一\n二")
    path = f"/activities/{activity.id}"
    api.post(f"{path}/enrolments", as_=lin)

    answer = browser.get(f"{path}/calendar.ics")
    mine = browser.get("/activities/mine/calendar.ics")
    api.post(f"{path}/cancellation", as_=clerk, reason="台风")
    off = Calendar.from_ical(browser.get(f"{path}/calendar.ics").data)

    raw = answer.data
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert raw.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75
    (event,) = Calendar.from_ical(raw).walk("VEVENT")
    assert event["summary"] == long[:60]
    assert event["description"] == "一\n二"
    assert event["dtstart"].dt == activity.starts_at
    assert b"DTSTART:20260309T040000Z" in raw
    assert [one["uid"] for one in Calendar.from_ical(mine.data).walk("VEVENT")] == [event["uid"]]
    (gone,) = off.walk("VEVENT")
    assert (gone["status"], gone["uid"]) == ("CANCELLED", event["uid"])
