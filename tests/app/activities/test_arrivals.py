"""Coming and going as it is: phones that drift, are offline or shared; and forgetting to leave."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from app.activities import jobs
from app.activities.arrival_models import RefusedScan
from tests.support.client import NOWHERE
from tests.support.refusals import refusal

PLACE = {"lat": 23.3, "lng": 112.7, "crs": "gcj02"}
DEGREE_M = 111_195  # of latitude


def away(metres, *, accuracy=10.0):
    """Where a phone so far to the north of the place says it is."""
    lat = PLACE["lat"] + metres / DEGREE_M
    return {"lat": lat, "lng": PLACE["lng"], "crs": "gcj02", "accuracy_m": accuracy}


@pytest.fixture
def go(api, world):
    """Check in or out, with the code that was on the screen when the phone says it read it."""

    def go(person, activity, way="in", *, read_at=None, **body):
        code = world.venue_code(activity, way, at=read_at)
        if read_at is not None:
            body["device_time"] = read_at.isoformat()
        return api.post(f"/activities/{activity.id}/check-{way}s", as_=person, code=code, **body)

    return go


@pytest.fixture
def station(world):
    """A manager who may decide."""
    return world.staff("station_manager")


@pytest.fixture
def decide(api, station):
    def decide(answer, *, approved=True, by=station, **body):
        verdict = "confirmation" if approved else "rejection"
        path = f"/attendances/{answer.json['attendance']['id']}/{verdict}"
        return api.post(path, as_=by, **body)

    return decide


def state_of(answer):
    attendance = answer.json["attendance"]
    return answer.status_code, attendance["state"], attendance["reasons"]


@pytest.mark.parametrize(
    ("metres", "accuracy", "state"),
    [
        pytest.param(20, 10, "checked_in", id="there"),
        pytest.param(420, 200, "checked_in", id="a phone that drifts"),
        pytest.param(420, 10, "pending_review", id="sure to be outside"),
        pytest.param(900, 200, "pending_review", id="far away"),
    ],
)
def test_a_phone_outside_the_fence_waits_for_the_leader(world, go, metres, accuracy, state):
    activity = world.activity(**PLACE, radius_m=300)

    answer = go(world.person(), activity, location=away(metres, accuracy=accuracy))

    said = ["定位显示不在活动现场附近"] if state == "pending_review" else []
    assert state_of(answer) == (201, state, said)


def test_a_phone_that_says_nothing_is_as_good_as_one_that_is_there(world, go):
    activity = world.activity(**PLACE)

    assert state_of(go(world.person(), activity)) == (201, "checked_in", [])


def test_what_waits_is_not_paid_until_it_is_approved(world, go, decide, hands):
    lin, activity = world.person(), world.activity(**PLACE)
    came = go(lin, activity, location=away(900))
    hands.move(minutes=90)

    with world.changes() as changed:
        left = go(lin, activity, "out")
    world.settle()
    before = world.points_of(lin)
    answer = decide(came)
    world.settle()

    assert left.json["attendance"]["state"] == "pending_review"
    assert changed == {"attendance": 1}
    assert (answer.status_code, answer.json["attendance"]["review"]) == (200, "approved")
    assert (before, world.points_of(lin)) == (0, 15)


def test_what_is_rejected_is_never_paid_and_its_owner_is_told_why(api, world, go, decide, hands):
    lin, activity = world.person(), world.activity(**PLACE)
    came = go(lin, activity, location=away(900))

    answer = decide(came, approved=False, reason="Nobody saw them there")
    hands.move(minutes=90)
    go(lin, activity, "out")
    world.settle()

    assert answer.json["attendance"]["review"] == "rejected"
    assert world.points_of(lin) == 0
    told = api.get("/me/messages", as_=lin).json["items"][0]["text"]
    assert "Nobody saw them there" in told


def test_a_rejection_without_a_reason_changes_nothing(world, go, decide):
    came = go(world.person(), world.activity(**PLACE), location=away(900))

    with world.changes() as changed:
        answer = decide(came, approved=False)

    assert refusal(answer) == (422, "reason_needed")
    assert changed == {}


def test_nobody_decides_about_themself_or_twice(world, go, decide, station):
    activity = world.activity(**PLACE)
    own, came = (go(one, activity, location=away(900)) for one in (station, world.person()))
    decide(came)

    with world.changes() as changed:
        about_themself, again = decide(own), decide(came, approved=False, reason="No")

    assert refusal(about_themself) == (409, "own_attendance")
    assert refusal(again) == (409, "already_decided")
    assert changed == {}


def test_what_is_decided_elsewhere_does_not_exist_here(api, world, go, decide):
    came = go(world.person(), world.activity(**PLACE), location=away(900))
    world.unit("community", "Xinhua", under="East Street")
    elsewhere = world.staff("station_manager", at="Xinhua")

    foreign = decide(came, by=elsewhere)
    nothing = api.post(f"/attendances/{NOWHERE}/confirmation", as_=elsewhere)

    assert refusal(foreign) == refusal(nothing) == (404, "attendance_unknown")
    assert api.get("/attendances/doubtful", as_=elsewhere).json["items"] == []


def test_of_many_who_decide_at_once_one_does(crowd, world, go, station):
    came = go(world.person(), world.activity(**PLACE), location=away(900))
    path = f"/attendances/{came.json['attendance']['id']}/confirmation"
    crowd.sign_in(station)

    answers = crowd.at_once([lambda api: api.post(path, as_=station) for _ in range(12)])

    refused = [refusal(answer)[1] for answer in answers if answer.status_code != 200]
    assert refused == ["already_decided"] * 11


def test_the_inbox_says_whose_why_and_when(api, world, go, station):
    lin = world.person("林晓梅")
    go(lin, world.activity(**PLACE), location=away(900))

    (waiting,) = api.get("/attendances/doubtful", as_=station).json["items"]

    assert (waiting["name"], waiting["title"]) == ("林晓梅", "River clean-up")
    assert waiting["reasons"] == ["定位显示不在活动现场附近"]


@pytest.mark.parametrize(
    ("late", "enrolled", "reasons"),
    [
        pytest.param(5, True, [], id="soon, and announced"),
        pytest.param(5, False, ["扫的码已经过期，是事后传上来的"], id="soon, and a stranger"),
        pytest.param(25, True, ["这次扫码是事后才传上来的"], id="late"),
    ],
)
def test_a_phone_without_a_network_sends_what_it_read_later(
    api, world, go, hands, late, enrolled, reasons
):
    lin, activity = world.person(), world.activity(minutes=200)
    if enrolled:
        api.post(f"/activities/{activity.id}/enrolments", as_=lin)
    read_at = hands()
    hands.move(minutes=late)

    answer = go(lin, activity, read_at=read_at)

    state = "pending_review" if reasons else "checked_in"
    assert state_of(answer) == (201, state, reasons)
    came = datetime.fromisoformat(answer.json["attendance"]["checked_in_at"])
    assert timedelta(0) <= read_at - came < timedelta(seconds=15)  # the code says when it hung


def test_an_old_code_opens_nothing_where_the_phone_says_another_time(world, go, api, hands):
    lin, activity = world.person(), world.activity()
    old, claimed = world.venue_code(activity, at=hands() - timedelta(minutes=9)), hands()

    for device_time in (None, claimed.isoformat()):
        answer = api.post(
            f"/activities/{activity.id}/check-ins", as_=lin, code=old, device_time=device_time
        )
        assert refusal(answer) == (409, "code_expired")


def test_check_in_and_check_out_that_arrive_the_wrong_way_round_find_each_other(
    api, world, go, hands
):
    lin, other, activity = world.person(), world.person(), world.activity(minutes=200)
    came, left = hands(), hands() + timedelta(minutes=60)
    hands.move(minutes=65)

    first = go(lin, activity, "out", read_at=left)
    joined = go(lin, activity, "in", read_at=came)
    go(other, activity, "in", read_at=came)
    usual = go(other, activity, "out", read_at=left)

    assert "只有签退，没有签到" in first.json["attendance"]["reasons"]
    assert joined.status_code == 201
    assert rows(world, lin) == rows(world, other)
    assert usual.json["attendance"]["minutes"] == 60


def rows(world, person):
    query = sa.text(
        "SELECT state, checked_in_at, checked_out_at, minutes, review, reasons FROM attendance"
        " WHERE person_id = :person"
    )
    with world.own() as session:
        return session.execute(query, {"person": person.id}).one()


def test_a_check_in_sent_twice_late_is_one(api, world, go, hands):
    lin, activity = world.person(), world.activity(minutes=200)
    read_at = hands()
    hands.move(minutes=20)

    once, twice = (
        api.post(
            f"/activities/{activity.id}/check-ins",
            as_=lin,
            key="the-offline-queue-s-own",
            code=world.venue_code(activity, at=read_at),
            device_time=read_at.isoformat(),
        )
        for _ in range(2)
    )

    assert once.data == twice.data


def test_who_is_still_somewhere_else_is_looked_at(world, go):
    lin = world.person()
    go(lin, world.activity())

    answer = go(lin, world.activity(title="Elsewhere"))

    assert state_of(answer) == (201, "pending_review", ["同一时间还在参加另一项活动或值班"])


def test_who_comes_too_fast_from_too_far_is_looked_at(world, go, hands):
    lin = world.person()
    here, there = world.activity(**PLACE), world.activity(title="There", lat=23.6, lng=112.7)
    go(lin, here)
    hands.move(minutes=5)
    go(lin, here, "out")

    hands.move(minutes=5)
    answer = go(lin, there)  # 33 km in five minutes

    assert state_of(answer) == (201, "pending_review", ["从上一处赶到这里的时间太短"])


@pytest.mark.parametrize(
    ("category", "state"), [("environment", "pending_review"), ("safety_patrol", "checked_in")]
)
def test_before_five_in_the_morning_only_what_is_done_at_night_goes_by_itself(
    world, go, hands, category, state
):
    hands.instant = datetime(2026, 3, 1, 19, 0, tzinfo=UTC)  # three in the morning there

    answer = go(world.person(), world.activity(category=category))

    assert state_of(answer)[1] == state


def test_twelve_hours_in_one_go_are_looked_at(world, go, hands):
    hands.instant = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)  # half past seven there
    lin, activity = world.person(), world.activity(minutes=800)
    go(lin, activity)
    hands.move(minutes=720)

    answer = go(lin, activity, "out")

    assert state_of(answer)[1:] == (
        "pending_review",
        ["一次服务达到十二小时", "一天的服务合计达到十二小时"],
    )


def test_every_try_that_came_to_nothing_is_logged_with_its_reason(api, world, go, hands):
    lin, activity = world.person(), world.activity()
    api.post(f"/activities/{NOWHERE}/check-ins", as_=lin, code=world.venue_code(activity))
    api.post(f"/activities/{activity.id}/check-ins", as_=lin)
    go(lin, activity, "out")

    with world.own() as session:
        logged = session.execute(
            sa.select(RefusedScan.kind, RefusedScan.reason, RefusedScan.activity_id)
            .filter_by(person_id=lin.id)
            .order_by(RefusedScan.id)
        ).all()

    assert [tuple(row) for row in logged] == [
        ("in", "activity_unknown", None),
        ("in", "venue_code_needed", activity.id),
        ("out", "not_checked_in", activity.id),
    ]


class TestForgetting:
    """Who forgets to check out."""

    @pytest.fixture
    def closed(self, world, go, hands):
        """Somebody who came half-way, and whose activity ended a quarter of an hour ago."""
        lin, activity = world.person(), world.activity(minutes=100)
        go(lin, activity)
        hands.instant = activity.ends_at + timedelta(minutes=15)
        self.sweep(world)
        return lin, activity

    def sweep(self, world):
        with world.as_worker():
            jobs.go_on_in(world.tenant)
        world.settle()

    def confirm(self, api, closed, **body):
        lin, activity = closed
        return api.post(f"/activities/{activity.id}/shortening", as_=lin, **body)

    def test_is_checked_out_at_the_end_and_told_so(self, api, world, closed):
        lin, activity = closed

        assert rows(world, lin).checked_out_at == activity.ends_at
        assert rows(world, lin).minutes == 90
        assert world.points_of(lin) == 0
        assert "没有签退" in api.get("/me/messages", as_=lin).json["items"][0]["text"]

    def test_is_paid_with_one_tap(self, api, world, closed):
        answer = self.confirm(api, closed)
        world.settle()

        assert answer.json["attendance"]["minutes"] == 90
        assert world.points_of(closed[0]) == 15

    def test_may_make_it_shorter(self, api, world, closed):
        left_at = closed[1].ends_at - timedelta(minutes=30)

        answer = self.confirm(api, closed, left_at=left_at.isoformat())
        world.settle()

        assert answer.json["attendance"]["minutes"] == 60
        assert world.points_of(closed[0]) == 10

    def test_may_not_make_it_longer(self, api, world, closed):
        left_at = closed[1].ends_at + timedelta(minutes=1)

        with world.changes() as changed:
            answer = self.confirm(api, closed, left_at=left_at.isoformat())

        assert refusal(answer) == (422, "left_later")
        assert changed == {}

    def test_is_paid_after_two_days_of_silence(self, world, closed, hands):
        hands.move(hours=48)
        self.sweep(world)

        assert world.points_of(closed[0]) == 15

    def test_confirms_once(self, api, world, closed):
        self.confirm(api, closed)

        with world.changes() as changed:
            assert refusal(self.confirm(api, closed)) == (409, "nothing_to_confirm")
        assert changed == {}

    def test_and_the_books_hold(self, world, closed, hands):
        assert world.violations() == []
        hands.move(hours=48)
        self.sweep(world)
        assert world.violations() == []
