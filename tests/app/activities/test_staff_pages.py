"""The pages on which staff draft, review and lead activities, and plan a year."""

import re

import pytest
import sqlalchemy as sa

from app.activities.models import Activity, ActivityTask
from tests.support.browser import Browser

FORM = {
    "title": "河道清洁",
    "category": "environment",
    "place": "东岸",
    "day": "2026-03-09",
    "starts": "09:00",
    "ends": "11:00",
    "summary": "带手套\r\n穿雨鞋",
    "guarantees": "water",
    "audience": "community",
    "task_name_0": "捡拾",
    "task_places_0": "10",
    "task_minutes_0": "90",
    "task_risk_0": "low",
}


@pytest.fixture
def desk(world, api, clerk):
    return Browser(world, api, clerk)


@pytest.fixture
def chair(world, api, secretary):
    return Browser(world, api, secretary)


def drafts(world):
    with world.work() as session:
        return list(session.scalars(sa.select(Activity).order_by(Activity.id)))


def test_a_draft_is_written_submitted_returned_and_published(world, desk, chair, browser, sweep):
    new = "/staff/activities/new"
    mingde = {"community_id": str(world.units["Mingde"])}
    made = desk.submit("/staff/activities", shown_on=new, **mingde, **FORM)
    path = made.location
    desk.submit(f"{path}/submit", shown_on=path)
    own = desk.get(path).text
    chair.submit(f"{path}/return", shown_on=path, reason="早一点")
    returned = desk.get(path).text
    desk.submit(f"{path}/edit", shown_on=f"{path}/edit", **{**FORM, "starts": "08:00"})
    desk.submit(f"{path}/submit", shown_on=path)
    chair.submit(f"{path}/publish", shown_on=path)
    sweep()

    (row,) = drafts(world)
    assert made.status_code == 303
    assert "撤回修改" in own
    assert "退回：早一点" in returned
    assert (row.state, row.summary, row.guarantees) == ("published", "带手套\n穿雨鞋", ["water"])
    assert f"{row.starts_at:%H:%M}" == "00:00"  # eight o'clock in China
    assert "0 / " in desk.get(path).text  # told, and nobody has read it
    assert "河道清洁" in browser.get("/activities").text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"title": ""}, "请写活动名称"),
        ({"task_name_0": ""}, "请至少写一个岗位"),
        ({"day": "下周"}, "请填写日期"),
        ({"starts": "九点"}, "请填写几点几分"),
        ({"task_places_0": "0"}, "岗位人数请填写"),
        ({"task_risk_0": "high"}, "要求年满 18 周岁"),
    ],
)
def test_a_form_with_a_mistake_says_so_and_stays_filled_in(world, desk, fields, said):
    mingde = {"community_id": str(world.units["Mingde"])}

    answer = desk.submit(
        "/staff/activities", shown_on="/staff/activities/new", **mingde, **{**FORM, **fields}
    )

    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="东岸"' in answer.text
    assert drafts(world) == []


def test_staff_see_who_comes_and_place_whoever_said_yes(world, api, desk, hands):
    lin, wang = world.people(2)
    begins = hands().replace(hour=10)
    activity = world.activity(capacity=1, starts_at=begins, ends_at=begins.replace(hour=12))
    for who in (lin, wang):
        api.post(f"/activities/{activity.id}/enrolments", as_=who)
    api.delete(f"/activities/{activity.id}/enrolments/mine", as_=lin)
    path = f"/staff/activities/{activity.id}"

    page = desk.get(path).text
    place = re.search(r'action="(/staff/enrolments/[^"]+/place)"', page).group(1)
    placed = desk.submit(place, shown_on=path)

    assert wang.display_name not in page
    assert placed.status_code == 303
    assert "已报名" in desk.get(path).text
    cancelled = desk.submit(f"{path}/cancel", shown_on=path, reason="停水")
    assert cancelled.status_code == 303
    assert "已取消：停水" in desk.get(path).text


def test_a_year_is_planned_with_themes_a_moved_day_and_a_series(world, desk, chair, browser):
    unit, plan = world.units["Mingde"], "/staff/plan"
    year = {"year": "2026"}
    desk.submit(f"{plan}/{unit}/themes", shown_on=plan, **year, number="3", theme="学雷锋")
    wrong = desk.submit(f"{plan}/{unit}/themes", shown_on=plan, **year, number="13", theme="x")
    chair.submit(
        f"{plan}/{unit}/service-days",
        shown_on=plan,
        **year,
        month="3",
        day="2026-03-14",
        reason="考试",
    )
    rhythm = {"rhythm": "service_day", "from_day": "2026-03-02", "weekday": "6", "nth": "1"}
    new = "/staff/series/new"
    fields = {**FORM, **rhythm, "community_id": str(unit)}
    made = desk.submit("/staff/series", shown_on=new, **fields)
    twice = desk.submit("/staff/series", shown_on=new, **fields)
    desk.submit(f"{made.location}/drafts", shown_on=made.location, months="1")
    changed = {**fields, "title": "服务日", "task_places_0": "30"}
    desk.submit(made.location, shown_on=made.location, **changed)

    page = desk.get(plan, year="2026").text
    assert wrong.status_code == 422
    assert twice.status_code == 409
    assert all(word in page for word in ("学雷锋", "3月14日", "考试", "服务日"))
    assert "尚未公布" in desk.get(plan, year="2999").text
    (row,) = drafts(world)
    assert (row.title, row.capacity, str(row.series_day)) == ("服务日", 30, "2026-03-14")
    with world.work() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(ActivityTask)) == 1
    desk.submit(f"{made.location}/end", shown_on=made.location)
    assert [one.state for one in drafts(world)] == ["cancelled"]
    assert "已经停办" in desk.get(made.location).text


def test_whoever_works_for_several_communities_chooses_one(world, api):
    world.unit("community", "Wenhua", under="East Street")
    officer = Browser(world, api, world.staff("street_officer", at="East Street"))

    asked = [officer.get(path).text for path in ("/staff/plan", "/staff/series/new")]
    chosen = officer.get("/staff/activities/new", community=str(world.units["Wenhua"]))

    assert all("选择社区" in page and "Wenhua" in page for page in asked)
    assert "Wenhua" in chosen.text
    assert officer.get("/staff/activities").status_code == 200
