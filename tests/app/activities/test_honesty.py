"""What is tried at a venue and does not work, and the instants at which days and quarters end."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from app.activities import codes
from app.activities.codes import Direction
from app.core.clock import CIVIL_ZONE
from app.core.keys import Keyring
from app.identity import sessions
from app.identity.sessions import Device
from tests.support.refusals import refusal

SHARED = ["同一部手机为多人签到"]


@pytest.fixture
def at(hands):
    """Set the clock on the wall of the community."""

    def at(text):
        hands.instant = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(CIVIL_ZONE))
        return hands.instant

    return at


@pytest.fixture
def go(api, world):
    """Check in or out with the code on the screen now, or with another."""

    def go(person, activity, way="in", *, code=None, **body):
        code = code or world.venue_code(activity, way)
        return api.post(f"/activities/{activity.id}/check-{way}s", as_=person, code=code, **body)

    return go


def running(world, since, until, **fields):
    return world.activity(starts_at=since, ends_at=until, **fields)


def test_a_screenshot_is_too_old_after_half_a_minute_and_says_what_to_do(world, go, hands):
    activity = world.activity()
    screenshot = world.venue_code(activity)
    hands.move(seconds=31)

    with world.changes() as changed:
        answer = go(world.person(), activity, code=screenshot)

    assert refusal(answer) == (409, "code_expired")
    assert "请对准现场屏幕重新扫一次" in answer.json["detail"]
    assert "attendance" not in changed


def test_the_code_of_the_next_step_cannot_be_made_without_the_key(world, go, hands):
    activity = world.activity()
    version, kid, packed, step, mac = world.venue_code(activity).split(".")
    forged, _until = codes.issue(
        Keyring("a key that somebody has guessed, long enough"),
        tenant_id=world.tenant_id,
        activity_id=activity.id,
        direction=Direction.IN,
        now=hands() + timedelta(seconds=15),
    )
    tries = [
        f"{version}.{kid}.{packed}.{int(step) + 1}.{mac}",
        ".".join([version, kid, *forged.split(".")[2:]]),
    ]

    with world.changes() as changed:
        answers = [go(world.person(), activity, code=code) for code in tries]

    assert [refusal(answer) for answer in answers] == [(404, "code_unknown")] * 2
    assert "attendance" not in changed


@pytest.fixture
def on_one_phone(api, world):
    """These check in or out, one after the other, each with their own account on one phone."""
    phone = Device(kind="微信", digest=b"p" * 32)

    def on_one_phone(people, activity, way):
        for person in people:
            with world.work() as session:
                begun = sessions.start(session, person, staff=False, now=world.now(), device=phone)
            path = f"/activities/{activity.id}/check-{way}s"
            code = world.venue_code(activity, way)
            yield api.sending(begun.token.text, path, code=code).json["attendance"]

    return on_one_phone


def test_of_twenty_accounts_on_one_phone_the_third_waits_and_in_the_end_all_of_them(
    world, on_one_phone, hands
):
    activity, people = world.activity(), world.people(20)

    came = list(on_one_phone(people, activity, "in"))
    hands.move(minutes=60)
    left = list(on_one_phone(people, activity, "out"))
    world.settle()

    assert [one["state"] for one in came] == ["checked_in"] * 2 + ["pending_review"] * 18
    assert {one["state"] for one in left} == {"pending_review"}
    assert came[2]["reasons"] == left[0]["reasons"] == SHARED
    assert {world.points_of(one) for one in people} == {0}


def test_two_on_one_phone_do_not_wait(world, on_one_phone, hands):
    activity, couple = world.activity(), world.people(2)

    came = list(on_one_phone(couple, activity, "in"))
    hands.move(minutes=60)
    left = list(on_one_phone(couple, activity, "out"))

    assert [one["reasons"] for one in [*came, *left]] == [[]] * 4


def test_where_somebody_was_meanwhile_is_seen_when_they_leave_too(world, go, hands):
    """The made-up one may be the first: then only its end shows that it lay across another."""
    lin, here, there = world.person(), world.activity(), world.activity(title="There")
    go(lin, there)
    hands.move(minutes=5)
    go(lin, here)
    hands.move(minutes=40)
    go(lin, here, "out")
    hands.move(minutes=5)

    answer = go(lin, there, "out")

    assert answer.json["attendance"]["reasons"] == ["同一时间还在参加另一项活动或值班"]


def test_a_day_ends_at_midnight_where_the_community_is(api, world, go, at):
    """A day's limit is 60 points: who leaves two minutes later has left on another day."""
    lin, hong = world.people(2)
    noon = running(world, at("2026-03-02 12:00"), at("2026-03-02 16:00"))
    late = running(world, at("2026-03-02 19:55"), at("2026-03-03 00:30"))
    for activity, since, until in (
        (noon, "2026-03-02 12:00", {lin: "2026-03-02 16:00", hong: "2026-03-02 16:00"}),
        (late, "2026-03-02 19:55", {lin: "2026-03-02 23:59", hong: "2026-03-03 00:01"}),
    ):
        at(since)
        for one in (lin, hong):
            go(one, activity)
        for one, left in until.items():
            at(left)
            go(one, activity, "out")
    world.settle()

    def by_day(person):
        items = api.get("/me/passbook", as_=person, unit="points").json["items"]
        return sorted((line["on"], line["amount"]) for line in items)

    assert by_day(lin) == [("2026-03-02", 20), ("2026-03-02", 40)]
    assert by_day(hong) == [("2026-03-02", 40), ("2026-03-03", 40)]


def test_a_quarter_ends_with_its_last_minute_where_the_community_is(world, go, at):
    lin, hong = world.people(2)
    activity = running(world, at("2026-03-31 22:00"), at("2026-04-01 00:30"))
    at("2026-03-31 22:00")
    for one in (lin, hong):
        go(one, activity)
    at("2026-03-31 23:59")
    go(lin, activity, "out")
    at("2026-04-01 00:00:30")
    go(hong, activity, "out")
    at("2026-04-01 00:01")
    world.settle()

    with world.own() as session:
        query = "SELECT DISTINCT occurred_on, quarter FROM transfer WHERE tenant_id = :t"
        booked = session.execute(sa.text(query), {"t": world.tenant_id}).all()

    assert {(f"{row[0]}", row[1]) for row in booked} == {
        ("2026-03-31", "2026Q1"),
        ("2026-04-01", "2026Q2"),
    }
    assert world.points_of(lin) > 0
    assert world.points_of(hong) > 0
    assert world.violations() == []
