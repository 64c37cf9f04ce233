"""Building stewards and grid workers: the list of an activity, for those who live near them."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.identity.models import Person
from tests.support.browser import Browser
from tests.support.client import NOWHERE
from tests.support.refusals import refusal

CARD, WHY = "GZ00012345", "纸质签到，王楼长保管"


@pytest.fixture
def building(world):
    world.unit("grid", "第一网格", under="Mingde")
    world.unit("building", "3 栋", under="第一网格")
    return "3 栋"


@pytest.fixture
def steward(world, building):
    return world.staff("building_steward", at=building, name="王楼长")


@pytest.fixture
def near(world, building):
    """Two who live in the building; the second has a card."""
    people = [world.person(name) for name in ("何桂芳", "李秀英")]
    world.household(*people, under=building)
    with world.own() as session:
        session.execute(sa.update(Person).filter_by(id=people[1].id).values(card_no=CARD))
    return people


@pytest.fixture
def far(world):
    """Somebody of the same community who lives elsewhere."""
    return world.person("林晓梅")


@pytest.fixture
def activity(world):
    return world.activity(category="safety_patrol", title="夜间巡逻")


@pytest.fixture
def enrolled(api, activity, near, far):
    for one in (far, *near):
        api.post(f"/activities/{activity.id}/enrolments", as_=one)


def line(activity, number, **more):
    times = {"came_at": activity.starts_at.isoformat(), "left_at": activity.ends_at.isoformat()}
    return {"number": number, **times, **more}


def audited(world, action):
    query = "SELECT role, actor_id FROM audit_entry WHERE action = :action"
    with world.own() as session:
        return [tuple(row) for row in session.execute(sa.text(query), {"action": action})]


def test_a_steward_prints_their_own_people_and_brings_the_list_back(
    world, api, activity, steward, near, far, enrolled, hands
):
    answer = api.post(f"/activities/{activity.id}/attendance-lists", as_=steward)
    printed = answer.json["attendance_list"]
    path = f"/attendance-lists/{printed['code']}/entries"
    hands.move(minutes=120)

    lines = [line(activity, 1), line(activity, 2), line(activity, 3, person_id=str(far.id))]
    with world.changes() as changed:
        stranger = api.post(path, as_=steward, reason=WHY, lines=lines)
        silent = api.post(path, as_=steward, reason="", lines=lines[:2])
    done = api.post(path, as_=steward, reason=WHY, lines=lines[:2])
    world.settle()

    assert [one["name"] for one in printed["lines"]] == ["何*芳", "李*英"]
    assert list(stranger.json["errors"]["lines"]) == ["3"]
    assert refusal(silent)[0] == 422
    assert changed == {}
    assert (done.status_code, len(done.json["attendances"])) == (201, 2)
    assert all(world.points_of(one) > 0 for one in near)
    for action in ("attendance_list.print", "attendance_list.enter", "attendance.list"):
        assert set(audited(world, action)) == {("building_steward", steward.id)}
    assert world.violations() == []


def test_on_the_communitys_list_a_steward_sees_their_own_and_how_many_others_there_are(
    world, api, activity, steward, near, far, enrolled, hands
):
    clerk = world.staff("community_clerk")
    made = api.post(f"/activities/{activity.id}/attendance-lists", as_=clerk, blank=1)
    code = made.json["attendance_list"]["code"]
    hands.move(minutes=120)
    desk = Browser(world, api, steward)

    seen = api.get(f"/attendance-lists/{code}", as_=steward).json["attendance_list"]
    page, paper = desk.get(f"/staff/lists/{code}").text, desk.get(f"/staff/lists/{code}/paper").text
    path = f"/attendance-lists/{code}/entries"
    lines = [line(activity, number) for number in (1, 9)]
    with world.changes() as changed:
        refused = api.post(path, as_=steward, reason=WHY, lines=lines)

    assert [one["number"] for one in seen["lines"]] == [2, 3]
    assert seen["unseen"] == 1
    assert "另有 1 行" in page
    assert 'name="who-4"' in page
    assert not any("林*梅" in text for text in (page, paper))
    said = refused.json["errors"]["lines"]
    assert said["1"] == said["9"]  # of a stranger they learn what they learn of nobody
    assert changed == {}


def test_a_steward_checks_their_own_people_in_and_out_by_card_or_by_name(
    world, api, activity, steward, near, far
):
    path = f"/activities/{activity.id}/staff-check-"
    code = world.venue_code(activity)
    api.post(f"/activities/{activity.id}/check-ins", as_=far, code=code)

    came = api.post(f"{path}ins", as_=steward, card_no=CARD)
    named = api.post(f"{path}ins", as_=steward, person_id=str(near[0].id), reason="没有带手机")
    with world.changes() as changed:
        others = [
            api.post(f"{path}{way}", as_=steward, person_id=who, reason="没有带手机")
            for way in ("ins", "outs")
            for who in (str(far.id), NOWHERE)
        ]
        bulk = api.post(f"/activities/{activity.id}/bulk-check-out", as_=steward, reason=WHY)
    arrivals = f"/staff/activities/{activity.id}/arrivals"
    desk = Browser(world, api, steward)
    page = desk.get(arrivals).text
    found = desk.submit(f"{arrivals}/find", shown_on=arrivals, q="林晓梅").text

    assert [came.status_code, named.status_code] == [201, 201]
    assert {(one.status_code, one.json["detail"]) for one in others} == {
        (404, others[0].json["detail"])
    }
    assert (bulk.status_code, changed) == (403, {})
    assert "何*芳" in page
    assert "林*梅" not in page
    assert "另有 1 位" in page
    assert "全部签退" not in page
    assert "没有找到这个人" in found
    assert audited(world, "attendance.staff_in") == [("building_steward", steward.id)] * 2


def test_activities_elsewhere_do_not_exist_and_those_near_are_on_the_desk(
    world, api, activity, steward, near
):
    world.unit("community", "Xinhua", under="East Street")
    world.activity(title="不公开的活动", state="draft")
    elsewhere = world.activity(community_id=world.units["Xinhua"], title="新华清河")
    grid_worker = world.staff("grid_worker", at="第一网格")

    answers = [
        api.post(f"/activities/{one}/{what}", as_=steward, card_no=CARD)
        if what != "attendance-lists"
        else api.post(f"/activities/{one}/{what}", as_=steward)
        for what in ("attendance-lists", "staff-check-ins")
        for one in (elsewhere.id, NOWHERE)
    ]
    pages = [Browser(world, api, who).get("/staff/lists").text for who in (steward, grid_worker)]

    assert {refusal(one) for one in answers} == {(404, "activity_unknown")}
    for page in pages:
        assert f"/staff/activities/{activity.id}/lists" in page
        assert "新华清河" not in page
        assert "不公开的活动" not in page


def test_whoever_moved_out_is_no_longer_the_stewards(world, api, activity, steward, near):
    gone = world.now().date() - timedelta(days=1)
    with world.own() as session:
        theirs = sa.text("UPDATE household_member SET to_day = :gone WHERE person_id = :who")
        session.execute(theirs, {"gone": gone, "who": near[1].id})

    answer = api.post(f"/activities/{activity.id}/staff-check-ins", as_=steward, card_no=CARD)

    assert refusal(answer) == (404, "attendee_unknown")


def test_the_code_on_the_paper_opens_its_entry_and_tells_a_resident_whom_to_give_it_to(
    world, api, activity, steward, near, far
):
    made = api.post(f"/activities/{activity.id}/attendance-lists", as_=steward)
    listed = made.json["attendance_list"]
    world.unit("community", "Xinhua", under="East Street")
    stranger = world.staff("community_clerk", at="Xinhua")
    shop_manager, page = world.staff("shop_manager"), "/scan"

    found = [
        api.post("/scans", as_=steward, text=text) for text in (listed["address"], listed["code"])
    ]
    opened = Browser(world, api, steward).submit(page, shown_on=page, text=listed["address"])
    residents = [api.post("/scans", as_=who, text=listed["code"]) for who in (far, shop_manager)]
    kind = Browser(world, api, far).submit(page, shown_on=page, text=listed["address"])
    foreign = [api.post("/scans", as_=stranger, text=text) for text in (listed["code"], "A" * 10)]

    for one in found:
        assert (one.json["kind"], one.json["title"]) == ("attendance_list", "夜间巡逻")
        assert [each["operation"] for each in one.json["actions"]] == ["enterAttendanceList"]
    assert opened.location.endswith(f"/staff/lists/{listed['code']}")
    assert {refusal(one) for one in residents} == {(409, "attendance_list_for_staff")}
    assert "交给楼栋长或社区工作人员" in kind.text
    assert {refusal(one) for one in foreign} == {(404, "code_unknown")}


def test_a_steward_puts_down_the_name_of_who_has_no_phone_and_they_are_called(
    world, api, steward, near, far
):
    coming = world.activity(title="重阳茶话会", starts_at=world.now() + timedelta(days=2),
                            ends_at=world.now() + timedelta(days=2, hours=2))  # fmt: skip
    path, arrivals = f"/activities/{coming.id}/staff-enrolments", "arrivals"

    carded = api.post(path, as_=steward, card_no=CARD)
    with world.changes() as changed:
        silent = api.post(path, as_=steward, person_id=str(near[0].id))
        others = [
            api.post(path, as_=steward, person_id=who, reason="没有手机")
            for who in (str(far.id), NOWHERE)
        ]
        again = api.post(path, as_=steward, card_no=CARD)
    page = f"/staff/activities/{coming.id}/{arrivals}"
    desk = Browser(world, api, steward)
    named = desk.submit(
        page, shown_on=page, to="enrol", person_id=str(near[0].id), reason="没有手机"
    )

    assert (carded.status_code, carded.json["enrolment"]["state"]) == (201, "confirmed")
    assert silent.status_code == 422
    assert {refusal(one) for one in others} == {(404, "attendee_unknown")}
    assert refusal(again)[0] == 409
    assert changed == {}
    assert named.status_code == 303
    assert audited(world, "enrolment.staff") == [("building_steward", steward.id)] * 2
    assert "替您报了“重阳茶话会”" in Browser(world, api, near[1]).get("/messages").text
    with world.own() as session:
        tellings = session.scalars(sa.text("SELECT template FROM notice")).all()
    assert tellings.count("enrolled_by_staff") == 2
    assert '报了名的有 <span class="num">2</span> 人' in desk.get(page).text
