"""Households: dated, never two at once, and stamped on what somebody earns that day."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.core.db import transaction
from app.core.errors import DomainError
from app.households import queries, services
from app.households.services import MoveIn
from app.identity import queries as identity
from tests.support.hands import NOON

TODAY = NOON.date()


@pytest.fixture
def clerk(world):
    """The principal of a clerk of Mingde."""
    return principal(world, world.staff("community_clerk", name="黎同志"))


def principal(world, person):
    from app.demo import town  # noqa: PLC0415 - the demo signs people in the same way

    with world.work() as session:
        return town.principal(session, person, on=world.now())


def move_in(world, clerk, person, household, *, on=TODAY, is_head=False):
    move = MoveIn(person_id=person.id, household_id=household, on=on, is_head=is_head)
    with world.work() as session:
        return services.move_in(session, move, me=clerk, now=world.now())


def lives(world, person, on):
    with world.work() as session:
        return queries.household_on(session, person.id, on)


def test_moving_out_of_one_and_into_another_keeps_both_spans(world, clerk):
    wang = world.person("王芳")
    old, new = world.household(wang), world.household(world.person(), door="5 栋 101 室")

    move_in(world, clerk, wang, new)

    yesterday = TODAY - timedelta(days=1)
    assert [lives(world, wang, day) for day in (yesterday, TODAY)] == [old, new]
    assert lives(world, wang, TODAY - timedelta(days=40)) is None


def test_a_household_has_one_head(world, clerk):
    wang, li = world.person("王芳"), world.person("李强")
    household = world.household(wang)

    move_in(world, clerk, li, household, is_head=True)

    with world.work() as session:
        heads = [(row.person_id, row.is_head) for row in queries.members_of(session, household)]
    assert heads == [(li.id, True), (wang.id, False)]


def test_leaving_is_dated_and_what_was_stays(world, clerk):
    wang = world.person("王芳")
    household = world.household(wang)

    with world.work() as session:
        services.move_out(session, me=clerk, person_id=wang.id, on=TODAY, now=world.now())

    assert lives(world, wang, TODAY - timedelta(days=1)) == household
    assert lives(world, wang, TODAY) is None


@pytest.mark.parametrize(
    ("days", "same", "code"),
    [(1, False, "move_too_early"), (-31, False, "move_too_early"), (0, True, "lives_there")],
)
def test_what_cannot_be_is_refused(world, clerk, days, same, code):
    wang = world.person("王芳")
    old, new = world.household(wang), world.household(world.person(), door="5 栋 101 室")

    with world.changes() as changed, pytest.raises(DomainError) as refused:
        move_in(world, clerk, wang, old if same else new, on=TODAY + timedelta(days=days))

    assert refused.value.code == code
    assert changed == {}


def test_people_and_doors_of_elsewhere_do_not_exist(world, clerk):
    world.unit("community", "Wenhua", under="East Street")
    stranger, wang = world.person(community="Wenhua"), world.person("王芳")
    here = world.household(wang)
    there = world.household(stranger, under="Wenhua")

    codes = []
    for person, door in ((stranger, here), (wang, there)):
        with pytest.raises(DomainError) as refused:
            move_in(world, clerk, person, door)
        codes.append((refused.value.status, refused.value.code))

    assert codes == [(404, "person_unknown"), (404, "household_unknown")]


def test_who_moves_to_another_community_belongs_there(world):
    world.unit("community", "Wenhua", under="East Street")
    officer = world.staff("community_clerk", at="East Street")
    wang, neighbour = world.person("王芳"), world.person(community="Wenhua")
    there = world.household(neighbour, under="Wenhua")

    move_in(world, principal(world, officer), wang, there)

    with world.work() as session:
        assert identity.get_person(session, wang.id).community_id == world.units["Wenhua"]


def test_two_moves_of_one_person_at_once_leave_one_household(world, clerk, crowd):
    wang = world.person("王芳")
    doors = [world.household(world.person(), door=f"{n} 栋") for n in range(2)]

    def move(_client, door):
        with world.app.app_context(), transaction(world.tenant_id) as session:
            to = MoveIn(person_id=wang.id, household_id=door, on=TODAY)
            services.move_in(session, to, me=clerk, now=world.now())

    crowd.at_once([lambda client, door=door: move(client, door) for door in doors])

    with world.work() as session:
        spans = [
            (one.to_day is None, one.household_id)
            for one in queries.memberships_of(session, wang.id)
        ]
    assert sorted(is_open for is_open, _ in spans) == [False, True]
    assert world.violations() == []


def test_the_database_takes_no_second_open_membership(world):
    world.household(world.person())
    again = """
        INSERT INTO household_member (tenant_id, id, household_id, person_id, is_head, from_day)
        SELECT tenant_id, gen_random_uuid(), household_id, person_id, false, from_day
        FROM household_member
    """

    with pytest.raises(sa.exc.IntegrityError) as refused, world.own() as session:
        session.execute(sa.text(again))

    assert "ix_household_member_person" in str(refused.value.orig)


def households_of_facts(world, person):
    query = "SELECT household_id FROM fact WHERE beneficiary_id = :me ORDER BY occurred_at"
    with world.own() as session:
        return list(session.execute(sa.text(query), {"me": person.id}).scalars())


def test_what_somebody_earns_is_stamped_with_the_household_of_that_day(world, api, hands, clerk):
    wang = world.person("王芳")
    old, new = world.household(wang), world.household(world.person(), door="5 栋 101 室")
    station, activity = world.station(), world.activity()
    api.post("/station-visits", as_=wang, code=world.code_of(station))
    api.post(f"/activities/{activity.id}/check-ins", as_=wang, code=world.venue_code(activity))
    hands.move(minutes=60)
    leaving = world.venue_code(activity, "out")
    api.post(f"/activities/{activity.id}/check-outs", as_=wang, code=leaving)
    hands.move(days=1)
    move_in(world, clerk, wang, new, on=world.now().date())
    api.post("/station-visits", as_=wang, code=world.code_of(station))

    assert households_of_facts(world, wang) == [old, old, new]


def test_who_lives_nowhere_earns_for_no_household(world, api):
    wang, station = world.person("王芳"), world.station()

    api.post("/station-visits", as_=wang, code=world.code_of(station))

    assert households_of_facts(world, wang) == [None]
