"""我的四个到: what came of each activity, what is missing, and whose step is next."""

from datetime import timedelta

import pytest

from app.activities import announcing
from app.activities.kinds import NoticeKind
from app.core.telling import Telling, notify
from app.identity import services as identity
from tests.support.browser import Browser
from tests.support.refusals import refusal


@pytest.fixture
def member(world):
    with world.work() as session:
        return identity.register_person(
            session,
            name="方明",
            kinds=["in_service_member"],
            community_id=world.units["Mingde"],
            now=world.now(),
        )


@pytest.fixture
def stamps(api):
    """The four of the latest activity: whether each is done, and who owes what is not."""

    def stamps(person):
        rows = api.get("/me/arrivals", as_=person).json["items"]
        return {one["key"]: one["done"] or one["owed_by"] for one in rows[0]["stamps"]}

    return stamps


def invite(world, person, activity):
    telling = Telling(
        person_id=person.id,
        template="activity_invitation",
        about=announcing.about(activity.id, NoticeKind.INVITATION),
        words={"title": activity.title, "when": "明天", "place": activity.place},
    )
    with world.work() as session:
        notify(session, telling, now=world.now())


def test_a_member_follows_an_activity_from_the_notice_to_the_answer(
    api, world, member, stamps, hands
):
    activity, leader = world.activity(), world.staff("station_manager")
    path, desk = f"/activities/{activity.id}", Browser(world, api, leader)
    invite(world, member, activity)
    api.post(f"{path}/enrolments", as_=member)
    seen = [stamps(member)]
    Browser(world, api, member).get(path)
    api.post(f"{path}/check-ins", as_=member, code=world.venue_code(activity))
    seen.append(stamps(member))
    hands.move(minutes=90)
    api.post(f"{path}/check-outs", as_=member, code=world.venue_code(activity, "out"))
    seen.append(stamps(member))
    given = api.post(f"{path}/feedback", as_=member, rating=5)
    seen.append(stamps(member))
    desk.submit(f"/staff{path}/thanks", shown_on=f"/staff{path}/feedback")
    api.post(f"/feedback/{given.json['feedback']['id']}/answer", as_=leader, answer="谢谢")
    seen.append(stamps(member))

    assert [one["registered"] for one in seen] == ["oneself"] * 5
    assert [one["notified"] for one in seen] == ["oneself", True, True, True, True]
    assert [one["attended"] for one in seen] == ["oneself", "oneself", True, True, True]
    assert [one["answered"] for one in seen] == ["nobody", "nobody", "leader", "leader", True]


def test_a_resident_belongs_to_a_community_and_is_thanked(api, world, stamps, hands):
    lin, leader = world.person(), world.staff("station_manager")
    activity = world.activity()
    path = f"/activities/{activity.id}"
    api.post(f"{path}/check-ins", as_=lin, code=world.venue_code(activity))
    hands.move(minutes=90)
    api.post(f"{path}/check-outs", as_=lin, code=world.venue_code(activity, "out"))
    desk = Browser(world, api, leader)
    desk.submit(f"/staff{path}/thanks", shown_on=f"/staff{path}/feedback")

    page = Browser(world, api, lin).get("/me/arrivals").text

    expected = {"registered": True, "notified": "nobody", "attended": True, "answered": True}
    assert stamps(lin) == expected
    assert "组织者感谢了您" in page
    assert page.count("stamp_done") == 3


def test_who_was_forgotten_at_the_end_says_so_and_who_did_not_come_is_owed_nothing(
    api, world, stamps, hands, sweep
):
    lin, absent = world.people(2)
    activity = world.activity()
    path = f"/activities/{activity.id}"
    for one in (lin, absent):
        api.post(f"{path}/enrolments", as_=one)
    api.post(f"{path}/check-ins", as_=lin, code=world.venue_code(activity))
    hands.move(hours=3)
    sweep()

    assert stamps(lin)["attended"] == "oneself"
    assert stamps(absent)["attended"] == "nobody"


def test_the_timeline_is_paged_and_ones_own(api, world, member):
    starts = [world.now() + timedelta(days=day) for day in (3, 1, 2)]
    made = [world.activity(starts_at=one, ends_at=one + timedelta(hours=2)) for one in starts]
    for activity in made:
        api.post(f"/activities/{activity.id}/enrolments", as_=member)

    first = api.get("/me/arrivals", as_=member, limit=2).json
    rest = api.get("/me/arrivals", as_=member, cursor=first["next_cursor"]).json

    ids = [one["activity_id"] for one in (*first["items"], *rest["items"])]
    assert ids == [str(made[at].id) for at in (0, 2, 1)]
    assert rest["next_cursor"] is None
    assert api.get("/me/arrivals", as_=world.person()).json["items"] == []
    assert refusal(api.get("/me/arrivals", as_=member, cursor="x"))[0] == 422
