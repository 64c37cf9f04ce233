"""双报到: asked for, decided by the community, moved in one day, and never two in force."""

import pytest
import sqlalchemy as sa

from app.core.clock import civil_day
from app.identity import queries as identity
from app.organisation.kinds import GOES_ON, OPEN, RegistrationState
from tests.app.organisation.conftest import make_member
from tests.support.client import NOWHERE
from tests.support.crowd import outcomes
from tests.support.hands import NOON
from tests.support.refusals import refusal

ALLOWED = {
    ("proposed", "accept"): "accepted",
    ("proposed", "refuse"): "refused",
    ("proposed", "close"): "closed",
    ("accepted", "suspend"): "suspended",
    ("accepted", "close"): "closed",
    ("suspended", "accept"): "accepted",
    ("suspended", "close"): "closed",
}
DECISIONS = ("accept", "refuse", "suspend", "close")
STATES = ("proposed", "accepted", "suspended", "refused", "closed")


def ask(api, member, community):
    return api.post("/me/registrations", as_=member, community_id=str(community))


def decide(api, secretary, number, decision, reason="材料不全"):
    return api.post(
        f"/registrations/{number}/decision", as_=secretary, decision=decision, reason=reason
    )


def own(api, member):
    return api.get("/registrations", as_=member).json["items"]


def home_of(world, person):
    with world.work() as session:
        return identity.get_person(session, person.id).community_id


@pytest.fixture
def asked(world, api, member):
    """The number of what the member has asked for."""
    return ask(api, member, world.units["Mingde"]).json["registration"]["id"]


def test_a_member_asks_and_the_community_accepts(world, api, member, secretary, asked):
    waiting = api.get("/registrations", as_=secretary, scope="community").json["items"]
    answer = decide(api, secretary, asked, "accept", reason="")

    assert [(one["id"], one["name_masked"]) for one in waiting] == [(asked, "王*新")]
    assert answer.json["registration"]["state"] == "accepted"
    [mine] = own(api, member)
    assert (mine["state"], mine["since"]) == ("accepted", NOON.date().isoformat())
    assert "自愿" in mine["next"]


def test_every_decision_is_written_down_with_who_and_why(world, api, member, secretary, asked):
    decide(api, secretary, asked, "refuse", reason="不在本社区居住")

    with world.own() as session:
        entries = session.execute(
            sa.text(
                "SELECT action, actor_id, role, changed, reason FROM audit_entry"
                " WHERE subject_kind = 'registration' ORDER BY seq"
            )
        ).all()
    assert [entry.action for entry in entries] == ["registration.ask", "registration.refuse"]
    assert [entry.actor_id for entry in entries] == [member.id, secretary.id]
    assert entries[1].role == "community_secretary"
    assert entries[1].changed == {"state": ["proposed", "refused"]}
    assert entries[1].reason == "不在本社区居住"


@pytest.mark.parametrize("decision", DECISIONS)
@pytest.mark.parametrize("state", STATES)
def test_a_registration_goes_on_only_as_it_may(world, api, secretary, asked, state, decision):
    for step in {"accepted": ["accept"], "suspended": ["accept", "suspend"]}.get(
        state, {"refused": ["refuse"], "closed": ["close"]}.get(state, [])
    ):
        assert decide(api, secretary, asked, step).status_code == 200

    with world.changes() as changed:
        answer = decide(api, secretary, asked, decision)

    becomes = ALLOWED.get((state, decision))
    if becomes:
        assert answer.json["registration"]["state"] == becomes
    else:
        assert refusal(answer) == (409, "registration_state")
        assert changed == {}


def test_what_is_over_stays_over():
    over = set(RegistrationState) - set(OPEN)

    assert all(GOES_ON[state] == frozenset() for state in over)


@pytest.mark.parametrize("decision", ["refuse", "close"])
def test_a_no_wants_a_reason(world, api, secretary, asked, decision):
    with world.changes() as changed:
        answer = decide(api, secretary, asked, decision, reason=" ")

    assert refusal(answer) == (422, "reason_needed")
    assert changed == {}


def test_nobody_asks_twice_at_once(world, api, member, asked, wenhua):
    with world.changes() as changed:
        answer = ask(api, member, world.units["Wenhua"])

    assert refusal(answer) == (409, "registration_waits")
    assert changed == {}


def test_who_is_registered_here_asks_in_vain_for_the_same(
    world, api, member, secretary, registered
):
    registered(member, secretary)

    with world.changes() as changed:
        answer = ask(api, member, world.units["Mingde"])

    assert refusal(answer) == (409, "registered_there")
    assert changed == {}


def test_a_resident_who_is_no_member_registers_nowhere(world, api):
    resident = world.person()

    with world.changes() as changed:
        answer = ask(api, resident, world.units["Mingde"])

    assert refusal(answer) == (403, "not_in_service")
    assert changed == {}


@pytest.mark.parametrize("where", ["street", "nowhere"])
def test_one_registers_with_a_community_and_nothing_else(world, api, member, where):
    target = {"street": world.units["East Street"], "nowhere": NOWHERE}[where]

    assert refusal(ask(api, member, target)) == (404, "community_unknown")


def test_another_communitys_registration_does_not_exist(world, api, wenhua, asked):
    api.request_id = "the-same-request"

    with world.changes() as changed:
        foreign = decide(api, wenhua, asked, "accept")
        nowhere = decide(api, wenhua, NOWHERE, "accept")

    assert refusal(foreign) == (404, "registration_unknown")
    assert foreign.data == nowhere.data
    assert changed == {}
    assert api.get("/registrations", as_=wenhua, scope="community").json["items"] == []


def test_a_secretary_does_not_decide_on_herself(world, api):
    both = make_member(world, "曾书记")
    asked = ask(api, both, world.units["Mingde"]).json["registration"]["id"]
    world.grant(both, "community_secretary", days_from_now=-1)

    with world.changes() as changed:
        answer = decide(api, both, asked, "accept")

    assert refusal(answer) == (403, "own_registration")
    assert changed == {}


def test_a_move_ends_the_old_and_begins_the_new_on_one_day(
    world, api, hands, member, secretary, wenhua, registered
):
    old = registered(member, secretary)
    hands.move(days=3)
    moving = ask(api, member, world.units["Wenhua"]).json["registration"]["id"]
    hands.move(days=1)

    decide(api, wenhua, moving, "accept")

    new, former = own(api, member)
    day = civil_day(hands.instant).isoformat()
    assert (new["id"], new["state"], new["since"]) == (moving, "accepted", day)
    assert (former["id"], former["state"], former["until"]) == (old, "moved", day)
    assert home_of(world, member) == world.units["Wenhua"]


def test_a_move_that_is_refused_leaves_everything_as_it_was(
    world, api, member, secretary, wenhua, registered
):
    old = registered(member, secretary)
    moving = ask(api, member, world.units["Wenhua"]).json["registration"]["id"]

    decide(api, wenhua, moving, "refuse", reason="地址不在本社区")

    assert [(one["id"], one["state"]) for one in own(api, member)] == [
        (moving, "refused"),
        (old, "accepted"),
    ]
    assert home_of(world, member) == world.units["Mingde"]


def test_the_red_account_follows_the_person(
    world, api, hands, member, secretary, wenhua, registered
):
    registered(member, secretary)
    station = world.station()
    api.post("/station-visits", as_=member, code=world.code_of(station))
    world.settle()
    assert world.points_of(member) == 2
    moving = ask(api, member, world.units["Wenhua"]).json["registration"]["id"]
    decide(api, wenhua, moving, "accept")

    there = world.station(name="West gate", community_id=world.units["Wenhua"])
    hands.move(days=1)
    api.post("/station-visits", as_=member, code=world.code_of(there))
    world.settle()

    assert world.points_of(member) == 4
    with world.own() as session:
        booked = session.execute(
            sa.text(
                "SELECT community_id FROM fact WHERE beneficiary_id = :me ORDER BY occurred_at"
            ),
            {"me": member.id},
        ).scalars()
        assert list(booked) == [world.units["Mingde"], world.units["Wenhua"]]
    assert world.violations() == []


def test_of_many_requests_at_once_one_waits(world, api, crowd, member, wenhua):
    crowd.sign_in(member)
    communities = [world.units["Mingde"], world.units["Wenhua"]]

    answers = crowd.at_once(
        [lambda client, to=communities[n % 2]: ask(client, member, to) for n in range(8)]
    )

    assert outcomes(answers) == {"created": 1, "registration_waits": 7}


def test_of_two_decisions_at_once_one_counts(world, api, crowd, member, secretary, asked):
    colleague = world.staff("community_clerk", name="黎同志")
    crowd.sign_in(secretary, colleague)

    answers = crowd.at_once(
        [
            lambda client: decide(client, secretary, asked, "accept"),
            lambda client: decide(client, colleague, asked, "refuse"),
        ]
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409]


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("state = 'accepted', decided_by = asked_by", "in_force"),
        ("state = 'lost', decided_by = asked_by", "state"),
        ("state = 'refused', decided_by = asked_by, until = asked_on", "says_why"),
        ("unit_id = NULL, person_id = NULL", "one_registers"),
        ("state = 'closed', decided_by = asked_by", "over"),
        ("decided_by = asked_by", "decided"),
        ("since = asked_on", "not_in_force"),
    ],
)
def test_the_database_takes_no_half_decided_one(world, asked, change, constraint):
    with pytest.raises(sa.exc.IntegrityError) as refused, world.own() as session:
        session.execute(sa.text(f"UPDATE registration SET {change}"))

    assert f"ck_registration_{constraint}" in str(refused.value.orig)


def test_the_database_takes_no_second_one_in_force(world, member, secretary, registered):
    registered(member, secretary)
    again = """
        INSERT INTO registration (tenant_id, id, person_id, community_id, state, asked_on,
            asked_by, since, decided_by, reason)
        SELECT tenant_id, gen_random_uuid(), person_id, community_id, state, asked_on,
            asked_by, since, decided_by, reason FROM registration
    """

    with pytest.raises(sa.exc.IntegrityError) as refused, world.own() as session:
        session.execute(sa.text(again))

    assert "ix_registration_person_in_force" in str(refused.value.orig)


def test_a_unit_registers_with_the_community_that_enters_it(world, api, secretary):
    made = api.post(
        "/stationed-units",
        as_=secretary,
        community_id=str(world.units["Mingde"]),
        name="第一小学",
        nature="institution",
    )
    again = api.post(
        "/stationed-units",
        as_=secretary,
        community_id=str(world.units["Mingde"]),
        name="第一小学",
        nature="institution",
    )

    assert made.status_code == 201
    assert refusal(again) == (409, "unit_name_taken")
    [unit] = api.get("/stationed-units", as_=secretary).json["items"]
    assert (unit["name"], unit["nature"]) == ("第一小学", "institution")
    [accepted] = api.get("/registrations", as_=secretary, scope="community", state="accepted").json[
        "items"
    ]
    assert accepted["name_masked"] == "第一小学"


@pytest.mark.parametrize("field", ["community_id", "contact_id"])
def test_a_unit_of_somewhere_else_is_not_entered_here(world, api, secretary, wenhua, field):
    stranger = world.person(community="Wenhua")
    body = {"community_id": str(world.units["Mingde"]), "name": "第一小学", "nature": "organ"}
    body |= (
        {"community_id": str(world.units["Wenhua"]), "contact_id": str(stranger.id)}
        if (field == "community_id")
        else {"contact_id": str(stranger.id)}
    )

    with world.changes() as changed:
        answer = api.post("/stationed-units", as_=secretary, **body)

    assert refusal(answer)[0] == 404
    assert changed == {}


def test_a_long_list_comes_in_pages(world, api, secretary):
    members = [make_member(world, f"王{number}新") for number in "一二三"]
    for one in members:
        ask(api, one, world.units["Mingde"])

    first = api.get("/registrations", as_=secretary, scope="community", limit=2).json
    rest = api.get(
        "/registrations", as_=secretary, scope="community", limit=2, cursor=first["next_cursor"]
    ).json

    assert [len(first["items"]), len(rest["items"])] == [2, 1]
    assert rest["next_cursor"] is None
