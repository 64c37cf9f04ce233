"""服务对象确认: a slip, an answer without an account, and what becomes of the attendances."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.activities import jobs
from app.activities.arrival_models import Attendance
from app.activities.proof_models import ServiceSlip
from app.core.misses import TRIES
from tests.support.browser import Browser
from tests.support.crowd import outcomes
from tests.support.refusals import refusal

POINTS = 15  # of an hour and a half


@pytest.fixture
def leader(world):
    return world.staff("station_manager")


@pytest.fixture
def city(world):
    return f"t{world.tenant_id}"


@pytest.fixture
def activity(world):
    return world.activity(category="aid_vulnerable", title="上门理发")


@pytest.fixture
def issue(api, leader, activity):
    """Slips for these, as their issuer sees them."""

    def issue(*labels, **fields):
        wanted = [{"label": label, **fields} for label in labels]
        path = f"/activities/{activity.id}/service-slips"
        answer = api.post(path, as_=leader, slips=wanted)
        assert answer.status_code == 201, answer.json
        return answer.json["items"]

    return issue


@pytest.fixture
def say(api, city):
    """Answer with a code, as whoever was served."""

    def say(slip, answer, **fields):
        return api.post(
            "/service-slips/answer", city=city, code=slip["code"], answer=answer, **fields
        )

    return say


@pytest.fixture
def serve(api, world, activity, hands):
    """Somebody comes and leaves after an hour and a half; the answer to their check-out."""

    def serve(*people):
        path = f"/activities/{activity.id}"
        for one in people:
            api.post(f"{path}/check-ins", as_=one, code=world.venue_code(activity))
        hands.move(minutes=90)
        return [
            api.post(f"{path}/check-outs", as_=one, code=world.venue_code(activity, "out"))
            for one in people
        ]

    return serve


@pytest.fixture
def points(api, world):
    """What somebody's points are once everything is settled."""

    def points(person):
        world.settle()
        return api.get("/me/balances", as_=person).json["points"]["available"]

    return points


def stamp(api, person):
    rows = api.get("/me/arrivals", as_=person).json["items"]
    return next(one for one in rows[0]["stamps"] if one["key"] == "attended")


def test_a_confirmation_is_what_was_missing_and_the_time_counts_once(
    api, world, issue, say, serve, sweep, points
):
    lin = world.person()
    (slip,) = issue("3栋老人", served="理发")
    (out,) = serve(lin)
    waiting = stamp(api, lin)
    before = points(lin)
    shown = api.post(
        "/service-slips/reading", city=f"t{world.tenant_id}", code=slip["code"].lower()
    )
    said = say(slip, "confirmed", words="手艺很好")
    again = say(slip, "confirmed")
    for _ in range(2):
        sweep()

    assert out.status_code == 201
    assert (waiting["owed_by"], "还差服务对象确认" in waiting["said"]) == ("leader", True)
    assert (before, points(lin)) == (0, POINTS)
    assert stamp(api, lin)["done"]
    assert (shown.json["people"], shown.json["minutes"]) == (1, 90)
    assert shown.json["names"] == [f"{lin.display_name[0]}服务者"]
    assert lin.display_name not in shown.text
    assert said.json == again.json == {**shown.json, "answered": True}
    assert world.violations() == []


def test_who_is_confirmed_before_they_leave_waits_for_nothing(world, issue, say, serve, points):
    lin = world.person()
    say(*issue("3栋老人"), "confirmed")
    serve(lin)

    assert points(lin) == POINTS


def test_without_a_confirmation_the_time_counts_after_a_fortnight_and_the_points_do_not(
    api, world, serve, sweep, points, hands
):
    lin = world.person()
    serve(lin)
    hands.move(days=16)
    sweep()

    assert points(lin) == 0
    assert api.get("/me/balances", as_=lin).json["minutes"]["available"] == 90
    assert stamp(api, lin)["done"]
    assert world.violations() == []


def test_a_denial_is_looked_into_by_somebody_who_had_no_part_in_it(
    api, world, leader, issue, say, serve, sweep, points
):
    lin, another, checker = world.person(), world.staff("station_manager"), world.staff("checker")
    (slip,) = issue("3栋老人")
    serve(lin)
    said = say(slip, "denied", words="没人来过")
    sweep()
    (waiting,) = api.get("/attendances/doubtful", as_=another).json["items"]
    path = f"/attendances/{waiting['id']}"
    own = api.post(f"{path}/confirmation", as_=leader)
    (denial,) = api.get("/service-denials", as_=checker).json["items"]
    seen_by_leader = api.get(f"/activities/{waiting['activity_id']}/service-slips", as_=leader)
    found = api.post(
        f"/service-denials/{slip['id']}/decision", as_=checker, finding="struck", reason="问过邻居"
    )
    rejected = api.post(f"{path}/rejection", as_=another, reason="服务没有做")

    assert said.status_code == 201
    assert refusal(own) == (409, "own_attendance")
    assert (denial["words"], denial["waiting"], denial["counted"]) == ("没人来过", 1, 0)
    assert "denied" not in seen_by_leader.text
    assert "没人来过" not in seen_by_leader.text
    assert (found.status_code, rejected.status_code) == (201, 200)
    assert waiting["reasons"] == ["社区要核对这次服务"]
    assert points(lin) == 0
    assert api.get("/service-denials", as_=checker).json["items"] == []
    assert world.violations() == []


def test_what_was_paid_is_taken_back_only_by_who_looked_into_it(
    api, world, issue, say, serve, sweep, points
):
    lin, checker = world.person(), world.staff("checker")
    first, second = issue("3栋老人", "5栋老人")
    serve(lin)
    say(first, "confirmed")
    sweep()
    earned = points(lin)
    say(second, "denied")
    sweep()
    kept = points(lin)
    decision = f"/service-denials/{second['id']}/decision"
    (denial,) = api.get("/service-denials", as_=checker).json["items"]
    unexplained = api.post(decision, as_=checker, finding="struck")
    api.post(decision, as_=checker, finding="struck", reason="冒名")
    again = api.post(decision, as_=checker, finding="stands", reason="改判")

    assert (earned, kept, points(lin)) == (POINTS, POINTS, 0)
    assert denial["counted"] == 1
    assert refusal(unexplained) == (422, "reason_needed")
    assert refusal(again) == (409, "denial_decided")
    assert api.get("/me/balances", as_=lin).json["minutes"]["available"] == 0
    assert world.violations() == []


def test_nobody_learns_from_a_code_what_was_answered(world, issue, say, city, api, leader):
    (slip,) = issue("3栋老人")
    first = say(slip, "denied")
    other = say(slip, "confirmed")
    browser = Browser(world, api)
    page = browser.get(f"/c/{city}/{slip['code']}").text

    assert first.json == other.json
    assert ("已经收到答复" in page, "没有这回事" in page) == (True, False)
    with world.own() as session:
        assert session.scalar(sa.select(ServiceSlip.answer)) == "denied"


def test_slips_are_replaced_and_revoked_and_their_codes_are_told_like_any_wrong_one(
    api, world, leader, issue, say, hands, city
):
    lost, wrong, late = issue("甲", "乙", "丙")
    path = "/service-slips/{}/{}"
    unexplained = api.post(path.format(lost["id"], "replacement"), as_=leader)
    new = api.post(path.format(lost["id"], "replacement"), as_=leader, reason="单子丢了")
    twice = api.post(path.format(lost["id"], "replacement"), as_=leader, reason="单子丢了")
    api.post(path.format(wrong["id"], "revocation"), as_=leader, reason="发错了")
    same = api.post(
        f"/activities/{_activity_of(world)}/service-slips", as_=leader, slips=[{"label": "丙"}]
    )
    answers = [say(lost, "confirmed"), say(wrong, "denied")]
    hands.move(days=20)
    answers.append(say(late, "confirmed"))
    answers.append(say({"code": "2345 6789"}, "confirmed"))
    answers.append(api.post("/service-slips/answer", city="nowhere", code="A" * 8, answer="denied"))

    assert refusal(unexplained) == (422, "reason_needed")
    assert new.json["slip"]["code"] != lost["code"]
    assert refusal(twice) == (409, "slip_over")
    assert refusal(same) == (409, "slip_named_twice")
    assert {refusal(one) for one in answers} == {(404, "slip_unknown")}
    assert len({one.json["detail"] for one in answers}) == 1


def _activity_of(world):
    with world.own() as session:
        return session.scalar(sa.select(ServiceSlip.activity_id).limit(1))


def test_guessing_pauses_and_leaves_no_address(api, world, issue, say):
    (slip,) = issue("甲")
    tries = [say({"code": f"2345678{last}"}, "confirmed") for last in "23456"[:TRIES]]
    paused = say(slip, "confirmed")

    assert {refusal(one)[1] for one in tries} == {"slip_unknown"}
    assert refusal(paused) == (429, "too_many_misses")
    assert not world.holds_text("127.0.0.1")
    assert not world.holds_text(slip["code"])


def test_a_call_is_made_by_somebody_who_had_no_part_and_says_why(
    api, world, leader, issue, serve, sweep, points
):
    lin, clerk = world.person(), world.staff("community_clerk")
    (slip,) = issue("3栋老人")
    serve(lin)
    path, said = f"/service-slips/{slip['id']}/call", {"answer": "confirmed", "reason": "没有手机"}
    own = api.post(path, as_=leader, **said)
    unexplained = api.post(path, as_=clerk, answer="confirmed")
    taken = api.post(path, as_=clerk, **said)
    other = api.post(path, as_=clerk, **{**said, "answer": "denied"})
    sweep()

    assert refusal(own) == (409, "insider_call")
    assert refusal(unexplained) == (422, "reason_needed")
    assert (taken.status_code, taken.json["slip"]["state"]) == (201, "answered")
    assert refusal(other) == (409, "slip_answered")
    assert points(lin) == POINTS


def test_confirming_denying_and_leaving_at_once_tell_one_story(
    api, world, activity, issue, crowd, hands, city, sweep, points
):
    people = world.people(4)
    slips = issue("甲", "乙")
    path = f"/activities/{activity.id}"
    for one in people:
        api.post(f"{path}/check-ins", as_=one, code=world.venue_code(activity))
    hands.move(minutes=90)
    code = world.venue_code(activity, "out")
    crowd.sign_in(*people)

    def leaves(person):
        return lambda client: client.post(f"{path}/check-outs", as_=person, code=code)

    def says(slip, answer):
        said = {"city": city, "code": slip["code"], "answer": answer}
        return lambda client: client.post("/service-slips/answer", **said)

    deeds = [leaves(one) for one in people] + [says(slips[0], "confirmed") for _ in range(4)]
    first = crowd.at_once(deeds)
    contested = crowd.at_once([says(slips[1], each) for each in ("denied", "confirmed") * 3])
    for _ in range(2):
        sweep()

    with world.own() as session:  # of two answers to the second slip the first one stands
        doubted = "denied" in session.scalars(sa.select(ServiceSlip.answer)).all()
        held = session.scalars(sa.select(Attendance.person_id).filter_by(review="pending_review"))
        held = set(held)
    assert outcomes([*first, *contested]) == {"created": len(deeds) + 6}
    assert doubted or not held
    assert [points(one) for one in people] == [0 if one.id in held else POINTS for one in people]
    assert world.violations() == []


def test_the_pages_print_and_take_an_answer(api, world, leader, issue, activity, city, hands):
    desk, path = Browser(world, api, leader), f"/staff/activities/{activity.id}/slips"
    desk.submit(path, shown_on=path, labels="3栋老人\n5栋老人\n3栋老人", served="理发")
    page, sheet = desk.get(path).text, desk.get(f"{path}/print").text
    codes = re.findall(r"[2-9A-Z]{4} [2-9A-Z]{4}", sheet)
    pdf = desk.get(f"{path}.pdf")
    beneficiary, at = Browser(world, api), f"/c/{city}"
    typed = beneficiary.submit(at, shown_on=at, code=codes[0])
    claim = beneficiary.get(typed.location).text
    beneficiary.submit(typed.location, shown_on=typed.location, answer="denied", words="")
    insider = Browser(world, api, leader)
    second = f"{at}/{codes[1].replace(' ', '')}"
    own = insider.submit(second, shown_on=second, answer="confirmed")

    assert (page.count("等答复"), len(codes)) >= (2, 2)
    assert pdf.data.startswith(b"%PDF")
    assert ("服务做到了" in claim, "没有这回事" in claim) == (True, True)
    assert "没有参与" in desk.get(path).text or "已答复" in desk.get(path).text
    assert own.status_code == 409
    checker = Browser(world, api, world.staff("checker"))
    assert "3栋老人" in checker.get("/staff/denials").text


@pytest.mark.parametrize("letters", ["K", "XH"])  # given here, and imported
def test_a_card_behind_the_words_says_who_is_served(api, world, leader, activity, city, letters):
    desk, path = Browser(world, api, leader), f"/staff/activities/{activity.id}/slips"
    elder = world.person()
    card = world.card(elder, letters=letters)
    nobody = f"{letters}{(int(card[-8:]) + 1) % 10**8:08}"

    desk.submit(path, shown_on=path, labels=f"3栋老人 {card.lower()}", served="理发")
    unknown = desk.submit(path, shown_on=path, labels=f"5栋老人 {nobody}")
    nameless = desk.submit(path, shown_on=path, labels=card)

    with world.work() as session:
        slip = session.scalars(sa.select(ServiceSlip).filter_by(activity_id=activity.id)).one()
    assert (slip.label, slip.person_id) == ("3栋老人", elder.id)
    assert (unknown.status_code, nameless.status_code) == (404, 422)
    assert "请核对卡号" in unknown.text
    assert "称呼" in nameless.text


def test_what_slips_say_of_people_goes_with_them_and_after_a_year(
    api, world, issue, say, sweep, hands
):
    old = world.person()
    (slip,) = issue("王奶奶", person_id=str(old.id))
    say(slip, "confirmed", words="谢谢小林")
    hands.move(days=400)
    with world.as_worker():
        jobs.forget_proofs([world.tenant_id])

    assert not world.holds_text("王奶奶")
    assert not world.holds_text("谢谢小林")


def test_a_slip_is_answered_after_the_service_began(api, world, leader, city, hands):
    later = world.activity(
        starts_at=hands() + timedelta(days=1), ends_at=hands() + timedelta(days=1, hours=2)
    )
    path = f"/activities/{later.id}/service-slips"
    (slip,) = api.post(path, as_=leader, slips=[{"label": "甲"}]).json["items"]
    early = api.post("/service-slips/answer", city=city, code=slip["code"], answer="confirmed")

    assert refusal(early) == (409, "slip_too_early")
