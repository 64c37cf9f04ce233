"""The tree: what may stand where, and moves that are dated, written down and never a circle."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.organisation import queries, services
from app.organisation.kinds import STANDS_UNDER, UnitKind, may_stand
from tests.support.client import NOWHERE
from tests.support.crowd import outcomes
from tests.support.hands import NOON
from tests.support.refusals import refusal

TODAY = NOON.date().isoformat()


@pytest.fixture
def officer(world):
    return world.staff("street_officer", at="city", name="江主任")


@pytest.fixture
def grids(world):
    """Two streets; a community of the first with a grid, a building and an entrance."""
    world.unit("street", "West Street", under="city")
    world.unit("grid", "Grid 1", under="Mingde")
    world.unit("building", "Building 3", under="Grid 1")
    world.unit("entrance", "Entrance 2", under="Building 3")
    return world.units


def move(api, as_, unit, under, **body):
    body = {"parent_id": str(under), "on": TODAY, "reason": "网格调整", **body}
    return api.post(f"/org-units/{unit}/placements", as_=as_, **body)


def path(world, name):
    with world.work() as session:
        return queries.path_of(session, world.units[name])


def audited(world, action):
    query = "SELECT changed, reason, actor_id, role FROM audit_entry WHERE action = :action"
    with world.own() as session:
        return session.execute(sa.text(query), {"action": action}).all()


@pytest.mark.parametrize("kind", UnitKind)
def test_every_kind_stands_somewhere_and_only_a_city_at_the_top(kind):
    assert may_stand(kind, None) is (kind is UnitKind.CITY)
    assert bool(STANDS_UNDER[kind]) is (kind is not UnitKind.CITY)


def test_a_whole_community_moves_with_everything_under_it(world, api, officer, grids):
    answer = move(api, officer, grids["Mingde"], grids["West Street"])

    assert answer.status_code == 201
    city, west = grids["city"], grids["West Street"]
    assert path(world, "Mingde") == (city, west, grids["Mingde"])
    assert path(world, "Entrance 2") == (
        *path(world, "Mingde"),
        grids["Grid 1"],
        grids["Building 3"],
        grids["Entrance 2"],
    )
    assert world.violations() == []


def test_a_move_is_dated_and_says_who_and_why(world, api, officer, grids):
    yesterday = NOON.date() - timedelta(days=1)

    move(api, officer, grids["Mingde"], grids["West Street"], on=yesterday.isoformat())

    with world.work() as session:
        before = queries.parent_on(session, grids["Mingde"], yesterday - timedelta(days=1))
        after = queries.parent_on(session, grids["Mingde"], yesterday)
    assert (before, after) == (grids["East Street"], grids["West Street"])
    [entry] = audited(world, "unit.move")
    assert entry.changed["parent"] == ["East Street", "West Street"]
    assert (entry.reason, entry.actor_id, entry.role) == ("网格调整", officer.id, "street_officer")


def test_moving_there_and_back_on_one_day_leaves_both_in_the_history(world, api, officer, grids):
    move(api, officer, grids["Mingde"], grids["West Street"])
    move(api, officer, grids["Mingde"], grids["East Street"])

    with world.work() as session:
        stood = queries.list_placements(session, grids["Mingde"])
        now = queries.parent_on(session, grids["Mingde"], NOON.date())
    assert len(stood) == 3
    assert now == grids["East Street"]
    assert world.violations() == []


@pytest.mark.parametrize(
    ("unit", "under", "body", "status", "code"),
    [
        ("Grid 1", "Entrance 2", {}, 409, "unit_under_itself"),
        ("Grid 1", "Grid 1", {}, 409, "unit_under_itself"),
        ("Mingde", "East Street", {}, 409, "unit_stands_there"),
        ("Grid 1", "West Street", {}, 422, "unit_misplaced"),
        ("city", "West Street", {}, 409, "unit_under_itself"),
        ("Mingde", "West Street", {"on": "2026-03-03"}, 422, "day_impossible"),
        ("Mingde", "West Street", {"on": "2001-01-01"}, 422, "day_impossible"),
        ("Mingde", "West Street", {"reason": "  "}, 422, "invalid"),
        ("Mingde", "West Street", {"parent_id": NOWHERE}, 404, "unit_unknown"),
    ],
)
def test_what_cannot_be_moved_stays(world, api, officer, grids, unit, under, body, status, code):
    with world.changes() as changed:
        answer = move(api, officer, grids[unit], grids[under], **body)

    assert refusal(answer) == (status, code)
    assert changed == {}


def test_a_name_that_is_taken_there_is_refused(world, api, officer, grids):
    world.unit("community", "Wenhua", under="West Street")
    with world.own() as session:
        session.execute(sa.text("UPDATE org_unit SET name = 'Mingde' WHERE name = 'Wenhua'"))

    with world.changes() as changed:
        answer = move(api, officer, grids["Mingde"], grids["West Street"])

    assert refusal(answer) == (409, "unit_name_taken")
    assert changed == {}


def test_who_manages_one_street_moves_nothing_to_another(world, api, grids):
    east = world.staff("street_officer", at="East Street")
    api.request_id = "the-same-request"

    foreign = move(api, east, grids["Mingde"], grids["West Street"])
    nowhere = move(api, east, grids["Mingde"], NOWHERE)
    outside = move(api, east, grids["West Street"], grids["city"])

    assert refusal(foreign) == (404, "unit_unknown")
    assert foreign.data == nowhere.data == outside.data


def test_of_two_moves_that_would_make_a_circle_one_is_refused(world, api, crowd, officer):
    for name in ("A", "B"):
        world.unit("party_committee", name, under="Mingde")
    a, b = world.units["A"], world.units["B"]
    crowd.sign_in(officer)

    answers = crowd.at_once(
        [
            lambda client: move(client, officer, a, b),
            lambda client: move(client, officer, b, a),
        ]
    )

    assert outcomes(answers) == {"created": 1, "unit_under_itself": 1}
    assert world.violations() == []


def test_one_makes_units_in_ones_own_subtree(world, api):
    secretary = world.staff("community_secretary")

    made = api.post(
        "/org-units", as_=secretary, parent_id=str(world.units["Mingde"]), kind="grid", name="一格"
    )
    again = api.post(
        "/org-units", as_=secretary, parent_id=str(world.units["Mingde"]), kind="grid", name="一格"
    )
    above = api.post(
        "/org-units",
        as_=secretary,
        parent_id=str(world.units["East Street"]),
        kind="community",
        name="新社区",
    )

    assert made.json["unit"]["kind_label"] == "网格"
    assert refusal(again) == (409, "unit_name_taken")
    assert refusal(above) == (404, "unit_unknown")


def test_a_tenant_calls_kinds_what_it_likes(world, api, officer):
    with world.own() as session:
        services.set_label(session, kind=UnitKind.COMMUNITY, label="村（社区）")
        services.set_label(session, kind=UnitKind.COMMUNITY, label="社区（村）")

    units = api.get("/org-units", as_=officer, under=str(world.units["East Street"])).json["items"]

    assert [(one["kind"], one["kind_label"]) for one in units] == [("community", "社区（村）")]


def test_one_walks_down_the_tree_page_by_page(world, api, officer):
    for name in "CAB":
        world.unit("community", name, under="East Street")
    under = str(world.units["East Street"])

    first = api.get("/org-units", as_=officer, under=under, limit=3).json
    rest = api.get(
        "/org-units", as_=officer, under=under, limit=3, cursor=first["next_cursor"]
    ).json
    tops = api.get("/org-units", as_=officer).json["items"]

    names = [one["name"] for one in first["items"] + rest["items"]]
    assert names == sorted(names) == ["A", "B", "C", "Mingde"]
    assert [one["id"] for one in tops] == [str(world.units["city"])]


def test_a_foreign_unit_has_nothing_under_it(world, api):
    world.unit("street", "West Street", under="city")
    world.unit("community", "Wenhua", under="West Street")
    secretary = world.staff("community_secretary")

    answer = api.get("/org-units", as_=secretary, under=str(world.units["West Street"]))

    assert answer.json["items"] == []
