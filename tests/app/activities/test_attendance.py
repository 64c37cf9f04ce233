"""Checking in and out: with the venue's own code, once each way, and only time that counts."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from psycopg._queries import MAX_CACHED_STATEMENT_LENGTH

from app.activities import codes as venue_codes
from app.activities.codes import Direction
from app.core.keys import Keyring
from tests.support.client import NOWHERE
from tests.support.crowd import outcomes
from tests.support.refusals import refusal


@pytest.fixture
def arrive(api, world):
    """Check in with the code on the screen now."""

    def arrive(person, activity, code=None, **options):
        code = code or world.venue_code(activity, "in")
        return api.post(f"/activities/{activity.id}/check-ins", as_=person, code=code, **options)

    return arrive


@pytest.fixture
def leave(api, world):
    """Check out with the code on the screen now."""

    def leave(person, activity, code=None, **options):
        code = code or world.venue_code(activity, "out")
        return api.post(f"/activities/{activity.id}/check-outs", as_=person, code=code, **options)

    return leave


@pytest.mark.parametrize(
    ("seen_again", "most"),
    [
        pytest.param(False, 3, id="who asked something just before"),
        pytest.param(True, 4, id="who was away for a while"),
    ],
)
def test_a_crowd_that_comes_at_once_sends_few_statements_each(
    world, arrive, hands, said, seen_again, most
):
    lin, activity = world.person(), world.activity()
    arrive(lin, world.activity())
    if seen_again:
        hands.move(minutes=2)

    said.clear()
    answer = arrive(lin, activity, key="arrival-of-somebody-1")

    assert answer.status_code == 201
    assert len(said) <= most, "the transaction's settings, the scene with who asks, the attendance"
    # A longer text is taken apart by the driver each time it is sent.
    assert max(map(len, said)) <= MAX_CACHED_STATEMENT_LENGTH


def test_a_crowd_that_leaves_at_once_sends_no_more_statements_than_it_has_to(
    world, api, arrive, leave, hands, said
):
    lin, activity = world.person(), world.activity()
    arrive(lin, activity)
    hands.move(minutes=90)
    api.get("/me", as_=lin)

    said.clear()
    answer = leave(lin, activity, key="leaving-of-somebody-1")

    assert answer.status_code == 201
    assert len(said) <= 12


def test_checking_in_begins_an_attendance_and_reports_nothing_yet(world, arrive, bell):
    lin, activity = world.person(), world.activity()

    with world.changes() as changed:
        answer = arrive(lin, activity)

    assert answer.status_code == 201
    assert answer.json["attendance"]["state"] == "checked_in"
    assert changed == {"attendance": 1}
    assert bell.rung == []


def test_checking_out_reports_the_minutes_and_says_what_they_will_earn(
    world, arrive, leave, hands, bell
):
    lin, activity = world.person(), world.activity()
    arrive(lin, activity)
    hands.move(minutes=90)

    with world.changes() as changed:
        answer = leave(lin, activity)

    assert answer.status_code == 201
    assert answer.json["attendance"]["minutes"] == 90
    earned = {line["unit"]: line["amount"] for line in answer.json["expected"]}
    assert earned == {"minutes": 90, "score": 15, "points": 15}
    assert changed == {"attendance": 1, "fact": 1, "settle_queue": 1}
    assert len(bell.rung) == 1


@pytest.mark.parametrize(
    ("arrives", "leaves", "minutes"),
    [
        pytest.param(-30, 60, 60, id="early"),
        pytest.param(-30, -5, 0, id="early, and gone before it began"),
        pytest.param(0, 60, 60, id="on the minute"),
        pytest.param(100, 300, 20, id="stays on"),
        pytest.param(-10, 300, 120, id="from before the beginning to after the end"),
        pytest.param(30, 30, 0, id="in and out"),
    ],
)
def test_only_minutes_within_the_activity_count(
    world, arrive, leave, hands, arrives, leaves, minutes
):
    lin, begins = world.person(), hands() + timedelta(hours=1)
    activity = world.activity(starts_at=begins, ends_at=begins + timedelta(hours=2))
    hands.instant = begins + timedelta(minutes=arrives)
    arrive(lin, activity)

    hands.instant = begins + timedelta(minutes=leaves)
    answer = leave(lin, activity)

    assert answer.json["attendance"]["minutes"] == minutes


def test_a_clock_that_was_set_back_takes_nothing_away(world, arrive, leave, hands):
    lin, activity = world.person(), world.activity()
    came = arrive(lin, activity).json["attendance"]["checked_in_at"]
    hands.move(seconds=-5)

    left = leave(lin, activity).json["attendance"]

    assert (left["checked_out_at"], left["minutes"]) == (came, 0)


def test_a_begun_minute_is_not_a_minute(world, arrive, leave, hands):
    lin, activity = world.person(), world.activity()
    arrive(lin, activity)
    hands.move(minutes=30, seconds=59)

    assert leave(lin, activity).json["attendance"]["minutes"] == 30


def test_too_little_time_earns_nothing_and_says_so(world, arrive, leave, hands):
    lin, activity = world.person(), world.activity()
    arrive(lin, activity)
    hands.move(minutes=29)

    answer = leave(lin, activity)

    assert {line["amount"] for line in answer.json["expected"]} == {0}
    world.settle()
    assert world.points_of(lin) == 0


def test_an_activity_over_midnight_belongs_to_the_day_it_ended(api, world, arrive, leave, hands):
    lin = world.person()
    hands.instant = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
    activity = world.activity(minutes=180)
    arrive(lin, activity)
    hands.move(hours=2)
    leave(lin, activity)
    world.settle()

    line = api.get("/me/passbook", as_=lin, unit="points").json["items"][0]

    assert (line["on"], line["amount"]) == ("2026-03-03", 30)
    assert "× 1.5（夜间）" in line["reason"]


def test_a_fact_says_which_activity_it_was_and_how_long_it_was_planned(world, arrive, leave, hands):
    lin, activity = world.person(), world.activity(minutes=100)
    arrive(lin, activity)
    hands.move(minutes=60)
    leave(lin, activity)

    query = "SELECT activity_id, planned, circumstances FROM fact WHERE tenant_id = :t"
    with world.own() as session:
        row = session.execute(sa.text(query), {"t": world.tenant_id}).one()

    assert tuple(row) == (activity.id, 100, [])


def test_a_second_check_in_is_refused_and_the_first_stands(world, arrive, hands):
    lin, activity = world.person(), world.activity()
    arrive(lin, activity)
    hands.move(minutes=5)

    with world.changes() as changed:
        answer = arrive(lin, activity)

    assert refusal(answer) == (409, "already_checked_in")
    assert changed == {"refused_scan": 1}


def test_a_second_check_out_is_refused_and_the_first_stands(world, arrive, leave, hands):
    lin, activity = world.person(), world.activity()
    arrive(lin, activity)
    hands.move(minutes=60)
    leave(lin, activity)
    hands.move(minutes=60)

    with world.changes() as changed:
        answer = leave(lin, activity)

    assert refusal(answer) == (409, "already_checked_out")
    assert changed == {"refused_scan": 1}


def test_nobody_checks_in_again_after_leaving(world, arrive, leave, hands):
    lin, activity = world.person(), world.activity()
    arrive(lin, activity)
    leave(lin, activity)

    assert refusal(arrive(lin, activity)) == (409, "already_checked_in")


def test_checking_out_without_having_come_is_refused(world, leave):
    lin, activity = world.person(), world.activity()

    with world.changes() as changed:
        answer = leave(lin, activity)

    assert refusal(answer) == (409, "not_checked_in")
    assert changed == {"refused_scan": 1}


def test_the_code_for_coming_is_none_for_going_and_the_other_way_round(world, arrive, leave):
    lin, activity = world.person(), world.activity()

    with world.changes() as changed:
        came = arrive(lin, activity, world.venue_code(activity, "out"))
    arrive(lin, activity)
    with world.changes() as changed_later:
        left = leave(lin, activity, world.venue_code(activity, "in"))

    assert refusal(came) == (409, "venue_code_for_other")
    assert refusal(left) == (409, "venue_code_for_other")
    assert (changed, changed_later) == ({"refused_scan": 1}, {"refused_scan": 1})


def test_the_code_of_another_activity_is_refused(world, arrive):
    lin, here, there = world.person(), world.activity(), world.activity()

    with world.changes() as changed:
        answer = arrive(lin, here, world.venue_code(there))

    assert refusal(answer) == (409, "venue_code_for_other")
    assert changed == {"refused_scan": 1}


@pytest.mark.parametrize(("age", "status"), [(0, 201), (15, 201), (29, 201), (30, 409), (60, 409)])
def test_a_venue_code_lives_for_two_steps(world, arrive, hands, age, status):
    lin, activity = world.person(), world.activity()
    shown = world.venue_code(activity)
    hands.move(seconds=age)

    assert arrive(lin, activity, shown).status_code == status


@pytest.mark.parametrize(("ahead", "status"), [(1, 201), (29, 201), (30, 409), (3600, 409)])
def test_a_screen_may_be_one_step_ahead_and_no_more(world, arrive, hands, ahead, status):
    lin, activity = world.person(), world.activity()
    early = world.venue_code(activity, at=hands() + timedelta(seconds=ahead))

    assert arrive(lin, activity, early).status_code == status


def test_a_change_of_secrets_pauses_nobody(api, world, arrive):
    lin, activity = world.person(), world.activity()
    old, _until = venue_codes.issue(
        Keyring("the secret of yesterday, long enough to be one"),
        tenant_id=world.tenant_id,
        activity_id=activity.id,
        direction=Direction.IN,
        now=world.now(),
    )

    for _ in range(5):
        assert refusal(arrive(lin, activity, old)) == (409, "code_expired")
        assert refusal(api.post("/scans", as_=lin, text=old)) == (409, "code_expired")

    assert arrive(lin, activity).status_code == 201


def mangled(code, place):
    version, kid, activity, step, mac = code.split(".")
    swapped = ("B" if mac[0] != "B" else "C") + mac[1:]
    return {
        "mac": f"{version}.{kid}.{activity}.{step}.{swapped}",
        "step": f"{version}.{kid}.{activity}.{int(step) - 1}.{mac}",
        "kid": f"{version}.{'0000' if kid != '0000' else '1111'}.{activity}.{step}.{mac}",
        "version": f"2.{kid}.{activity}.{step}.{mac}",
        "half": code[: len(code) // 2],
        "text": "hello",
        "station": "S" + "x" * 22,
    }[place]


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("mac", (404, "code_unknown")),
        ("step", (404, "code_unknown")),
        ("kid", (409, "code_expired")),
        ("version", (422, "code_malformed")),
        ("half", (422, "code_malformed")),
        ("text", (422, "code_malformed")),
        ("station", (422, "code_malformed")),
    ],
)
def test_a_code_that_was_tampered_with_leaves_a_line_in_the_log_of_misses(
    world, arrive, place, expected
):
    lin, activity = world.person(), world.activity()

    with world.changes() as changed:
        answer = arrive(lin, activity, mangled(world.venue_code(activity), place))

    assert refusal(answer) == expected
    assert changed == {"miss": 1, "refused_scan": 1}


def test_the_venue_code_of_another_city_opens_nothing_here(world, arrive, new_world):
    lin, activity, other = world.person(), world.activity(), new_world()

    with other.changes() as there, world.changes() as here:
        answer = arrive(lin, activity, world.venue_code_of(other.tenant_id, activity))

    assert refusal(answer) == (404, "code_unknown")
    assert (there, here) == ({}, {"miss": 1, "refused_scan": 1})


def test_an_activity_of_another_city_answers_like_none(api, world, arrive, new_world):
    lin, other = world.person(), new_world()
    foreign = other.activity()
    api.request_id = "one-and-the-same"

    answers = [
        api.post(f"/activities/{id_}/check-ins", as_=lin, code=other.venue_code(foreign))
        for id_ in (foreign.id, NOWHERE)
    ]

    assert refusal(answers[0]) == (404, "activity_unknown")
    assert answers[0].data == answers[1].data


def test_without_a_code_nobody_checks_in(api, world):
    lin, activity = world.person(), world.activity()

    answer = api.post(f"/activities/{activity.id}/check-ins", as_=lin)

    assert refusal(answer) == (422, "venue_code_needed")


def test_checking_in_opens_half_an_hour_before(world, arrive, hands):
    lin, begins = world.person(), hands() + timedelta(minutes=31)
    activity = world.activity(starts_at=begins, ends_at=begins + timedelta(hours=1))

    early = arrive(lin, activity)
    hands.move(minutes=1)
    on_time = arrive(lin, activity)

    assert refusal(early) == (409, "activity_not_open")
    assert on_time.status_code == 201


def test_checking_in_closes_when_the_activity_ends(world, arrive, hands):
    lin, activity = world.person(), world.activity(minutes=60)
    hands.instant = activity.ends_at

    with world.changes() as changed:
        answer = arrive(lin, activity)

    assert refusal(answer) == (409, "activity_over")
    assert changed == {"refused_scan": 1}


def test_a_cancelled_activity_is_gone(world, arrive):
    lin, activity = world.person(), world.activity(state="cancelled")

    assert refusal(arrive(lin, activity)) == (404, "activity_unknown")


@pytest.mark.parametrize("came", ["given", "none"])
@pytest.mark.parametrize("left", ["given", "none"])
def test_of_a_location_only_that_it_was_given_is_kept(
    world, arrive, leave, evidence_of, came, left
):
    lin, activity = world.person(), world.activity()
    said = {
        "given": {"location": {"lat": 31.271828, "lng": 118.4, "crs": "gcj02"}},
        "none": {},
    }

    arrive(lin, activity, **said[came])
    leave(lin, activity, **said[left])

    assert evidence_of(lin) == {
        "title": "River clean-up",
        "code": "venue",
        "qr2": "venue",
        "location_in": came,
        "location_out": left,
    }
    assert not world.holds_text("31.271828")


def test_lost_answers_are_asked_for_again_byte_for_byte(world, arrive, leave, hands):
    lin, activity = world.person(), world.activity()
    keys = [uuid4().hex, uuid4().hex]
    came = arrive(lin, activity, code := world.venue_code(activity), key=keys[0])
    came_again = arrive(lin, activity, code, key=keys[0])
    hands.move(minutes=60)
    left = leave(lin, activity, code := world.venue_code(activity, "out"), key=keys[1])
    hands.move(hours=1)

    with world.changes() as changed:
        left_again = leave(lin, activity, code, key=keys[1])

    assert came_again.data == came.data
    assert left_again.data == left.data
    assert came_again.headers["Idempotency-Replayed"] == "true"
    assert left_again.headers["Idempotency-Replayed"] == "true"
    assert changed == {}


def test_one_key_for_coming_and_going_is_refused(world, arrive, leave):
    lin, activity, key = world.person(), world.activity(), uuid4().hex
    arrive(lin, activity, key=key)

    with world.changes() as changed:
        answer = leave(lin, activity, key=key)

    assert refusal(answer) == (422, "idempotency_key_reused")
    assert changed == {}


def test_checking_out_many_times_at_once_is_one_fact(world, arrive, leave, hands, crowd):
    lin, activity = world.person(), world.activity()
    arrive(lin, activity)
    hands.move(minutes=60)
    code = world.venue_code(activity, "out")
    crowd.sign_in(lin)

    answers = crowd.at_once(
        [lambda phone: phone.post(f"/activities/{activity.id}/check-outs", as_=lin, code=code)] * 24
    )

    assert outcomes(answers) == {"created": 1, "already_checked_out": 23}
    assert world.facts_of(lin) == 1
    world.settle()
    assert world.points_of(lin) == 10
    assert world.violations() == []


def test_checking_in_many_times_at_once_is_one_attendance(world, crowd):
    lin, activity = world.person(), world.activity()
    code = world.venue_code(activity)
    crowd.sign_in(lin)

    answers = crowd.at_once(
        [lambda phone: phone.post(f"/activities/{activity.id}/check-ins", as_=lin, code=code)] * 24
    )

    assert outcomes(answers) == {"created": 1, "already_checked_in": 23}
    assert world.row_counts()["attendance"] == 1


def test_everybody_at_nine_o_clock_is_checked_in_once(world, crowd):
    people, activity = [world.person() for _ in range(24)], world.activity()
    code = world.venue_code(activity)
    crowd.sign_in(*people)

    answers = crowd.at_once(
        [
            lambda phone, person=person: phone.post(
                f"/activities/{activity.id}/check-ins", as_=person, code=code
            )
            for person in people
        ]
    )

    assert outcomes(answers) == {"created": 24}
    assert len({answer.json["attendance"]["id"] for answer in answers}) == 24
