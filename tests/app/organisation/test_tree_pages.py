"""组织架构: units made, renamed and labelled, seats taken and left, in one's own subtree."""

import re

import pytest
import sqlalchemy as sa

from app.identity.fields import Field
from tests.support.browser import Browser
from tests.support.client import NOWHERE
from tests.support.hands import NOON
from tests.support.refusals import refusal

TREE, TODAY = "/staff/organisation", NOON.date().isoformat()


@pytest.fixture
def officer(world):
    return world.staff("city_officer", at="city", name="程部长")


@pytest.fixture
def desk(world, api, officer):
    return Browser(world, api, officer)


def page_of(world, name):
    return f"{TREE}/{world.units[name]}"


def audited(world, action):
    query = "SELECT changed, actor_id, role FROM audit_entry WHERE action = :action"
    with world.own() as session:
        return session.execute(sa.text(query), {"action": action}).all()


def test_a_unit_is_made_named_anew_and_both_are_written_down(world, desk, officer):
    home = page_of(world, "Mingde")

    made = desk.submit(f"{home}/children", shown_on=home, kind="grid", name="一网格", on=TODAY)
    grid = re.search(rf'href="({TREE}/[0-9a-f-]+)">\s*<[^>]*><[^>]*>一网格', desk.get(home).text)
    renamed = desk.submit(f"{grid[1]}/name", shown_on=grid[1], name="东一网格")

    assert (made.status_code, renamed.status_code) == (303, 303)
    assert "已经办好" in desk.get(grid[1]).text
    assert "东一网格" in desk.get(grid[1]).text
    [founded], [called] = audited(world, "unit.create"), audited(world, "unit.rename")
    assert founded.changed["from_day"] == ["", TODAY]
    assert called.changed["name"] == ["一网格", "东一网格"]
    assert (called.actor_id, called.role) == (officer.id, "city_officer")
    assert world.violations() == []


@pytest.mark.parametrize(
    ("path", "fields", "status", "sentence"),
    [
        ("children", {"kind": "street", "name": "某街道"}, 422, "请换一个上级"),
        ("children", {"kind": "", "name": "某网格"}, 422, "哪一类"),
        ("children", {"kind": "grid", "name": ""}, 422, "请填写名称"),
        ("children", {"kind": "grid", "name": "某网格", "on": "2026-03-03"}, 422, "重新选择日期"),
        ("children", {"kind": "grid", "name": "某网格", "on": "1999-01-01"}, 422, "重新选择日期"),
        ("name", {"name": "Mingde"}, 409, "不用改"),
        ("name", {"name": "Wenhua"}, 409, "那里已经有"),
    ],
)
def test_what_cannot_be_made_or_named_so_is_said_above_the_form(
    world, desk, path, fields, status, sentence
):
    world.unit("community", "Wenhua", under="East Street")
    home = page_of(world, "Mingde")

    with world.changes() as changed:
        refused = desk.submit(f"{home}/{path}", shown_on=home, **{"on": TODAY, **fields})

    assert (refused.status_code, sentence in refused.text) == (status, True)
    assert changed == {}


def test_what_the_city_calls_a_kind_is_said_at_its_top(world, api, desk):
    home = page_of(world, "Mingde")
    secretary = Browser(world, api, world.staff("community_secretary"))

    said = desk.submit(f"{TREE}/labels", shown_on=TREE, kind="community", label="居委会")
    below = secretary.submit(f"{TREE}/labels", shown_on=TREE, kind="community", label="村")

    assert (said.status_code, below.status_code) == (303, 404)
    assert '<span class="tag">居委会</span>' in desk.get(home).text
    assert "怎么称呼" not in secretary.get(home).text
    assert audited(world, "unit.label")[0].changed == {"label": ["社区", "居委会"]}


def test_a_name_is_also_changed_over_the_api_in_ones_own_subtree(world, api, officer):
    grid = world.unit("grid", "Grid 1", under="Mingde")
    west = world.unit("street", "West Street", under="city")
    secretary = world.staff("community_secretary")
    api.request_id = "the-same-request"

    renamed = api.put(f"/org-units/{grid}/name", as_=secretary, name="一网格")
    foreign = api.put(f"/org-units/{west}/name", as_=secretary, name="西城街道")
    nowhere = api.put(f"/org-units/{NOWHERE}/name", as_=secretary, name="西城街道")

    assert (renamed.status_code, renamed.json["unit"]["name"]) == (200, "一网格")
    assert refusal(foreign) == (404, "unit_unknown")
    assert foreign.data == nowhere.data


def test_a_seat_is_taken_by_somebody_found_and_is_free_again(world, api, lin):
    committee = world.unit("joint_committee", "大党委", under="Mingde")
    world.know(lin, {Field.NAME: "林小燕"})
    desk = Browser(world, api, world.staff("community_secretary"))
    home, page = page_of(world, "Mingde"), f"{TREE}/{committee}"
    desk.submit(f"{home}/units", shown_on=home, name="供电所", nature="organ")
    unit = re.search(r'value="([0-9a-f-]+)"[^>]*>供电所', desk.get(page).text).group(1)

    nobody = desk.submit(f"{page}/seats", shown_on=page, unit_id=unit, who="林")
    taken = desk.submit(f"{page}/seats", shown_on=page, unit_id=unit, who="林小燕")
    twice = desk.submit(f"{page}/seats", shown_on=page, unit_id=unit, who="林小燕")
    seat = re.search(rf'action="{page}/(seats/[0-9a-f-]+/end)"', desk.get(page).text).group(1)
    left = desk.submit(f"{page}/{seat}", shown_on=page)
    again = desk.submit(f"{page}/{seat}", shown_on=page)

    answers = [nobody, taken, twice, left, again]
    assert [one.status_code for one in answers] == [404, 303, 409, 303, 409]
    assert "没有找到唯一的一个人" in nobody.text
    assert "林**" not in desk.get(page).text
    assert audited(world, "part_time_member.unseat")[0].changed == {"committee": ["大党委", ""]}
