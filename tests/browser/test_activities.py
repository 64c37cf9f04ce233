"""Activities on a phone, and where staff prepare them: each page works, and is without flaws."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from app.core.clock import civil_day
from app.core.db import add
from tests.browser.test_quality import flaws_at_desks, flaws_on_phones
from tests.support.drafts import a_series, a_task
from tests.support.visitor import COUNTER


@pytest.fixture
def market(world, hands):
    """An activity next week, with two things to do and what volunteers are given."""
    starts = hands() + timedelta(days=7)
    activity = world.activity(
        title="周末便民集市",
        place="明德社区党群服务中心门前",
        starts_at=starts,
        ends_at=starts + timedelta(hours=2),
        guarantees=["water", "rest", "insurance", "transport", "tools", "meal", "statement"],
        summary="理发、磨刀、小家电维修，居民自带物件来。",
        capacity=2,
    )
    with world.own() as session:
        add(session, a_task(activity, name="理发", skill="hairdressing", places=1))
        add(session, a_task(activity, name="秩序引导", places=1, min_age=18, max_age=60))
    return activity


@pytest.fixture
def desk(visit, api, city):
    """The browser of a secretary."""
    return visit(**COUNTER).known_by(api.token(city.secretary, staff=True))


def test_a_resident_finds_an_activity_takes_a_place_and_leaves(phone, market, city, api, world):
    def walk():
        page = phone.open("/activities")
        page.get_by_text("按专长、时间、远近挑选").click()
        yield "activities, to choose from", page
        page.get_by_label("专长").select_option("hairdressing")
        page.get_by_role("button", name="挑选").click()
        page.wait_for_url("**skill=hairdressing**")
        yield "activities, chosen", page
        page.get_by_role("link", name="日历").click()
        page.wait_for_url("**/activities/calendar")
        page = phone.open(f"/activities/calendar?month={civil_day(market.starts_at):%Y-%m}")
        yield "a month", page
        page.get_by_role("table").get_by_role("link", name="1 个活动").last.click()
        page.get_by_role("link", name="周末便民集市").last.click()
        page.get_by_role("heading", name="周末便民集市").wait_for()
        yield "an activity with tasks", page
        page.get_by_role("radio", name="理发").check()
        page.get_by_role("button", name="报名", exact=True).click()
        page.get_by_role("button", name="来不了，退出").wait_for()
        yield "a place taken", page
        yield "one's own places", phone.open("/activities/mine")
        page.get_by_role("button", name="来不了，退出").click()
        page.get_by_text("不算违规").first.wait_for()
        yield "a place given back", page
        expect(page.get_by_role("button", name="报名", exact=True)).to_be_visible()

    assert flaws_on_phones(walk()) == []


def test_the_next_in_the_queue_says_yes(phone, market, city, api, world):
    path, before = f"/activities/{market.id}", world.person("王立新")
    task = api.get(path, as_=before).json["tasks"][0]["id"]
    for who in (before, city.resident):
        api.post(f"{path}/enrolments", as_=who, task_id=task)
    page = phone.open(path)
    expect(page.get_by_text("您排在第一位")).to_be_visible()
    api.delete(f"{path}/enrolments/mine", as_=before)

    page = phone.open("/messages")
    page.get_by_role("link", name="去看看").click()
    assert flaws_on_phones([("an offer", page)]) == []
    page.get_by_role("button", name="我来，确认参加").click()

    expect(page.get_by_text("已报名")).to_be_visible()


def test_staff_draft_and_plan_without_a_flaw(desk, market, city, world):
    with world.own() as session:
        series = a_series(
            title="邻里集市",
            community_id=world.units["Mingde"],
            created_by=city.secretary.id,
            created_at=world.now(),
        )
        add(session, series)

    def walk():
        page = desk.open("/staff/activities")
        yield "what is to be seen to", page
        page.get_by_role("link", name="新建活动").click()
        page.get_by_label("名称").first.fill("金融防诈讲座")
        page.get_by_label("集合地点").fill("议事厅")
        yield "an empty draft", page
        page.get_by_role("button", name="保存草稿").click()
        page.get_by_role("button", name="提交审核").wait_for()
        yield "a draft", page
        page.get_by_role("button", name="提交审核").click()
        page.get_by_text("请另一位同事审核").wait_for()
        yield "a draft in review", page
        yield "an activity with its list", desk.open(f"/staff/activities/{market.id}")
        yield "a year", desk.open("/staff/plan")
        yield "a year not announced", desk.open("/staff/plan?year=2999")
        yield "a series", desk.open(f"/staff/series/{series.id}")
        page.get_by_role("button", name="生成草稿").click()
        page.get_by_text("草稿", exact=True).first.wait_for()
        yield "a series with drafts", page

    assert flaws_at_desks(walk()) == []


def test_numbers_of_activities_stand_in_pictures_and_without_scripts_in_tables(
    visit, city, api, world, hands
):
    path, lin = f"/activities/{city.activity.id}", world.person()
    api.post(f"{path}/check-ins", as_=lin, code=world.venue_code(city.activity))
    hands.move(minutes=60)
    api.post(f"{path}/check-outs", as_=lin, code=world.venue_code(city.activity, "out"))

    token = api.token(city.secretary, staff=True)
    page = visit(**COUNTER).known_by(token).open("/staff/activity-figures")
    page.locator(".picture canvas").nth(1).wait_for()
    assert flaws_at_desks([("figures", page)]) == []
    plain = visit(**COUNTER, java_script_enabled=False).known_by(token)
    bare = plain.open("/staff/activity-figures")

    expect(bare.locator(".picture:visible")).to_have_count(0)
    expect(bare.get_by_role("cell", name="环境卫生整治")).to_be_visible()
    bare.get_by_text("表格").last.click()
    expect(bare.get_by_role("rowheader", name="周一")).to_be_visible()
