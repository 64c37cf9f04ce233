"""In and out of households at the desk: dated, written down, and one's own people only."""

import pytest
import sqlalchemy as sa

from app.households import queries
from tests.support.browser import Browser
from tests.support.hands import NOON

TODAY = NOON.date().isoformat()


@pytest.fixture
def file(lin):
    return f"/staff/people/{lin.id}"


@pytest.fixture
def enter(world, desk, file):
    """Lets Lin move in somewhere."""

    def enter(*, at="Mingde", door="3 栋 502 室", on=TODAY, **more):
        fields = {"unit_id": world.units[at], "door": door, "on": on, **more}
        return desk.submit(f"{file}/household", shown_on=file, **fields)

    return enter


def home_of(world, person):
    with world.work() as session:
        member = queries.open_membership(session, person.id)
        found = member and queries.get_household(session, member.household_id)
        return found and (found.door, member.is_head)


def audited(world):
    query = "SELECT action FROM audit_entry WHERE action LIKE 'household.%' ORDER BY seq"
    with world.own() as session:
        return list(session.scalars(sa.text(query)))


def test_somebody_moves_in_becomes_the_head_and_moves_out(world, desk, lin, file, enter):
    world.unit("grid", "Grid 1", under="Mingde")

    moved = enter(at="Grid 1", door=" ３  栋 502 室 ")
    shown = desk.get(file)
    named = desk.submit(f"{file}/household/head", shown_on=file)
    at_home = home_of(world, lin)
    left = desk.submit(f"{file}/household/leave", shown_on=file, on=TODAY)

    assert [one.status_code for one in (moved, named, left)] == [303, 303, 303]
    assert ("家庭：3 栋 502 室" in shown.text, "已经办好" in shown.text) == (True, True)
    assert (at_home, home_of(world, lin)) == (("3 栋 502 室", True), None)
    assert audited(world) == [
        "household.make",
        "household.move_in",
        "household.head",
        "household.move_out",
    ]
    assert "没有登记在哪一户" in desk.get(file).text


def test_a_door_that_is_known_is_no_new_household(world, desk, lin, enter):
    wang = world.person("王芳")
    household = world.household(wang, door="5 栋 101 室")

    enter(door="5 栋 101 室", is_head="1")

    with world.work() as session:
        members = queries.members_of(session, household)
    assert [(one.person_id, one.is_head) for one in members] == [(lin.id, True), (wang.id, False)]
    assert audited(world) == ["household.move_in"]


@pytest.mark.parametrize(
    ("path", "fields", "status", "sentence"),
    [
        ("household", {"door": "", "on": TODAY}, 422, "请填写门牌"),
        ("household", {"door": "1 栋", "on": "2026-03-03"}, 422, "不能晚于今天"),
        ("household", {"door": "1 栋", "on": TODAY, "unit_id": ""}, 404, "请在列表里选择"),
        ("household/leave", {"on": TODAY}, 409, "不用迁出"),
        ("household/head", {}, 409, "请先办入户"),
    ],
)
def test_what_cannot_be_is_said_on_the_file_and_nothing_changes(
    world, desk, file, path, fields, status, sentence
):
    given = {"unit_id": world.units["Mingde"], **fields}

    with world.changes() as changed:
        refused = desk.submit(f"{file}/{path}", shown_on=file, **given)

    assert (refused.status_code, sentence in refused.text) == (status, True)
    assert changed == {}


def test_nobody_moves_into_a_place_outside_ones_own(world, desk, file, enter):
    world.unit("community", "Wenhua", under="East Street")

    with world.changes() as changed:
        foreign = enter(at="Wenhua")
        street = enter(at="East Street")

    assert (foreign.status_code, street.status_code) == (404, 404)
    assert changed == {}


def test_a_grid_worker_moves_people_within_the_grid(world, api):
    world.unit("grid", "Grid 1", under="Mingde")
    neighbour = world.person("王芳")
    world.household(neighbour, under="Grid 1")
    worker = Browser(world, api, world.staff("grid_worker", at="Grid 1", name="罗格"))
    file = f"/staff/people/{neighbour.id}"

    fields = {"unit_id": world.units["Grid 1"], "door": "9 栋", "on": TODAY}
    moved = worker.submit(f"{file}/household", shown_on=file, **fields)

    assert (moved.status_code, home_of(world, neighbour)) == (303, ("9 栋", False))


def test_of_two_who_become_the_head_at_once_both_are_told_and_one_is(world, api, desk, crowd, lin):
    wang, li = world.person("王芳"), world.person("李强")
    household = world.household(lin, wang, li)
    clerks = [Browser(world, api, world.staff("community_clerk", name=f"黎{n}")) for n in range(4)]
    whom = [wang, li, wang, li]

    answers = crowd.at_once(
        [
            lambda _client, clerk=clerk, who=who: clerk.submit(
                f"/staff/people/{who.id}/household/head", shown_on=f"/staff/people/{who.id}"
            )
            for clerk, who in zip(clerks, whom, strict=True)
        ]
    )

    with world.work() as session:
        heads = [one for one in queries.members_of(session, household) if one.is_head]
    assert {answer.status_code for answer in answers} <= {303, 409}
    assert len(heads) == 1
