"""A delegate registers, enrols and checks in for their person: both names stay with it."""

import pytest
import sqlalchemy as sa

from app.households.models import Errand
from app.identity.models import Person
from tests.support.browser import Browser
from tests.support.refusals import refusal

ALL = ("read", "redeem", "check_in", "register")


@pytest.fixture
def mandate(elder, son, give):
    return give(elder, son, acts=ALL).json["delegate"]["id"]


@pytest.fixture
def activity(world):
    return world.activity()


@pytest.fixture
def member(world, elder):
    with world.own() as session:
        theirs = sa.update(Person).where(Person.id == elder.id)
        session.execute(theirs.values(kinds=["in_service_member"]))


def arrive(world, api, activity, son, elder, *, way="in", client=None):
    path = f"/activities/{activity.id}/check-{'ins' if way == 'in' else 'outs'}"
    body = {"code": world.venue_code(activity, way), "on_behalf_of": str(elder.id)}
    return (client or api).post(path, as_=son, **body)


def kept(world):
    with world.own() as session:
        rows = session.scalars(sa.select(Errand).order_by(Errand.id)).all()
    return [(one.deed, one.person_id, one.delegate_id) for one in rows]


def audited(world):
    query = "SELECT action, actor_id, on_behalf_of FROM audit_entry WHERE action LIKE 'delegate.%'"
    with world.own() as session:
        return [tuple(row) for row in session.execute(sa.text(f"{query} ORDER BY seq"))]


def test_a_delegate_enrols_comes_and_goes_and_the_time_is_the_elders(
    world, api, hands, elder, son, mandate, activity
):
    enrolled = api.post(
        f"/activities/{activity.id}/enrolments", as_=son, on_behalf_of=str(elder.id)
    )
    arrived = arrive(world, api, activity, son, elder)
    hands.move(minutes=60)
    left = arrive(world, api, activity, son, elder, way="out")

    assert [one.status_code for one in (enrolled, arrived, left)] == [201, 201, 201]
    assert left.json["attendance"]["minutes"] == 60
    assert (world.facts_of(son), world.facts_of(elder) > 0) == (0, True)
    deeds = ["enrol", "check_in", "check_out"]
    assert kept(world) == [(deed, elder.id, son.id) for deed in deeds]
    assert audited(world)[1:] == [(f"delegate.{deed}", son.id, elder.id) for deed in deeds]
    shown = Browser(world, api, elder).get(f"/activities/{activity.id}").text
    assert "欧阳明代办签到，欧阳明代办签退" in shown
    assert "欧阳明代办报名" in Browser(world, api, elder).get("/household").text


def test_a_delegate_registers_a_member_and_it_says_by_whom(world, api, elder, son, mandate, member):
    body = {"community_id": str(world.units["Mingde"]), "on_behalf_of": str(elder.id)}

    asked = api.post("/me/registrations", as_=son, **body)
    twice = api.post("/me/registrations", as_=son, **body)

    assert (asked.status_code, refusal(twice)) == (201, (409, "registration_waits"))
    assert kept(world) == [("register", elder.id, son.id)]
    assert "欧*明 代办" in Browser(world, api, elder).get("/registration").text


def test_on_the_pages_one_chooses_for_whom(world, api, elder, son, mandate, member, activity):
    browser = Browser(world, api, son)
    place = f"/registration?for={elder.id}"
    fields = {"community_id": world.units["Mingde"], "for": elder.id}
    code = world.venue_code(activity)
    arrival = browser.get(f"/arrive/{code}").text

    registered = browser.submit("/registration", shown_on=place, **fields)
    came = browser.submit(
        f"/activities/{activity.id}/check-in",
        shown_on=f"/arrive/{code}",
        **{"code": code, "for": elder.id},
    )

    assert ("为谁办" in arrival, f'value="{elder.id}"' in arrival) == (True, True)
    assert (registered.status_code, registered.location) == (303, place)
    assert "欧阳秀兰的报到" in browser.get(place).text
    assert came.location == f"/activities/{activity.id}?for={elder.id}"
    assert "欧阳秀兰的参加情况" in browser.get(came.location).text
    assert [deed for deed, *_ in kept(world)] == ["register", "check_in"]


@pytest.mark.parametrize("acts", [("read", "redeem"), None])
def test_who_may_not_and_who_has_no_mandate_are_told_the_same(
    world, api, elder, son, give, activity, member, acts
):
    if acts:
        give(elder, son, acts=acts)
    place = {"community_id": str(world.units["Mingde"]), "on_behalf_of": str(elder.id)}
    somebody = world.person("何志文")

    with world.changes() as changed:
        answers = [
            arrive(world, api, activity, son, elder),
            api.post(f"/activities/{activity.id}/enrolments", as_=son, on_behalf_of=str(elder.id)),
            api.post("/me/registrations", as_=son, **place),
            arrive(world, api, activity, son, somebody),
        ]

    assert {refusal(answer) for answer in answers} == {(404, "mandate_unknown")}
    assert changed == {"refused_scan": 2}  # what was tried is logged


def test_a_mandate_taken_back_at_the_counter_is_worth_nothing(
    world, api, elder, son, mandate, activity
):
    clerk = Browser(world, api, world.staff("community_clerk", name="黎同志"))
    file = f"/staff/people/{elder.id}"

    shown = clerk.get(file).text
    revoked = clerk.submit(f"{file}/delegates/{mandate}/revoke", shown_on=file)

    assert ("代办报名和签到签退" in shown, "收回授权" in shown) == (True, True)
    assert revoked.status_code == 303
    assert "收回授权" not in clerk.get(file).text
    assert refusal(arrive(world, api, activity, son, elder)) == (404, "mandate_unknown")


def test_a_clerk_enters_what_may_be_done(world, api, elder, son):
    clerk = Browser(world, api, world.staff("community_clerk", name="黎同志"))
    file = f"/staff/people/{elder.id}"
    fields = {"delegate_id": son.id, "consent": "in_person", "daily_limit": "10"}

    clerk.submit(f"{file}/delegates", shown_on=file, **fields, acts=["read", "register"])

    assert "看存折、代办报到，每天最多 10 分" in clerk.get(file).text


def test_a_delegate_checks_in_five_times_a_day_and_no_oftener(
    world, api, hands, elder, son, mandate
):
    venues = [world.activity(title=f"活动{n}") for n in range(6)]
    came = [arrive(world, api, one, son, elder) for one in venues]

    assert [one.status_code for one in came] == [201] * 5 + [409]
    assert refusal(came[5]) == (409, "mandate_exceeded")
    assert len(kept(world)) == 5


def test_the_day_is_one_at_six_venues_at_once(world, api, crowd, elder, son, mandate):
    venues = [world.activity(title=f"活动{n}") for n in range(7)]
    crowd.sign_in(son)

    answers = crowd.at_once(
        [
            lambda client, one=one: arrive(world, api, one, son, elder, client=client)
            for one in venues
        ]
    )

    assert sorted(answer.status_code for answer in answers) == [201] * 5 + [409] * 2
    assert len(kept(world)) == 5


def test_a_refused_check_in_is_no_errand(world, api, elder, son, mandate, activity):
    refused = api.post(
        f"/activities/{activity.id}/check-ins",
        as_=son,
        code="1.nonsense",
        on_behalf_of=str(elder.id),
    )

    assert refused.status_code == 422
    assert kept(world) == []
