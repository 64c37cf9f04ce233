"""Roles given and taken: by whom, to whom, where and for how long; and what is refused."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.core.audit.models import AuditEntry
from app.identity.models import RoleGrant
from app.identity.ranks import ALONE, CITY_ROLES, OUTSIDE, RANKS, ROLE_LABELS, ROLE_TEXTS
from app.identity.roles import RESIDENT, ROLES, Permission
from tests.support.client import NOWHERE
from tests.support.crowd import outcomes
from tests.support.refusals import refusal

ADMINISTRATORS = {"system_admin", "security_admin", "audit_admin"}
ADMINISTRATIVE = {
    Permission.STAFF_HOME,
    Permission.ROLE_READ,
    Permission.ROLE_GRANT,
    Permission.ROLE_APPROVE,
    Permission.ACCOUNT_MANAGE,
    Permission.AUDIT_READ,
}
WRITTEN_DOWN = {"audit_entry": 1, "audit_head": 1}


@pytest.fixture
def street(world):
    """Another street, with a community of its own."""
    world.unit("street", "West Street", under="city")
    return world.unit("community", "Wenhua", under="West Street")


@pytest.fixture
def secadmin(world):
    return world.staff("security_admin", at="city", name="岳安全")


@pytest.fixture
def second(world):
    return world.staff("security_admin", at="city", name="程安全")


@pytest.fixture
def propose(api, world):
    """What is sent to give a role."""

    def propose(as_, person, role="station_manager", at="Mingde", **fields):
        today = world.now().date()
        body = {
            "person_id": str(getattr(person, "id", person)),
            "role": role,
            "org_unit_id": str(world.units.get(at, at)),
            "valid_from": today.isoformat(),
            "valid_to": (today + timedelta(days=365)).isoformat(),
            "reason": "社区换届",
            **fields,
        }
        return api.post("/role-grants", as_=as_, **body)

    return propose


@pytest.fixture
def log(world):
    """What the audit log says last: action, result."""

    def log():
        query = sa.select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1)
        with world.own() as session:
            return session.scalars(query).one()

    return log


def test_every_role_has_a_label_a_text_and_a_rank():
    assert ROLES.keys() == ROLE_LABELS.keys() == ROLE_TEXTS.keys() == RANKS.keys()
    assert ROLES.keys() >= CITY_ROLES | ALONE | OUTSIDE


def test_no_administrator_does_anothers_work_or_touches_points():
    for role in ADMINISTRATORS:
        assert ROLES[role] <= ADMINISTRATIVE, role
    grants, accounts, audit = (
        {Permission.ROLE_GRANT, Permission.ROLE_APPROVE},
        {Permission.ACCOUNT_MANAGE},
        {Permission.AUDIT_READ},
    )
    assert ROLES["system_admin"].isdisjoint(grants | audit)
    assert ROLES["security_admin"].isdisjoint(accounts | audit)
    assert ROLES["audit_admin"].isdisjoint(grants | accounts)
    assert RESIDENT.isdisjoint(ADMINISTRATIVE)


def test_a_secretary_gives_a_role_in_their_community_and_it_holds_at_once(api, world, propose, log):
    secretary, lin = world.staff("community_secretary"), world.person("林小燕")

    answer = propose(secretary, lin)

    assert answer.status_code == 201
    assert (answer.json["state"], answer.json["granted_by"]) == ("active", str(secretary.id))
    world.staff_ids.add(lin.id)
    assert api.get(f"/stations/{world.station().id}/code", as_=lin).status_code == 200
    entry = log()
    assert (entry.action, entry.actor_id, entry.subject_id) == (
        "role.grant",
        secretary.id,
        lin.id,
    )
    assert (entry.role, entry.scope_id) == ("community_secretary", world.units["Mingde"])
    assert entry.changed == {"state": ["", "active"], "role": ["", "station_manager"]}


def test_a_role_of_the_city_gives_nothing_until_another_approves_it(
    api, world, propose, secadmin, second, log
):
    lin = world.person()
    proposed = propose(secadmin, lin, role="auditor", at="city")
    world.staff_ids.add(lin.id)
    path = "/audit-entries"

    before = api.get(path, as_=lin)
    approved = api.post(f"/role-grants/{proposed.json['id']}/approval", as_=second)
    after = api.get(path, as_=lin)

    assert proposed.json["state"] == "proposed"
    assert refusal(before) == (403, "staff_only")
    assert (approved.status_code, approved.json["state"]) == (201, "active")
    assert approved.json["approved_by"] == str(second.id)
    assert after.status_code == 200
    assert (log().action, log().changed) == ("role.approve", {"state": ["proposed", "active"]})


def test_a_city_officer_approves_what_the_security_administrator_proposes(
    api, world, propose, secadmin
):
    officer = world.staff("city_officer", at="city")
    proposed = propose(secadmin, world.person(), role="system_admin", at="city").json["id"]

    assert api.post(f"/role-grants/{proposed}/approval", as_=officer).status_code == 201


def refused(world, log, answer, changed, *, code, action="role.grant"):
    """It was refused so, it is in the log, and nothing else has changed."""
    entry = log()
    assert refusal(answer) == code
    assert (entry.action, entry.result) == (action, code[1])
    assert changed in ({"audit_entry": 1}, WRITTEN_DOWN)


@pytest.mark.parametrize("at", ["East Street", "city", "Wenhua", "West Street"])
def test_nobody_grants_above_or_beside_their_own_subtree(world, propose, log, street, at):
    secretary, lin = world.staff("community_secretary"), world.person()

    with world.changes() as changed:
        answer = propose(secretary, lin, at=at)

    refused(world, log, answer, changed, code=(404, "grant_place_unknown"))


def test_a_place_outside_is_like_one_that_never_was(api, world, propose, new_world, street):
    secretary, lin, other = world.staff("community_secretary"), world.person(), new_world()
    api.request_id = "one-and-the-same"

    places = ("Wenhua", str(other.units["Mingde"]), NOWHERE)
    answers = [propose(secretary, lin, at=at) for at in places]

    assert len({answer.data for answer in answers}) == 1


@pytest.mark.parametrize(
    ("role", "given"),
    [
        ("community_secretary", "street_officer"),
        ("street_officer", "city_officer"),
        ("street_officer", "auditor"),
        ("security_admin", "platform_operator"),
    ],
)
def test_nobody_grants_a_role_above_their_own(world, propose, log, role, given):
    at = "Mingde" if role == "community_secretary" else "city"
    granter, lin = world.staff(role, at=at), world.person()

    with world.changes() as changed:
        answer = propose(granter, lin, role=given, at=at)

    action = "role.propose" if given in CITY_ROLES else "role.grant"
    refused(world, log, answer, changed, code=(403, "role_above_own"), action=action)


def test_nobody_grants_to_themselves(world, propose, log):
    secretary = world.staff("community_secretary")

    with world.changes() as changed:
        answer = propose(secretary, secretary)

    refused(world, log, answer, changed, code=(403, "grant_to_self"))


def test_nobody_approves_what_they_proposed(api, world, propose, secadmin, log):
    grant = propose(secadmin, world.person(), role="auditor", at="city").json["id"]

    with world.changes() as changed:
        answer = api.post(f"/role-grants/{grant}/approval", as_=secadmin)

    refused(world, log, answer, changed, code=(403, "own_proposal"), action="role.approve")


def test_nobody_approves_what_is_for_them(api, world, propose, secadmin, log):
    officer = world.staff("city_officer", at="city")
    grant = propose(secadmin, officer, role="city_officer", at="East Street").json["id"]

    with world.changes() as changed:
        answer = api.post(f"/role-grants/{grant}/approval", as_=officer)

    refused(world, log, answer, changed, code=(403, "grant_to_self"), action="role.approve")


def test_a_person_elsewhere_is_like_one_who_never_was(api, world, new_world, propose, street):
    secretary, stranger = world.staff("community_secretary"), world.person(community="Wenhua")
    api.request_id = "one-and-the-same"

    answers = [propose(secretary, who) for who in (stranger, new_world().person(), NOWHERE)]

    assert {refusal(answer) for answer in answers} == {(404, "grantee_unknown")}
    assert len({answer.data for answer in answers}) == 1


def test_who_lives_elsewhere_is_nobody_to_a_secretary(world, propose, log, street):
    secretary, stranger = world.staff("community_secretary"), world.person(community="Wenhua")

    with world.changes() as changed:
        answer = propose(secretary, stranger)

    refused(world, log, answer, changed, code=(404, "grantee_unknown"))


@pytest.mark.parametrize(("since", "until"), [(-1, 30), (0, 0), (5, 4), (0, 4000)])
def test_a_span_that_is_none_is_refused(world, propose, log, since, until):
    secretary, lin, today = world.staff("community_secretary"), world.person(), world.now().date()
    days = {
        "valid_from": (today + timedelta(days=since)).isoformat(),
        "valid_to": (today + timedelta(days=until)).isoformat(),
    }

    with world.changes() as changed:
        answer = propose(secretary, lin, **days)

    refused(world, log, answer, changed, code=(422, "grant_span_invalid"))


def test_the_same_role_is_not_given_twice_for_the_same_days(world, propose, log):
    secretary, lin = world.staff("community_secretary"), world.person()
    propose(secretary, lin)

    with world.changes() as changed:
        answer = propose(secretary, lin)

    refused(world, log, answer, changed, code=(409, "grant_exists"))


def test_one_person_has_many_roles_and_the_same_one_in_many_places(world, propose, secadmin):
    lin = world.person()
    world.unit("grid", "Grid 1", under="Mingde")

    answers = [
        propose(secadmin, lin, role=role, at=at)
        for role, at in [
            ("grid_worker", "Grid 1"),
            ("building_steward", "Grid 1"),
            ("station_manager", "Mingde"),
            ("station_manager", "Grid 1"),
        ]
    ]

    assert outcomes(answers) == {"created": 4}


@pytest.mark.parametrize("watch", sorted(ALONE))
def test_who_keeps_watch_has_no_other_work(world, propose, secadmin, log, watch):
    lin, manager = world.person(), world.staff("shop_manager")
    propose(secadmin, lin, role=watch, at="city")

    with world.changes() as changed:
        answer = propose(secadmin, lin)
    refused(world, log, answer, changed, code=(409, "duties_separate"))

    with world.changes() as changed:
        answer = propose(secadmin, manager, role=watch, at="city")
    # A supervisor's role is granted at once; those that see a whole city wait for a second one.
    action = "role.grant" if watch == "supervisor" else "role.propose"
    refused(world, log, answer, changed, code=(409, "duties_separate"), action=action)


@pytest.mark.parametrize(
    ("first", "then"), [("merchant", "shop_manager"), ("grid_worker", "merchant")]
)
def test_who_redeems_vouchers_has_no_other_work_whichever_came_first(
    world, propose, secadmin, log, first, then
):
    lin = world.person()
    assert propose(secadmin, lin, role=first).status_code == 201

    with world.changes() as changed:
        answer = propose(secadmin, lin, role=then)

    refused(world, log, answer, changed, code=(409, "duties_separate"))
    assert "兑付商户的核销人不能兼任其他岗位" in answer.json["detail"]


def test_a_merchants_clerk_who_was_proposed_other_work_before_is_not_approved(
    world, api, propose, secadmin, second, log
):
    lin = world.person()
    grant = propose(secadmin, lin, role="city_officer", at="city").json["id"]
    world.grant(lin, "merchant", days_from_now=-1)

    with world.changes() as changed:
        answer = api.post(f"/role-grants/{grant}/approval", as_=second)

    refused(world, log, answer, changed, code=(409, "duties_separate"), action="role.approve")


def test_an_approval_too_late_is_refused(api, world, propose, secadmin, second, hands, log):
    grant = propose(secadmin, world.person(), role="auditor", at="city").json["id"]
    hands.move(days=365)

    with world.changes() as changed:
        answer = api.post(f"/role-grants/{grant}/approval", as_=second)

    refused(world, log, answer, changed, code=(422, "grant_span_invalid"), action="role.approve")


def test_what_is_refused_stays_so_and_may_be_proposed_again(api, world, propose, secadmin, second):
    lin = world.person()
    grant = propose(secadmin, lin, role="auditor", at="city").json["id"]

    no = api.post(f"/role-grants/{grant}/refusal", as_=second, reason="材料不全")
    late = api.post(f"/role-grants/{grant}/approval", as_=second)
    again = propose(secadmin, lin, role="auditor", at="city")

    assert (no.status_code, no.json["state"]) == (201, "refused")
    assert refusal(late) == (409, "grant_decided")
    assert again.status_code == 201


def test_a_proposal_may_be_taken_back_by_who_made_it(api, world, propose, secadmin):
    grant = propose(secadmin, world.person(), role="auditor", at="city").json["id"]

    back = api.post(f"/role-grants/{grant}/refusal", as_=secadmin, reason="填错了人")

    assert (back.status_code, back.json["state"]) == (201, "refused")


def test_a_role_that_is_ended_gives_nothing_from_the_next_call_on(api, world, propose, log):
    secretary, lin, station = (
        world.staff("community_secretary"),
        world.person(),
        world.station(),
    )
    grant = propose(secretary, lin).json["id"]
    world.staff_ids.add(lin.id)
    assert api.get(f"/stations/{station.id}/code", as_=lin).status_code == 200

    ended = api.post(f"/role-grants/{grant}/revocation", as_=secretary, reason="离任")

    assert (ended.status_code, ended.json["state"]) == (201, "ended")
    assert refusal(api.get(f"/stations/{station.id}/code", as_=lin)) == (403, "staff_only")
    assert (log().action, log().reason) == ("role.end", "离任")


def test_a_role_gives_nothing_from_its_last_day_on(api, world, propose, hands):
    secretary, lin, station = (
        world.staff("community_secretary"),
        world.person(),
        world.station(),
    )
    propose(secretary, lin, valid_to=(world.now().date() + timedelta(days=30)).isoformat())
    world.staff_ids.add(lin.id)
    path = f"/stations/{station.id}/code"

    hands.move(days=29)
    on_the_last = api.get(path, as_=lin)
    hands.move(days=1)
    with world.changes() as changed:
        afterwards = api.get(path, as_=lin)

    assert on_the_last.status_code == 200
    assert refusal(afterwards) == (403, "staff_only")
    assert changed == {}


@pytest.mark.parametrize("deed", ["approval", "refusal", "revocation"])
def test_a_grant_outside_is_like_one_that_never_was(api, world, new_world, propose, street, deed):
    other = new_world()
    api.request_id = "one-and-the-same"
    world.grant(world.person(community="Wenhua"), "station_manager", at="Wenhua")
    other.grant(other.person(), "station_manager")
    officer = world.staff("city_officer", at="East Street")
    with world.own() as session:
        theirs = session.scalars(sa.select(RoleGrant.id).filter_by(org_unit_id=street)).one()
    with other.own() as session:
        foreign = session.scalars(sa.select(RoleGrant.id)).one()

    answers = [
        api.post(f"/role-grants/{id_}/{deed}", as_=officer, reason="试试")
        for id_ in (theirs, foreign, NOWHERE)
    ]

    assert {refusal(answer) for answer in answers} == {(404, "grant_unknown")}
    assert len({answer.data for answer in answers}) == 1


def test_roles_are_given_only_by_who_has_just_proved_who_they_are(
    api, world, propose, secadmin, hands
):
    lin = world.person()
    api.get("/me", as_=secadmin)
    hands.move(minutes=6)

    with world.changes() as changed:
        answer = propose(secadmin, lin)

    assert refusal(answer) == (403, "step_up_required")
    assert changed == {}


def test_two_who_approve_at_once_approve_once(world, propose, secadmin, second, crowd):
    officer = world.staff("city_officer", at="city")
    grant = propose(secadmin, world.person(), role="auditor", at="city").json["id"]
    crowd.sign_in(second, officer)

    answers = crowd.at_once(
        [
            lambda one, who=who: one.post(f"/role-grants/{grant}/approval", as_=who)
            for who in (second, officer) * 6
        ]
    )

    assert outcomes(answers) == {"created": 1, "grant_decided": 11}
    with world.own() as session:
        done = sa.select(AuditEntry).filter_by(action="role.approve", result="done")
        assert len(session.scalars(done).all()) == 1


def test_approving_and_refusing_at_once_is_one_of_the_two(
    api, world, propose, secadmin, second, crowd
):
    officer = world.staff("city_officer", at="city")
    grant = propose(secadmin, world.person(), role="auditor", at="city").json["id"]
    crowd.sign_in(second, officer)

    answers = crowd.at_once(
        [
            lambda one: one.post(f"/role-grants/{grant}/approval", as_=second),
            lambda one: one.post(f"/role-grants/{grant}/refusal", as_=officer, reason="不行"),
        ]
        * 4
    )

    assert outcomes(answers) == {"created": 1, "grant_decided": 7}


def test_two_who_propose_at_once_propose_once(world, propose, api, crowd):
    granters = [world.staff("community_secretary") for _ in range(2)]
    lin, today = world.person(), world.now().date()
    crowd.sign_in(*granters)
    body = {
        "person_id": str(lin.id),
        "role": "station_manager",
        "org_unit_id": str(world.units["Mingde"]),
        "valid_from": today.isoformat(),
        "valid_to": (today + timedelta(days=30)).isoformat(),
        "reason": "换届",
    }

    answers = crowd.at_once(
        [lambda one, who=who: one.post("/role-grants", as_=who, **body) for who in granters * 6]
    )

    assert outcomes(answers) == {"created": 1, "grant_exists": 11}


def test_a_grant_that_ends_while_it_is_used_is_used_before_or_not_at_all(
    api, world, propose, crowd
):
    secretary, lin, station = (
        world.staff("community_secretary"),
        world.person(),
        world.station(),
    )
    grant = propose(secretary, lin).json["id"]
    world.staff_ids.add(lin.id)
    crowd.sign_in(secretary, lin)

    def use(one):
        return one.get(f"/stations/{station.id}/code", as_=lin)

    def end(one):
        return one.post(f"/role-grants/{grant}/revocation", as_=secretary, reason="离任")

    answers = crowd.at_once([use, use, use, end, use, use, use, use])

    codes = {answer.status_code for place, answer in enumerate(answers) if place != 3}
    assert answers[3].status_code == 201
    assert codes <= {200, 403}
    assert refusal(api.get(f"/stations/{station.id}/code", as_=lin)) == (403, "staff_only")


@pytest.mark.parametrize(
    "change",
    [
        "granted_by = person_id",
        "approved_by = granted_by, decided_at = granted_at",
        "approved_by = person_id, decided_at = granted_at",
        "refused_by = person_id, decided_at = granted_at, state = 'refused'",
        "state = 'perhaps'",
        "state = 'refused'",
        "state = 'ended'",
        "state = 'active'",
        "valid_to = valid_from",
        "decided_at = granted_at",
    ],
)
def test_the_database_keeps_to_it_whatever_the_code_does(world, propose, secadmin, change):
    propose(secadmin, world.person(), role="auditor", at="city")

    with pytest.raises(IntegrityError) as refused_by, world.own() as session:
        session.execute(sa.text(f"UPDATE role_grant SET {change} WHERE state = 'proposed'"))

    assert refused_by.value.orig.sqlstate == "23514"


def test_who_reads_sees_the_grants_of_their_subtrees(api, world, propose, secadmin, street):
    secretary = world.staff("community_secretary")
    for number in range(3):
        propose(secadmin, world.person(f"居民{number}"), role="grid_worker")
    propose(secadmin, world.person(community="Wenhua"), role="grid_worker", at="Wenhua")

    mine = api.get("/role-grants", as_=secretary, limit=3).json
    rest = api.get("/role-grants", as_=secretary, limit=3, cursor=mine["next_cursor"]).json
    everything = api.get("/role-grants", as_=secadmin).json

    seen = mine["items"] + rest["items"]
    assert {one["org_unit_id"] for one in seen} == {str(world.units["Mingde"])}
    assert (len(mine["items"]), len(rest["items"]), len(everything["items"])) == (3, 1, 6)
    assert api.get("/role-grants", as_=secretary, state="proposed").json["items"] == []
