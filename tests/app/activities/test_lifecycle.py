"""From draft to settled: each step by who may, never by one alone, and told to whom it concerns."""

from types import SimpleNamespace
from uuid import UUID

import pytest
import sqlalchemy as sa

from tests.support.client import NOWHERE
from tests.support.crowd import outcomes
from tests.support.refusals import refusal

STEPS = {
    "submission": {},
    "publication": {},
    "return": {"reason": "改一下"},
    "cancellation": {"reason": "台风"},
    "verification": {},
}


def state_of(api, path, who):
    answer = api.get(path, as_=who)
    return answer.json["state"] if answer.status_code == 200 else refusal(answer)


def audited(world):
    query = "SELECT action, reason FROM audit_entry WHERE tenant_id = :t ORDER BY seq"
    with world.own() as session:
        return [tuple(row) for row in session.execute(sa.text(query), {"t": world.tenant_id})]


def test_an_activity_goes_from_draft_to_settled(
    api, world, drafted, clerk, secretary, sweep, hands, lin
):
    path = drafted()
    seen = [state_of(api, path, lin)]
    api.post(f"{path}/submission", as_=clerk)
    seen.append(state_of(api, path, lin))
    api.post(f"{path}/publication", as_=secretary)
    seen.append(state_of(api, path, lin))
    hands.move(days=7)
    seen.append(state_of(api, path, lin))
    attend(api, world, path, lin, hands)
    hands.move(hours=1)
    seen.append(state_of(api, path, lin))
    assert api.post(f"{path}/verification", as_=clerk).status_code == 201
    sweep()
    seen.append(state_of(api, path, lin))  # her fact waits still
    world.settle()
    sweep()
    seen.append(state_of(api, path, lin))

    hidden = (404, "activity_unknown")
    assert seen == [hidden, hidden, "published", "running", "ended", "verified", "settled"]
    assert [action for action, _ in audited(world)] == [
        "activity.draft",
        "activity.in_review",
        "activity.published",
        "activity.verified",
    ]
    assert world.points_of(lin) == 10
    assert world.violations() == []


def attend(api, world, path, who, hands, *, leave=True):
    """She is there for an hour and a bit."""
    api.post(f"{path}/check-ins", as_=who, code=world.venue_code(at(path)))
    hands.move(minutes=75)
    if leave:
        api.post(f"{path}/check-outs", as_=who, code=world.venue_code(at(path), "out"))


def at(path):
    """The activity of an address, as far as its screen needs to know it."""
    return SimpleNamespace(id=UUID(path.rpartition("/")[2]))


def test_whoever_drafted_or_submitted_does_not_review(api, world, drafted, secretary, draft_body):
    answer = api.post("/activities", as_=secretary, **draft_body())
    own = f"/activities/{answer.json['activity']['id']}"
    api.post(f"{own}/submission", as_=secretary)
    of_another = drafted()
    api.post(f"{of_another}/submission", as_=secretary)

    with world.changes() as changed:
        answers = [
            api.post(f"{path}/{step}", as_=secretary, **STEPS[step])
            for path in (own, of_another)
            for step in ("publication", "return")
        ]

    assert {refusal(answer) for answer in answers} == {(409, "own_draft")}
    assert changed == {}
    assert api.post(f"{own}/publication", as_=world.staff("checker")).status_code == 201


def test_what_is_returned_says_why_and_is_written_anew(api, drafted, clerk, secretary, draft_body):
    path = drafted()
    api.post(f"{path}/submission", as_=clerk)
    busy = api.put(path, as_=clerk, **draft_body(title="别的"))
    given = api.post(f"{path}/return", as_=secretary, reason="时间太早")
    again = api.put(path, as_=clerk, **draft_body(title="河道清洁（改）"))
    api.post(f"{path}/submission", as_=clerk)
    api.delete(f"{path}/submission", as_=clerk)
    api.post(f"{path}/submission", as_=clerk)

    assert refusal(busy) == (409, "activity_state")
    assert given.json["activity"]["review_note"] == "时间太早"
    assert again.json["activity"]["title"] == "河道清洁（改）"
    assert api.post(f"{path}/publication", as_=secretary).json["activity"]["review_note"] == ""


def test_a_step_out_of_turn_is_refused_and_changes_nothing(api, world, published, secretary):
    path = published()

    with world.changes() as changed:
        answers = {
            step: refusal(api.post(f"{path}/{step}", as_=secretary, **STEPS[step]))
            for step in ("submission", "publication", "return", "verification")
        }

    assert answers == {
        "submission": (409, "activity_state"),
        "publication": (409, "activity_state"),
        "return": (409, "activity_state"),
        "verification": (409, "activity_not_over"),
    }
    assert changed == {}


@pytest.mark.parametrize("step", STEPS)
def test_an_activity_out_of_reach_is_none(api, world, drafted, new_world, step):
    world.unit("community", "Wenhua", under="East Street")
    beside, other = world.staff("community_secretary", at="Wenhua"), new_world()
    path = drafted()
    foreign = f"/activities/{other.activity().id}"
    api.request_id = "one-and-the-same"

    answers = [
        api.post(f"{each}/{step}", as_=beside, **STEPS[step])
        for each in (path, foreign, f"/activities/{NOWHERE}")
    ]

    assert refusal(answers[0]) == (404, "activity_unknown")
    assert len({answer.data for answer in answers}) == 1


def test_two_who_review_at_once_publish_once(api, world, drafted, clerk, secretary, crowd):
    reviewers = [secretary, world.staff("checker"), world.staff("street_officer", at="city")]
    path = drafted()
    api.post(f"{path}/submission", as_=clerk)
    crowd.sign_in(*reviewers)

    answers = crowd.at_once(
        [
            lambda phone, who=who, step=step: phone.post(f"{path}/{step}", as_=who, **STEPS[step])
            for who in reviewers
            for step in ("publication", "return")
        ]
    )

    assert outcomes(answers) == {"created": 1, "activity_state": 5}


def test_a_called_off_activity_earns_nothing_and_those_who_had_enrolled_are_told(
    api, world, published, clerk, sweep, lin
):
    path, wang = published(audience="nobody"), world.person()
    api.post(f"{path}/enrolments", as_=lin)
    cancelled = api.post(f"{path}/cancellation", as_=clerk, reason="台风预警")
    sweep()
    sweep()

    told = [one["text"] for one in api.get("/me/messages", as_=lin).json["items"]]

    assert cancelled.json["activity"]["cancel_reason"] == "台风预警"
    assert len(told) == 1
    assert "原因：台风预警" in told[0]
    assert api.get("/me/messages", as_=wang).json["items"] == []
    assert refusal(api.post(f"{path}/enrolments", as_=wang)) == (404, "activity_unknown")
    came = api.post(f"{path}/check-ins", as_=lin, code=world.venue_code(at(path)))
    assert refusal(came) == (404, "activity_unknown")
    assert state_of(api, path, lin) == "cancelled"
    assert ("activity.cancelled", "台风预警") in audited(world)


def test_nothing_is_called_off_once_somebody_came(api, world, clerk, lin):
    activity = world.activity()
    path = f"/activities/{activity.id}"
    api.post(f"{path}/check-ins", as_=lin, code=world.venue_code(activity))

    with world.changes() as changed:
        answer = api.post(f"{path}/cancellation", as_=clerk, reason="下雨")

    assert refusal(answer) == (409, "somebody_came")
    assert changed == {}
    assert refusal(api.post(f"{path}/cancellation", as_=clerk, reason=" ")) == (422, "invalid")


def test_whoever_comes_while_it_is_called_off_is_there_or_it_is_not_called_off(
    api, world, clerk, crowd
):
    people = world.people(6)
    crowd.sign_in(clerk, *people)

    for activity in (world.activity(), world.activity(), world.activity()):
        came, off = race(crowd, world, activity, people, clerk)
        assert (came > 0) is not off


def race(crowd, world, activity, people, clerk):
    """How many came, and whether it was called off, at the same moment."""
    path, code = f"/activities/{activity.id}", world.venue_code(activity)
    deeds = [
        lambda phone, who=who: phone.post(f"{path}/check-ins", as_=who, code=code) for who in people
    ]
    deeds.insert(3, lambda phone: phone.post(f"{path}/cancellation", as_=clerk, reason="雷暴"))
    answers = crowd.at_once(deeds)
    off = answers.pop(3).status_code == 201
    return sum(answer.status_code == 201 for answer in answers), off


def test_the_list_is_confirmed_after_the_end_by_somebody_who_was_not_on_it(
    api, world, secretary, clerk, hands, sweep
):
    activity = world.activity(minutes=60)
    path = f"/activities/{activity.id}"
    attend(api, world, path, clerk, hands, leave=False)

    own = api.post(f"{path}/verification", as_=clerk)
    confirmed = api.post(f"{path}/verification", as_=secretary)
    sweep()
    inside = state_of(api, path, clerk)
    late = api.post(f"{path}/check-outs", as_=clerk, code=world.venue_code(activity, "out"))
    world.settle()
    sweep()

    assert refusal(own) == (409, "own_attendance")
    assert confirmed.status_code == 201
    assert inside == "verified"  # somebody is there still, as far as anybody knows
    assert late.status_code == 201
    assert state_of(api, path, clerk) == "settled"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"title": " "}, "invalid"),
        ({"category": "sport"}, "draft_wrong"),
        ({"tasks": []}, "invalid"),
        ({"tasks": [{"name": "甲", "minutes": 60, "places": 1}] * 2}, "draft_wrong"),
        ({"tasks": [{"name": "甲", "minutes": 240, "places": 1}]}, "draft_wrong"),
        ({"tasks": [{"name": "高空", "minutes": 60, "places": 1, "risk": "high"}]}, "draft_wrong"),
        (
            {"tasks": [{"name": "甲", "minutes": 60, "places": 1, "min_age": 60, "max_age": 20}]},
            "draft_wrong",
        ),
        ({"ends_at": "2026-03-01T00:00:00+00:00"}, "draft_wrong"),
        ({"audience": "grid"}, "draft_wrong"),
        ({"audience": "grid", "audience_unit_id": NOWHERE}, "draft_wrong"),
    ],
)
def test_a_draft_that_cannot_be_held_is_refused(api, world, clerk, draft_body, fields, code):
    with world.changes() as changed:
        answer = api.post("/activities", as_=clerk, **draft_body(**fields))

    assert refusal(answer) == (422, code)
    assert changed == {}


def test_what_needs_an_insurance_is_submitted_with_its_number(api, clerk, drafted, draft_body):
    task = {"name": "高空作业", "minutes": 60, "places": 1, "min_age": 18, "risk": "high"}
    path = drafted(tasks=[{**task, "insured": True}])

    without = api.post(f"{path}/submission", as_=clerk)
    body = draft_body(tasks=[{**task, "insured": True}], insurance_no="PICC-2026-1")
    api.put(path, as_=clerk, **body)

    assert refusal(without) == (409, "insurance_missing")
    assert api.post(f"{path}/submission", as_=clerk).status_code == 201


def test_nothing_is_published_that_has_begun(api, clerk, secretary, drafted, hands):
    path, late = drafted(), drafted()
    api.post(f"{path}/submission", as_=clerk)
    hands.move(days=7)

    assert refusal(api.post(f"{path}/publication", as_=secretary)) == (409, "review_too_late")
    assert refusal(api.post(f"{late}/submission", as_=clerk)) == (409, "review_too_late")


def test_the_categories_are_those_of_the_policy_in_force(api, world, clerk, draft_body):
    assert api.post("/activities", as_=clerk, **draft_body(category="blood")).status_code == 201
