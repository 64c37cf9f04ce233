"""People without a phone: staff check them in and out, by a card or by a name with a reason."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from app.identity.fields import Field
from app.identity.models import Person
from tests.support.browser import Browser
from tests.support.client import NOWHERE
from tests.support.crowd import outcomes
from tests.support.refusals import refusal

CARD, WHY = "GZ00012345", "没有带手机"


@pytest.fixture
def leader(world):
    return world.staff("station_manager", name="钟站长")


@pytest.fixture
def elder(world):
    """Somebody with a card and no phone."""
    return with_card(world, world.person("何桂芳"), CARD)


@pytest.fixture
def activity(world):
    return world.activity()


@pytest.fixture
def aid(api, leader, activity):
    """Check somebody in or out in their stead."""

    def aid(way="in", *, by=leader, at=activity, **body):
        return api.post(f"/activities/{at.id}/staff-check-{way}s", as_=by, **body)

    return aid


def with_card(world, person, card_no):
    with world.own() as session:
        session.execute(sa.update(Person).filter_by(id=person.id).values(card_no=card_no))
    return person


def named(person, reason=WHY):
    return {"person_id": str(person.id), "reason": reason}


def state_of(answer):
    attendance = answer.json["attendance"]
    return answer.status_code, attendance["state"], attendance["reasons"]


def test_a_card_brings_an_elder_to_their_points_and_the_passbook_says_who_did_it(
    api, world, aid, elder, hands
):
    came = aid(card_no=f" {CARD.lower()} ")
    hands.move(minutes=90)
    left = aid("out", card_no=CARD)
    world.settle()

    lines = api.get("/me/passbook", as_=elder).json["items"]
    assert state_of(came) == (201, "checked_in", [])
    assert left.json["attendance"]["minutes"] == 90
    assert world.points_of(elder) == 15
    assert {line["by"] for line in lines} == {"钟*长"}
    assert "钟*长代办" in Browser(world, api, elder).get("/passbook").text
    with world.work() as session:
        actions = session.scalars(sa.text("SELECT action FROM audit_entry ORDER BY at")).all()
    assert [one for one in actions if "attendance" in one] == [
        "attendance.staff_in",
        "attendance.staff_out",
    ]


def test_one_who_came_by_themself_has_no_other_name_on_their_line(api, world, activity, hands):
    lin = world.person()
    for way in ("in", "out"):
        code = world.venue_code(activity, way)
        api.post(f"/activities/{activity.id}/check-{way}s", as_=lin, code=code)
        hands.move(minutes=60)
    world.settle()

    lines = api.get("/me/passbook", as_=lin).json["items"]
    assert lines
    assert {line["by"] for line in lines} == {None}


def test_by_name_there_has_to_be_a_reason_and_it_is_kept(world, aid, hands):
    lin = world.person("林晓梅")

    with world.changes() as changed:
        silent, short = aid(**named(lin, "")), aid(**named(lin, "忘"))
    came = aid(**named(lin))
    hands.move(minutes=30)
    with world.changes() as left:
        no_reason = aid("out", **named(lin, ""))
    aid("out", **named(lin, "先走了"))

    assert refusal(silent) == refusal(short) == refusal(no_reason) == (422, "reason_needed")
    assert changed == left == {}
    assert state_of(came) == (201, "checked_in", [])
    query = sa.text("SELECT way_in, way_out, note FROM attendance WHERE person_id = :person")
    with world.own() as session:
        row = session.execute(query, {"person": lin.id}).one()
    assert tuple(row) == ("staff", "staff", f"{WHY}；先走了")


def test_nobody_does_it_for_themself_twice_or_before_and_after_the_time(
    api, world, aid, activity, leader, elder, hands
):
    day = timedelta(days=1)
    early = world.activity(starts_at=hands() + day, ends_at=hands() + 2 * day)
    over = world.activity(ends_at=hands() - timedelta(minutes=1))
    code = world.venue_code(activity)
    api.post(f"/activities/{activity.id}/check-ins", as_=leader, code=code)
    aid(card_no=CARD)

    with world.changes() as changed:
        answers = [
            aid(**named(leader)),
            aid("out", **named(leader)),
            aid(card_no=CARD),
            aid(at=early, card_no=CARD),
            aid(at=over, card_no=CARD),
            aid("out", **named(world_person := world.person("新来的"))),
        ]

    assert [refusal(one)[1] for one in answers] == [
        "own_attendance",
        "own_attendance",
        "already_checked_in",
        "activity_not_open",
        "activity_over",
        "not_checked_in",
    ]
    assert world_person is not None
    assert changed == {"person": 1, "super_app_identity": 1}
    aid("out", card_no=CARD)
    with world.changes() as changed:
        again = aid("out", card_no=CARD)
    assert refusal(again) == (409, "already_checked_out")
    assert changed == {}


def test_a_minor_needs_consent_whoever_checks_them_in(world, aid, hands):
    child = with_card(world, world.person("小明"), "GZ00000009")
    born = date(hands().year - 15, 1, 1)
    world.know(child, {Field.BIRTH_DATE: born.isoformat()})

    with world.changes() as changed:
        answer = aid(card_no="GZ00000009")

    assert refusal(answer) == (403, "guardian_consent_needed")
    assert changed == {}


def test_who_and_what_is_elsewhere_does_not_exist(api, world, aid, elder, activity):
    world.unit("community", "Xinhua", under="East Street")
    stranger = with_card(world, world.person("新华人", community="Xinhua"), "XH00000001")
    elsewhere = world.staff("station_manager", at="Xinhua")
    api.request_id = "one-and-the-same"

    with world.changes() as changed:
        foreign = [
            aid(**named(stranger)),
            aid(card_no="XH00000001"),
            aid("out", card_no="XH00000001"),
        ]
        nothing = [
            aid(person_id=NOWHERE, reason=WHY),
            aid(card_no="XH00000002"),
            aid("out", card_no="XH00000002"),
        ]
        from_there = aid(by=elsewhere, card_no="XH00000001")
        nowhere = api.post(
            f"/activities/{NOWHERE}/staff-check-ins", as_=elsewhere, card_no="XH00000001"
        )

    assert {one.data for one in foreign} == {one.data for one in nothing}
    assert refusal(foreign[0]) == (404, "attendee_unknown")
    assert refusal(from_there) == refusal(nowhere) == (404, "activity_unknown")
    assert changed == {}


def test_of_two_who_check_in_the_same_person_at_once_one_does(crowd, world, activity, elder):
    colleagues = [world.staff("station_manager", name=name) for name in ("甲", "乙")]
    crowd.sign_in(*colleagues)
    path = f"/activities/{activity.id}/staff-check-ins"

    deeds = [
        lambda api, by=by: api.post(path, as_=by, card_no=CARD) for by in colleagues for _ in "123"
    ]
    answers = crowd.at_once(deeds)

    assert outcomes(answers) == {"created": 1, "already_checked_in": 5}


def test_a_name_checked_in_again_and_again_is_looked_at_and_a_card_is_not(world, aid, hands, elder):
    lin, states = world.person(), []
    for _ in range(4):
        at = world.activity()
        answers = [aid(at=at, **named(lin)), aid(at=at, card_no=CARD)]
        states.append([state_of(one)[1] for one in answers])
        for body in (named(lin), {"card_no": CARD}):
            aid("out", at=at, **body)
        hands.move(days=1)

    assert states[:3] == [["checked_in", "checked_in"]] * 3
    assert states[3] == ["pending_review", "checked_in"]


def test_who_is_elsewhere_too_is_looked_at_and_not_paid_before(world, aid, elder, hands):
    aid(at=world.activity(title="Elsewhere"), card_no=CARD)

    came = aid(card_no=CARD)
    hands.move(minutes=60)
    aid("out", card_no=CARD)
    world.settle()

    assert state_of(came) == (201, "pending_review", ["同一时间还在参加另一项活动或值班"])
    assert world.points_of(elder) == 0


def test_everybody_still_there_is_checked_out_at_one_time_all_or_nobody(
    api, world, aid, leader, elder, hands
):
    activity = world.activity(category="safety_patrol")  # where the word of staff is enough
    lin, path = world.person(), f"/activities/{activity.id}/bulk-check-out"
    for who in (lin, leader):
        code = world.venue_code(activity)
        api.post(f"/activities/{activity.id}/check-ins", as_=who, code=code)
    hands.move(minutes=20)
    aid(at=activity, card_no=CARD)
    left_at = hands() + timedelta(minutes=60)
    hands.move(minutes=70)

    with world.changes() as changed:
        wrong = [
            api.post(path, as_=leader, reason=WHY, left_at=at.isoformat())
            for at in (hands() - timedelta(minutes=71), hands() + timedelta(minutes=1))
        ]
    answer = api.post(path, as_=leader, reason="统一签退", left_at=left_at.isoformat())
    with world.changes() as again:
        twice = api.post(path, as_=leader, reason="统一签退")

    assert [refusal(one) for one in wrong] == [(422, "left_when")] * 2
    assert changed == again == {}
    assert sorted(one["minutes"] for one in answer.json["attendances"]) == [60, 80]
    assert refusal(twice) == (409, "not_checked_in")
    world.settle()
    assert world.points_of(lin) > 0
    assert world.violations() == []


def test_the_page_takes_a_card_finds_a_name_and_lets_everybody_go(
    api, world, activity, leader, elder, hands
):
    lin, desk = world.person("林晓梅"), Browser(world, api, leader)
    page = f"/staff/activities/{activity.id}/arrivals"
    assert page in desk.get(f"/staff/activities/{activity.id}").text

    sent = desk.submit(page, shown_on=page, card_no=CARD, to="in")
    shown = desk.get(page).text
    twice = desk.submit(page, shown_on=page, card_no=CARD, to="in")
    found = desk.submit(f"{page}/find", shown_on=page, q="林晓梅").text
    desk.submit(page, shown_on=page, to="in", **named(lin))
    hands.move(minutes=20)
    desk.submit(page, shown_on=page, to="out", **named(elder))
    gone = desk.submit(f"{page}/all-out", shown_on=page, reason="统一签退", left_at="")

    assert (sent.status_code, gone.status_code) == (303, 303)
    assert "已记下：何*芳已签到" in shown
    assert "刷卡，钟*长办理" in shown
    assert (twice.status_code, "已经签到过" in twice.text) == (409, True)
    assert str(lin.id) in found
    assert "现在没有人在现场" in desk.get(page).text
    wrong = {f"{page}/all-out": {"left_at": "早上", "reason": WHY}, f"{page}/find": {"q": ""}}
    for path, fields in wrong.items():
        assert desk.submit(path, shown_on=page, **fields).status_code == 422


@pytest.fixture
def past(world, hands):
    """An activity that was over an hour ago, where the word of staff is enough."""
    times = {"starts_at": hands() - timedelta(hours=3), "ends_at": hands() - timedelta(hours=1)}
    return world.activity(category="safety_patrol", title="夜间巡逻", **times)


@pytest.fixture
def fill(api, leader, past):
    """Propose that somebody was there all the time."""

    def fill(person, *, by=leader, at=past, reason="签到表漏登", **span):
        times = {"came_at": at.starts_at, "left_at": at.ends_at, **span}
        said = {name: value.isoformat() for name, value in times.items()}
        path = f"/activities/{at.id}/backfills"
        return api.post(path, as_=by, person_id=str(person.id), reason=reason, **said)

    return fill


def decided(api, answer, *, by, verdict="confirmation"):
    return api.post(
        f"/attendances/{answer.json['attendance']['id']}/{verdict}", as_=by, reason="否"
    )


def test_what_is_filled_in_afterwards_counts_once_a_second_person_says_so(api, world, fill, leader):
    lin, colleague = world.person("林晓梅"), world.staff("community_secretary", name="方书记")

    made = fill(lin)
    world.settle()
    before = world.facts_of(lin)
    with world.changes() as changed:
        own = decided(api, made, by=leader)
    theirs = decided(api, made, by=colleague)
    world.settle()

    assert state_of(made) == (201, "pending_review", ["事后补录"])
    assert (before, refusal(own), changed) == (0, (409, "own_attendance"), {})
    assert (theirs.status_code, world.points_of(lin) > 0) == (200, True)
    with world.own() as session:
        query = sa.text("SELECT circumstances FROM fact WHERE beneficiary_id = :person")
        marks = session.scalars(query, {"person": lin.id}).one()
    assert marks == ["backfilled"]
    assert world.violations() == []


def test_what_may_not_be_filled_in_changes_nothing(world, api, fill, past, leader, activity, hands):
    lin, minute = world.person(), timedelta(minutes=1)
    old = world.activity(
        starts_at=hands() - timedelta(days=31, hours=3),
        ends_at=hands() - timedelta(days=31, hours=1),
    )
    world.unit("community", "Xinhua", under="East Street")
    elsewhere = world.staff("station_manager", at="Xinhua")
    stranger = world.person("新华人", community="Xinhua")
    there = world.person("早就在的")
    fill(there)

    with world.changes() as changed:
        answers = [
            fill(lin, reason="补"),
            fill(lin, at=activity),
            fill(lin, at=old),
            fill(lin, came_at=past.starts_at - minute),
            fill(lin, left_at=past.ends_at + minute),
            fill(lin, left_at=past.starts_at),
            fill(leader),
            fill(there),
            fill(stranger),
            fill(lin, by=elsewhere),
        ]

    assert [refusal(one)[1] for one in answers] == [
        "reason_needed",
        "activity_not_over",
        "backfill_late",
        "left_when",
        "left_when",
        "left_when",
        "own_attendance",
        "already_checked_in",
        "attendee_unknown",
        "activity_unknown",
    ]
    assert changed == {}


def test_the_page_fills_in_whom_it_knows_and_no_one_of_several(world, api, past, leader):
    desk, path = Browser(world, api, leader), f"/staff/activities/{past.id}/backfill"
    form = {"came_at": "2026-03-02T08:30", "left_at": "2026-03-02T10:30", "reason": "签到表漏登"}
    for name in ("林晓梅", "张伟", "张伟"):
        world.person(name)
    assert path in desk.get(f"/staff/activities/{past.id}").text

    with world.changes() as changed:
        wrong = [
            desk.submit(path, shown_on=path, **{**form, **fields}).status_code
            for fields in ({"who": "张伟"}, {"who": "没有人"}, {"who": ""}, {"came_at": "早"})
        ]
    form |= {"came_at": "2026-03-02T09:10", "left_at": "2026-03-02T10:30"}
    sent = desk.submit(path, shown_on=path, who="林晓梅", **form)
    shown = desk.get(path).text

    assert (wrong, changed) == ([409, 404, 422, 422], {})
    assert sent.status_code == 303
    assert "等另一位工作人员" in shown
    assert "80 分钟" in shown
