"""Finding an activity, taking a place, and the code on its screen."""

from datetime import timedelta

import pytest

from app.activities import queries
from tests.support.browser import Browser
from tests.support.crowd import outcomes
from tests.support.refusals import refusal


def titles(answer):
    return [item["title"] for item in answer.json["items"]]


def test_activities_that_are_not_over_come_in_the_order_they_begin(api, world, hands):
    lin, now = world.person(), hands()
    for title, begins in (("later", 5), ("over", -5), ("running", -1), ("soon", 1)):
        at = now + timedelta(hours=begins)
        world.activity(title=title, starts_at=at, ends_at=at + timedelta(hours=2))
    world.activity(title="cancelled", state="cancelled")

    first = api.get("/activities", as_=lin, limit=2)
    rest = api.get("/activities", as_=lin, limit=2, cursor=first.json["next_cursor"])

    assert titles(first) + titles(rest) == ["running", "soon", "later"]
    assert rest.json["next_cursor"] is None


def test_a_day_is_a_civil_day(api, world, hands):
    lin, now = world.person(), hands()
    for title, begins in (("yesterday late", -13), ("today", 0), ("tomorrow early", 12.5)):
        at = now + timedelta(hours=begins)
        world.activity(title=title, starts_at=at, ends_at=at + timedelta(minutes=30))

    assert titles(api.get("/activities", as_=lin, on="2026-03-02")) == ["today"]
    assert titles(api.get("/activities", as_=lin, on="2026-03-03")) == ["tomorrow early"]
    assert titles(api.get("/activities", as_=lin, on="2026-03-01")) == ["yesterday late"]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-02-30", "today"])
def test_a_day_that_is_none_is_invalid(api, world, day):
    assert refusal(api.get("/activities", as_=world.person(), on=day)) == (422, "invalid")


def test_activities_of_one_community_and_category(api, world):
    lin, wenhua = world.person(), world.unit("community", "Wenhua", under="East Street")
    world.activity(title="here")
    world.activity(title="there", community_id=wenhua, category="health")

    assert titles(api.get("/activities", as_=lin, community=wenhua)) == ["there"]
    assert titles(api.get("/activities", as_=lin, category="environment")) == ["here"]
    assert refusal(api.get("/activities", as_=lin, category="sport")) == (422, "invalid")


def test_an_activity_of_another_city_is_none(api, world, new_world):
    lin, foreign = world.person(), new_world().activity()

    assert refusal(api.get(f"/activities/{foreign.id}", as_=lin)) == (404, "activity_unknown")
    assert titles(api.get("/activities", as_=lin)) == []


def test_whoever_comes_after_the_last_place_waits(api, world):
    lin, wang, activity = world.person(), world.person(), world.activity(capacity=1)
    path = f"/activities/{activity.id}/enrolments"

    states = [api.post(path, as_=person).json["enrolment"]["state"] for person in (lin, wang)]

    assert states == ["confirmed", "waitlisted"]
    assert api.get(f"/activities/{activity.id}", as_=lin).json["enrolled"] == 1


def test_enrolling_twice_is_refused(api, world):
    lin, activity = world.person(), world.activity()
    path = f"/activities/{activity.id}/enrolments"
    api.post(path, as_=lin)

    with world.changes() as changed:
        again = api.post(path, as_=lin)

    assert refusal(again) == (409, "already_enrolled")
    assert changed == {}


@pytest.mark.parametrize("state", ["over", "cancelled", "foreign"])
def test_there_is_no_place_in_what_is_not_on(api, world, hands, new_world, state):
    lin, now = world.person(), hands()
    activity = {
        "over": lambda: world.activity(
            starts_at=now - timedelta(hours=2), ends_at=now - timedelta(hours=1)
        ),
        "cancelled": lambda: world.activity(state="cancelled"),
        "foreign": lambda: new_world().activity(),
    }[state]()

    with world.changes() as changed:
        answer = api.post(f"/activities/{activity.id}/enrolments", as_=lin)

    expected = (409, "activity_over") if state == "over" else (404, "activity_unknown")
    assert refusal(answer) == expected
    assert changed == {}


def test_five_places_and_twenty_people_are_five_confirmed(world, crowd):
    people, activity = [world.person() for _ in range(20)], world.activity(capacity=5)
    path = f"/activities/{activity.id}/enrolments"
    crowd.sign_in(*people)

    answers = crowd.at_once(
        [lambda phone, person=person: phone.post(path, as_=person) for person in people]
    )

    assert outcomes(answers) == {"created": 20}
    states = [answer.json["enrolment"]["state"] for answer in answers]
    assert (states.count("confirmed"), states.count("waitlisted")) == (5, 15)
    assert world.violations() == []


def test_the_screen_shows_a_code_and_says_until_when(api, world, hands):
    secretary, activity = world.staff("community_secretary"), world.activity()
    hands.move(seconds=7)

    shown = api.get(f"/activities/{activity.id}/venue-code", as_=secretary, kind="out").json

    assert shown["code"] == world.venue_code(activity, "out")
    assert shown["valid_until"] == (hands() + timedelta(seconds=8)).isoformat()


def test_the_screen_is_for_staff_of_the_subtree_alone(api, world, new_world):
    world.unit("community", "Wenhua", under="East Street")
    beside = world.staff("community_secretary", at="Wenhua")
    shopkeeper, activity = world.staff("shop_manager"), world.activity()
    foreign = new_world().activity()

    def screen(person, of=activity):
        return api.get(f"/activities/{of.id}/venue-code", as_=person)

    assert refusal(screen(world.person())) == (403, "staff_only")
    assert refusal(screen(shopkeeper)) == (403, "staff_only")
    assert refusal(screen(beside)) == (404, "activity_unknown")
    assert refusal(screen(world.staff("community_secretary"), foreign)) == (404, "activity_unknown")


def test_a_list_of_screens_has_an_end_and_begins_with_what_is_on(world, hands):
    soon = hands() + timedelta(hours=1)
    world.activity(title="soon", starts_at=soon, ends_at=soon + timedelta(hours=1))
    world.activity(title="running")

    with world.work() as session:
        rows = queries.list_activities_of(
            session, [world.units["Mingde"]], ending_after=hands(), limit=1
        )

    assert [row.title for row in rows] == ["running"]


def test_a_list_of_screens_that_is_cut_says_so(api, world):
    secretary = Browser(world, api, world.staff("community_secretary"))
    world.activity(title="cancelled", state="cancelled")
    for number in range(200):
        world.activity(title=f"activity {number}")

    whole = secretary.get("/venue").text
    world.activity(title="one more")
    cut = secretary.get("/venue").text

    assert "只列出最早的" not in whole
    assert "只列出最早的 200 个活动" in cut
    assert "cancelled" not in cut
