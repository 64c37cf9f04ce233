"""签到表 and 名单补登: a list on paper comes back in one go, for people without a phone."""

import re
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from app.activities import entering
from app.activities.deciphering import Batch, Line
from app.identity.fields import Field
from app.identity.models import Person
from tests.support.browser import Browser
from tests.support.client import NOWHERE
from tests.support.crowd import outcomes
from tests.support.refusals import refusal
from tests.support.stationing import principal_of

CARD, WHY = "GZ00012345", "纸质签到，王楼长保管"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def leader(world):
    return world.staff("station_manager", name="钟站长")


@pytest.fixture
def activity(world):
    """It began ten minutes ago and takes 100; the word of its leader is enough to be paid."""
    return world.activity(category="safety_patrol", title="夜间巡逻")


@pytest.fixture
def enrolled(api, world, activity):
    """Two who enrolled, and have no phone with them."""
    people = [world.person(name) for name in ("何桂芳", "林晓梅")]
    for one in people:
        api.post(f"/activities/{activity.id}/enrolments", as_=one)
    return people


@pytest.fixture
def elder(world):
    """Somebody with a card who did not enrol."""
    elder = world.person("李秀英")
    with world.own() as session:
        session.execute(sa.update(Person).filter_by(id=elder.id).values(card_no=CARD))
    return elder


@pytest.fixture
def draw_up(api, leader, activity):
    """Print a list."""

    def draw_up(*, by=leader, at=activity, **body):
        answer = api.post(f"/activities/{at.id}/attendance-lists", as_=by, **body)
        assert answer.status_code == 201, answer.json
        return answer.json["attendance_list"]

    return draw_up


@pytest.fixture
def enter(api, leader, activity):
    """Bring a list back: the numbers of its lines, or lines with more to say."""

    def enter(printed, *lines, by=leader, through=api, at=activity, reason=WHY, **how):
        times = {"came_at": at.starts_at.isoformat(), "left_at": at.ends_at.isoformat()}
        said = [
            {**times, **(line if isinstance(line, dict) else {"number": line})} for line in lines
        ]
        path = f"/attendance-lists/{printed['code']}/entries"
        return through.post(path, as_=by, reason=reason, lines=said, **how)

    return enter


def sums(answer):
    body = answer.json
    return answer.status_code, len(body["attendances"]), body["waiting"], body["already"]


def at_its_line(answer):
    """What is wrong, by the number of the line."""
    assert refusal(answer) == (422, "attendance_list_wrong")
    return {int(number): said[0] for number, said in answer.json["errors"]["lines"].items()}


def test_a_list_in_one_go_brings_elders_to_their_points_and_says_who_did_it(
    api, world, activity, enrolled, elder, draw_up, enter, hands
):
    printed = draw_up(blank=3)
    hands.move(minutes=120)

    answer = enter(printed, 1, 2, {"number": 3, "card_no": CARD.lower()})
    world.settle()

    names = {one["number"]: one["name"] for one in printed["lines"]}
    assert names == {1: "何*芳", 2: "林*梅"}
    assert sums(answer) == (201, 3, 0, 0)
    assert {one["minutes"] for one in answer.json["attendances"]} == {100}
    for one in (*enrolled, elder):
        assert world.points_of(one) > 0
        lines = api.get("/me/passbook", as_=one).json["items"]
        assert {line["by"] for line in lines} == {"钟*长"}
    assert "钟*长代办" in Browser(world, api, elder).get("/passbook").text
    timeline = api.get("/me/arrivals", as_=elder)
    assert "签到签退齐全" in timeline.text
    with world.own() as session:
        ways = sa.text("SELECT way_in, way_out, note FROM attendance")
        assert {tuple(row) for row in session.execute(ways)} == {("list", "list", WHY)}
        proofs = session.scalars(sa.text("SELECT evidence FROM fact WHERE kind = 'attendance'"))
        assert {(one.get("op"), one.get("qr2")) for one in proofs} == {("staff", None)}
        log = sa.text("SELECT action, changed FROM audit_entry WHERE action LIKE 'attendance%'")
        entries = session.execute(log).all()
    people = {row.changed["person"][1] for row in entries if row.action == "attendance.list"}
    assert people == {str(one.id) for one in (*enrolled, elder)}
    others = sorted(row.action for row in entries if row.action != "attendance.list")
    assert others == ["attendance_list.enter", "attendance_list.print"]
    assert world.violations() == []


def test_who_came_by_phone_is_shown_and_left_alone_and_the_same_list_again_makes_no_doubles(
    api, world, activity, leader, enrolled, draw_up, enter, hands
):
    printed, phone = draw_up(), enrolled[1]
    code = world.venue_code(activity)
    api.post(f"/activities/{activity.id}/check-ins", as_=phone, code=code)
    hands.move(minutes=95)

    first = enter(printed, 1, 2, key="one-and-the-same")
    with world.changes() as changed:
        replayed = enter(printed, 1, 2, key="one-and-the-same")
        again = enter(printed, 1, 2)
    seen = api.get(f"/attendance-lists/{printed['code']}", as_=leader).json["attendance_list"]

    assert sums(first) == (201, 1, 0, 1)
    assert replayed.data == first.data
    assert sums(again) == (201, 0, 0, 2)
    assert changed == {}
    assert [one["came"].partition("：")[0] for one in seen["lines"]] == ["按签到表录入", "扫码"]
    with world.own() as session:
        query = sa.text("SELECT way_in, state FROM attendance WHERE person_id = :person")
        mine = session.execute(query, {"person": phone.id}).one()
    assert tuple(mine) == ("code", "checked_in")


def test_while_it_goes_on_nothing_in_the_second_column_means_that_they_are_there(
    world, api, activity, leader, enrolled, draw_up, enter, hands
):
    printed = draw_up()
    hands.move(minutes=30)

    gone = {"number": 2, "left_at": hands().isoformat()}
    answer = enter(printed, {"number": 1, "left_at": None}, gone)

    assert sums(answer) == (201, 2, 0, 0)
    states = {one["state"]: one["minutes"] for one in answer.json["attendances"]}
    assert states == {"checked_in": None, "checked_out": 40}
    assert (
        "在现场"
        in Browser(world, api, leader).get(f"/staff/activities/{activity.id}/arrivals").text
    )


def test_every_problem_is_named_by_its_line_and_nothing_is_written(
    world, api, activity, leader, enrolled, elder, draw_up, enter, hands
):
    world.unit("community", "Xinhua", under="East Street")
    stranger = world.person("新华人", community="Xinhua")
    child = world.person("小明")
    born = date(hands().year - 15, 1, 1)
    world.know(child, {Field.BIRTH_DATE: born.isoformat()})
    api.post(f"/activities/{activity.id}/enrolments", as_=leader)
    printed = draw_up(blank=5)
    hands.move(minutes=120)
    late = (activity.ends_at + MINUTE).isoformat()

    with world.changes() as changed:
        answer = enter(
            printed,
            {"number": 1, "left_at": late},
            {"number": 2, "card_no": CARD},
            3,
            {"number": 4, "person_id": str(stranger.id)},
            {"number": 5, "card_no": CARD},
            {"number": 6, "person_id": str(elder.id)},
            {"number": 7, "person_id": str(child.id)},
            {"number": 8, "card_no": "GZ99999999"},
            9,
        )
        silent = enter(printed, 1, reason="")

    wrong = at_its_line(answer)
    assert sorted(wrong) == [1, 2, 3, 4, 6, 7, 8, 9]
    assert wrong[4] == wrong[8]
    said = {1: "签退时间", 2: "空行", 3: "自己", 6: "第 5 行", 7: "监护人", 9: "没有这一行"}
    for number, words in said.items():
        assert words in wrong[number]
    assert refusal(silent)[0] == 422
    assert changed == {}
    assert sums(enter(printed, 1, 2, {"number": 5, "card_no": CARD})) == (201, 3, 0, 0)


def test_a_list_that_comes_back_another_day_waits_for_a_second_person(
    world, api, activity, leader, enrolled, draw_up, enter, hands
):
    colleague = world.staff("community_secretary", name="方书记")
    printed = draw_up()
    hands.move(days=1)

    answer = enter(printed, 1, 2)
    verdicts = [
        api.post(f"/attendances/{answer.json['attendances'][0]['id']}/confirmation", as_=by)
        for by in (leader, colleague)
    ]
    world.settle()

    assert sums(answer) == (201, 2, 2, 0)
    assert {tuple(one["reasons"]) for one in answer.json["attendances"]} == {("事后补录",)}
    assert refusal(verdicts[0]) == (409, "own_attendance")
    assert verdicts[1].status_code == 200
    assert sorted(world.points_of(one) > 0 for one in enrolled) == [False, True]
    with world.own() as session:
        marks = session.scalars(sa.text("SELECT circumstances FROM fact")).all()
    assert marks == [["backfilled"]]


def test_a_list_that_was_printed_when_it_was_over_is_no_list_that_lay_there(
    world, activity, enrolled, draw_up, enter, hands
):
    hands.move(minutes=120)

    printed = draw_up()

    assert printed["late"]
    assert sums(enter(printed, 1)) == (201, 1, 1, 0)


def test_before_it_opens_and_after_a_month_no_list_is_taken(
    world, api, leader, enter, draw_up, hands
):
    coming = world.activity(starts_at=hands() + HOUR, ends_at=hands() + 2 * HOUR)
    early = draw_up(at=coming, blank=1)

    with world.changes() as changed:
        too_early = enter(early, {"number": 1, "card_no": CARD}, at=coming)
        hands.move(days=32)
        too_late = enter(early, {"number": 1, "card_no": CARD}, at=coming)

    assert refusal(too_early) == (409, "activity_not_open")
    assert refusal(too_late) == (409, "backfill_late")
    assert changed == {}


def test_a_list_is_no_batch_and_each_line_is_looked_at(world, api, leader, hands):
    """As many as one may check in by hand in a minute, and more; one of them was elsewhere."""
    people = [world.person(f"居民{number}") for number in range(62)]
    activity = world.activity(category="safety_patrol")
    other = world.activity(title="Elsewhere")
    path = f"/activities/{activity.id}/attendance-lists"
    code = api.post(path, as_=leader, blank=40).json["attendance_list"]["code"]
    hands.move(minutes=20)
    api.post(f"/activities/{other.id}/check-ins", as_=people[0], code=world.venue_code(other))
    hands.move(minutes=80)
    reader, waiting = principal_of(world, leader), []

    for start in (0, 31):
        with world.work() as session:
            batch = Batch(
                me=reader,
                code=code,
                reason=WHY,
                lines=[
                    Line(
                        number=number,
                        came_at=activity.starts_at,
                        left_at=activity.ends_at,
                        person_id=one.id,
                    )
                    for number, one in enumerate(people[start : start + 31], start=1)
                ],
                vault=world.app.extensions["vault"],
                now=hands(),
            )
            out = entering.enter(session, batch)
            waiting += [one for one in out.attendances if one.review]

    assert [(one.person_id, one.reasons) for one in waiting] == [(people[0].id, ["overlapping"])]


def test_of_two_who_enter_the_same_list_at_once_each_person_is_written_down_once(
    crowd, world, activity, leader, enrolled, elder, draw_up, enter, hands
):
    printed = draw_up()
    colleagues = [leader, world.staff("community_clerk", name="乙")]
    crowd.sign_in(*colleagues)
    hands.move(minutes=100)
    walk_in = {"number": 3, "card_no": CARD}

    deeds = [
        lambda api, by=by, lines=lines: enter(printed, *lines, by=by, through=api)
        for by in colleagues
        for lines in ((1, 2, walk_in), (walk_in, 2, 1), (2, 1))
    ]
    answers = crowd.at_once(deeds)
    world.settle()

    assert outcomes(answers) == {"created": 6}
    written = [one["id"] for answer in answers for one in answer.json["attendances"]]
    assert len(written) == len(set(written)) == 3
    assert [world.facts_of(one) for one in (*enrolled, elder)] == [1, 1, 1]
    assert world.violations() == []


def test_who_enrols_or_leaves_after_printing_moves_nobodys_line(
    world, api, activity, enrolled, draw_up, enter, hands
):
    printed = draw_up()
    api.delete(f"/activities/{activity.id}/enrolments", as_=enrolled[0])
    newcomer = world.person("后来的")
    api.post(f"/activities/{activity.id}/enrolments", as_=newcomer)
    hands.move(minutes=95)

    enter(printed, 2)

    with world.own() as session:
        came = session.scalars(sa.text("SELECT person_id FROM attendance")).all()
    assert [str(one) for one in came] == [str(enrolled[1].id)]


def test_a_list_of_others_does_not_exist_and_its_number_says_nothing(
    world, api, activity, leader, enrolled, draw_up, enter, hands
):
    world.unit("community", "Xinhua", under="East Street")
    elsewhere = world.staff("station_manager", at="Xinhua")
    printed = draw_up()
    api.request_id = "one-and-the-same"
    none = {"code": "ZZZZZZZZZZ"}

    with world.changes() as changed:
        foreign = enter(printed, 1, by=elsewhere)
        nothing = enter(none, 1, by=elsewhere)
        drawn = api.post(f"/activities/{activity.id}/attendance-lists", as_=elsewhere)
        resident = enter(printed, 1, by=enrolled[0])
        nowhere = api.post(f"/activities/{NOWHERE}/attendance-lists", as_=leader)

    assert foreign.data == nothing.data
    assert refusal(foreign) == (404, "attendance_list_unknown")
    assert refusal(drawn) == refusal(nowhere) == (404, "activity_unknown")
    assert refusal(resident)[0] == 403
    assert changed == {}
    address = printed["address"]
    assert re.fullmatch(r"https?://[^/]+/staff/lists/[2-9A-HJ-NP-Z]{10}", address)
    for secret in (str(activity.id), *(str(one.id) for one in enrolled)):
        assert secret not in address


def test_two_of_one_name_are_told_apart_by_the_end_of_their_phones(world, api, activity, draw_up):
    for phone in ("13812345678", "13987654321"):
        one = world.person("张建伟")
        world.know(one, {Field.NAME: "张建伟", Field.PHONE: phone})
        api.post(f"/activities/{activity.id}/enrolments", as_=one)

    names = [one["name"] for one in draw_up()["lines"]]

    assert [name[-4:] for name in names] == ["5678", "4321"]
    assert not any("建" in name or "8123" in name for name in names)


def test_the_paper_has_the_code_the_lines_and_as_many_sheets_as_it_takes(
    world, api, activity, leader, enrolled, draw_up
):
    printed = draw_up(blank=40)
    desk = Browser(world, api, leader)
    page = f"/staff/lists/{printed['code']}/paper"

    shown, paper = desk.get(page).text, desk.get(f"{page}.pdf")
    over_http = api.get(f"/attendance-lists/{printed['code']}/paper", as_=leader)

    for said in ("何*芳", "林*梅", "夜间巡逻", "签到时间", "签退时间", "签名", "<svg"):
        assert said in shown
    assert "何桂芳" not in shown
    assert f"{printed['code'][:5]}-{printed['code'][5:]}" in shown
    assert paper.content_type == "application/pdf"
    assert paper.data == over_http.data
    assert paper.data.count(b"/Type /Page\n") == 3


def test_a_steward_signs_in_first_and_enters_the_list_without_scripts(
    world, api, activity, leader, enrolled, elder, hands
):
    desk, here = Browser(world, api, leader), f"/staff/activities/{activity.id}"
    stranger = world.app.test_client()
    assert f"{here}/lists" in desk.get(here).text

    made = desk.submit(f"{here}/lists", shown_on=f"{here}/lists", blank="2")
    code = made.location.split("/")[-2]
    page = f"/staff/lists/{code}"
    away = stranger.get(page)
    typed = desk.submit(
        "/staff/lists", shown_on="/staff/lists", number=f"{code[:5]}-{code[5:]}".lower()
    )
    hands.move(minutes=120)
    desk = Browser(world, api, leader)
    plain, ticked = desk.get(page).text, desk.get(page, all="1").text
    sent = {"line": ["1", "2"], "reason": WHY}
    sent |= {
        f"{name}-{number}": value
        for name, value in (("came", "2026-03-02T11:50"), ("left", "2026-03-02T13:30"))
        for number in (1, 2, 3)
    }
    with world.changes() as changed:
        nobody = desk.submit(page, shown_on=page, **{**sent, "line": []})
        wrong = desk.submit(page, shown_on=page, **{**sent, "who-3": "没有这个人"})
    done = desk.submit(page, shown_on=page, **{**sent, "who-3": "李秀英"})
    shown = desk.get(page).text

    assert "/staff/login" in away.location
    assert typed.location.endswith(page)
    assert (plain.count(" checked"), ticked.count(" checked")) == (0, 2)
    assert 'value="2026-03-02T11:50"' in plain
    assert (nobody.status_code, wrong.status_code, changed) == (422, 422, {})
    assert "第 3 行" in wrong.text
    assert wrong.text.count(" checked") == 2
    assert (done.status_code, done.location) == (303, page)
    assert "这张表上 2 人有记录，另有 1 人写在空行里" in shown
    assert "李*英" in shown
    missing = desk.submit("/staff/lists", shown_on="/staff/lists", number="AAAAABBBBB")
    assert (missing.status_code, "没有找到这张签到表" in missing.text) == (404, True)


def test_a_number_is_ten_letters_that_cannot_be_mistaken(draw_up):
    codes = {draw_up()["code"] for _ in range(5)}

    assert len(codes) == 5
    assert not set("".join(codes)) & set("01IOio")
