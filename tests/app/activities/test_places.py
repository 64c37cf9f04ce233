"""Places: to do what, how many, for whom; who waits, is offered a place, and gives one back."""

from collections import Counter
from datetime import date, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.activities import keeping as activities_keeping
from app.activities.models import Enrolment
from app.households.models import GuardianConsent
from app.identity.fields import Field
from tests.support.crowd import outcomes
from tests.support.drafts import a_task
from tests.support.refusals import refusal

HIGH = {"name": "高空", "minutes": 60, "places": 1, "min_age": 18, "max_age": 60}


@pytest.fixture
def next_week(world, hands):
    """An activity a week from now, with so many places."""

    def next_week(capacity=1, *, days=7, **fields):
        starts = hands() + timedelta(days=days)
        ends = starts + timedelta(hours=2)
        return world.activity(capacity=capacity, starts_at=starts, ends_at=ends, **fields)

    return next_week


@pytest.fixture
def wants(api):
    """Somebody puts their name down, for a task where there are several."""

    def wants(who, activity, **task):
        return api.post(f"/activities/{activity.id}/enrolments", as_=who, **task)

    return wants


@pytest.fixture
def leaves(api):
    def leaves(who, activity):
        return api.delete(f"/activities/{activity.id}/enrolments/mine", as_=who)

    return leaves


@pytest.fixture
def says_yes(api):
    def says_yes(who, activity):
        return api.post(f"/activities/{activity.id}/enrolments/mine/confirmation", as_=who)

    return says_yes


def states(world, activity):
    """How each enrolment stands, in the order of their turns."""
    query = sa.select(Enrolment).filter_by(activity_id=activity.id).order_by(Enrolment.turn)
    with world.work() as session:
        return [row.state for row in session.scalars(query)]


def told(api, who):
    return [one["title"] for one in api.get("/me/messages", as_=who).json["items"]]


def test_a_place_given_back_is_offered_to_whoever_waits_longest(
    api, world, next_week, wants, leaves, says_yes, hands
):
    lin, wang, chen = world.people(3)
    activity = next_week()
    for who in (lin, wang, chen):
        wants(who, activity)

    left = leaves(lin, activity)
    offered = states(world, activity)
    hands.move(hours=11, minutes=59)
    taken = says_yes(wang, activity)

    assert left.json["enrolment"]["state"] == "left"
    assert offered == ["left", "offered", "waitlisted"]
    assert told(api, wang) == ["轮到您了"]
    assert told(api, chen) == []
    assert taken.json["enrolment"]["state"] == "confirmed"
    assert states(world, activity) == ["left", "confirmed", "waitlisted"]
    assert world.violations() == []


def test_an_offer_nobody_answers_goes_to_the_next_and_is_no_violation(
    api, world, next_week, wants, leaves, says_yes, hands, sweep
):
    lin, wang, chen = world.people(3)
    activity = next_week()
    for who in (lin, wang, chen):
        wants(who, activity)
    leaves(lin, activity)
    hands.move(hours=12)

    late = says_yes(wang, activity)
    sweep()

    assert refusal(late) == (409, "offer_lapsed")
    assert states(world, activity) == ["left", "lapsed", "offered"]
    assert told(api, chen) == ["轮到您了"]
    assert wants(wang, activity).json["enrolment"]["state"] == "waitlisted"
    assert states(world, activity) == ["left", "offered", "waitlisted"]


def test_whoever_left_may_come_back_at_the_end_of_the_queue(world, next_week, wants, leaves):
    lin, wang, chen = world.people(3)
    activity = next_week()
    for who in (lin, wang, chen):
        wants(who, activity)
    leaves(wang, activity)

    back = wants(wang, activity)
    leaves(lin, activity)

    assert back.json["enrolment"]["state"] == "waitlisted"
    assert states(world, activity) == ["left", "offered", "waitlisted"]  # chen's is the offer
    with world.work() as session:
        turns = {row.person_id: row.turn for row in session.scalars(sa.select(Enrolment))}
    assert turns[wang.id] > turns[chen.id]


def test_nobody_is_given_less_than_twelve_hours_to_answer(
    api, world, next_week, wants, leaves, clerk
):
    lin, wang = world.people(2)
    activity = next_week(days=0.49)
    for who in (lin, wang):
        wants(who, activity)
    waiting = api.get(f"/activities/{activity.id}/enrolments", as_=clerk).json["items"][1]
    placing = f"/enrolments/{waiting['id']}/placement"

    full = api.post(placing, as_=clerk)
    leaves(lin, activity)
    still = states(world, activity)
    placed = api.post(placing, as_=clerk)

    assert refusal(full) == (409, "no_place_free")
    assert still == ["left", "waitlisted"]
    assert placed.json["enrolment"]["state"] == "confirmed"
    assert refusal(api.post(placing, as_=clerk)) == (409, "offer_none")


def test_staff_do_not_pass_over_the_queue_while_there_is_time(api, world, next_week, wants, clerk):
    lin, wang = world.people(2)
    activity = next_week()
    for who in (lin, wang):
        wants(who, activity)
    listed = api.get(f"/activities/{activity.id}/enrolments", as_=clerk).json["items"]

    with world.changes() as changed:
        answer = api.post(f"/enrolments/{listed[1]['id']}/placement", as_=clerk)

    assert refusal(answer) == (409, "offers_run")
    assert changed == {}
    assert [one["state"] for one in listed] == ["confirmed", "waitlisted"]
    assert all("*" in one["name_masked"] for one in listed)


def test_what_one_does_not_have_one_cannot_give_back_or_accept(
    world, next_week, wants, leaves, says_yes, lin
):
    activity = next_week(capacity=3)

    with world.changes() as changed:
        answers = [leaves(lin, activity), says_yes(lin, activity)]
    wants(lin, activity)
    accepted = says_yes(lin, activity)
    leaves(lin, activity)

    assert [refusal(one) for one in answers] == [(409, "not_enrolled")] * 2
    assert changed == {}
    assert refusal(accepted) == (409, "offer_none")
    assert refusal(leaves(lin, activity)) == (409, "not_enrolled")


def test_whoever_is_there_does_not_leave_the_list(api, world, wants, leaves, lin):
    activity = world.activity()
    wants(lin, activity)
    api.post(f"/activities/{activity.id}/check-ins", as_=lin, code=world.venue_code(activity))

    assert refusal(leaves(lin, activity)) == (409, "already_checked_in")


def test_one_chooses_a_task_and_each_has_its_own_places(api, world, published, lin, wants):
    tasks = [
        {"name": "理发", "minutes": 120, "places": 1, "skill": "hairdressing"},
        {"name": "引导", "minutes": 60, "places": 3},
    ]
    path = published(tasks=tasks)
    shown = api.get(path, as_=lin).json["tasks"]
    wang, chen = world.people(2)

    none = api.post(f"{path}/enrolments", as_=lin)
    got = [
        api.post(f"{path}/enrolments", as_=who, task_id=shown[which]["id"]).json["enrolment"]
        for who, which in ((lin, 0), (wang, 0), (chen, 1))
    ]

    assert refusal(none) == (422, "task_needed")
    assert [(one["name"], one["skill"], one["places"]) for one in shown] == [
        ("理发", "hairdressing", 1),
        ("引导", None, 3),
    ]
    assert [one["state"] for one in got] == ["confirmed", "waitlisted", "confirmed"]
    assert api.get(path, as_=lin).json["capacity"] == 4
    assert [one["free"] for one in api.get(path, as_=lin).json["tasks"]] == [0, 2]


@pytest.mark.parametrize(
    ("born", "expected"),
    [
        ("2008-03-09", 201),  # eighteen on the day it begins
        ("2008-03-10", (409, "age_unfit")),
        ("1966-03-10", 201),
        ("1965-03-09", (409, "age_unfit")),
        (None, 201),
    ],
)
def test_a_task_has_its_ages_by_the_day_it_begins(
    api, world, published, lin, born, expected, consented
):
    path = published(tasks=[HIGH])
    if born:
        world.know(lin, {Field.BIRTH_DATE: born})
        consented(lin)

    answer = api.post(f"{path}/enrolments", as_=lin)

    if expected == 201:
        assert answer.status_code == 201
    else:
        assert refusal(answer) == expected


def test_whoever_is_forgotten_keeps_nobody_from_a_place(api, world, next_week, wants, hands):
    lin, wang = world.people(2)
    activity = next_week()
    wants(lin, activity)
    wants(wang, activity)

    with world.work() as session:
        for keeping in activities_keeping.KEEPINGS:
            if keeping.forget:
                keeping.forget(session, lin.id, hands())

    assert states(world, activity) == ["left", "offered"]
    assert told(api, wang) == ["轮到您了"]


@pytest.fixture
def consented(world):
    """A minor's guardian has agreed."""

    def consented(person):
        guardian, witness = world.people(2)
        row = GuardianConsent(
            tenant_id=world.tenant_id,
            id=uuid4(),
            person_id=person.id,
            guardian_id=guardian.id,
            kinship="parent",
            consent="in_person",
            witnessed_by=witness.id,
            from_day=date(2026, 1, 1),
        )
        with world.own() as session:
            session.add(row)

    return consented


def test_sixty_four_come_and_go_at_once_and_nobody_is_lost(
    world, next_week, crowd, api, sweep, hands
):
    people = world.people(64)
    activity = next_week(capacity=8)
    with world.work() as session:
        session.add(a_task(activity, places=8, tenant_id=world.tenant_id))
    path = f"/activities/{activity.id}/enrolments"
    crowd.sign_in(*people)

    came = crowd.at_once([lambda phone, who=who: phone.post(path, as_=who) for who in people])
    placed = [
        who
        for who, answer in zip(people, came, strict=True)
        if answer.json["enrolment"]["state"] == "confirmed"
    ]
    deeds = [lambda phone, who=who: phone.delete(f"{path}/mine", as_=who) for who in placed]
    again = [lambda phone, who=who: phone.post(path, as_=who) for who in people]
    crowd.at_once([*deeds, *again])

    assert outcomes(came) == {"created": 64}
    assert len(placed) == 8
    now = Counter(states(world, activity))
    assert now["confirmed"] + now["offered"] == 8
    assert sum(now.values()) == 64
    assert len(queue(world, activity)) == len(set(queue(world, activity)))
    hands.move(hours=12)
    sweep()
    after = Counter(states(world, activity))
    assert after["confirmed"] + after["offered"] == 8
    assert world.violations() == []


def queue(world, activity):
    query = sa.select(Enrolment.turn).filter_by(activity_id=activity.id)
    with world.work() as session:
        return session.scalars(query).all()
