"""反馈得到, both ways: who came says how it was, is thanked, and is answered once."""

import pytest
import sqlalchemy as sa

from app.activities.arrival_models import Attendance, Feedback
from tests.support.browser import Browser
from tests.support.client import NOWHERE
from tests.support.refusals import refusal


@pytest.fixture
def reply(api, leader):
    def reply(given, *, by=leader, text="谢谢您"):
        feedback_id = given.json["feedback"]["id"]
        return api.post(f"/feedback/{feedback_id}/answer", as_=by, answer=text)

    return reply


def test_who_came_says_how_it_was_differently_and_is_answered_once(
    api, world, come, say, reply, activity
):
    lin = world.person()
    come(lin)

    first, second = say(lin), say(lin, 5, words="很好")
    answered, again = reply(second), reply(second, text="再谢")
    with world.changes() as changed:
        late = say(lin, 1)

    assert (first.status_code, second.json["feedback"]["rating"]) == (201, 5)
    assert first.json["feedback"]["id"] == second.json["feedback"]["id"]
    assert (answered.status_code, answered.json["feedback"]["answer"]) == (201, "谢谢您")
    assert refusal(again) == (409, "feedback_answered")
    assert refusal(late) == (409, "feedback_answered")
    assert changed == {}
    told = api.get("/me/messages", as_=lin).json["items"]
    assert [one["title"] for one in told] == ["您的反馈有了回复"]
    assert "谢谢您" in Browser(world, api, lin).get(f"/activities/{activity.id}/feedback").text


def test_only_who_came_and_left_says_how_it_was_and_for_thirty_days(
    api, world, come, say, hands, activity
):
    lin, absent, there, rejected = world.people(4)
    come(lin, rejected)
    with world.own() as session:
        doubt = {"review": "rejected", "reasons": ["outside_fence"], "decided_for": "不在"}
        theirs = sa.update(Attendance).filter_by(person_id=rejected.id)
        by = {"decided_by": lin.id, "decided_at": world.now()}
        session.execute(theirs.values(**doubt, **by))
        row = {"state": "checked_in", "checked_in_at": world.now(), "person_id": there.id}
        session.add(
            Attendance(tenant_id=world.tenant_id, id=there.id, activity_id=activity.id, **row)
        )
    hands.move(days=29, hours=23)

    with world.changes() as changed:
        refused = [say(one) for one in (absent, there, rejected)]
        wrong = [say(lin, 0), say(lin, 6), say(lin, words="长" * 301)]
        foreign = api.post(f"/activities/{NOWHERE}/feedback", as_=lin, rating=5)
    assert {refusal(one) for one in refused} == {(409, "not_attended")}
    assert {one.status_code for one in wrong} == {422}
    assert refusal(foreign) == (404, "activity_unknown")
    assert changed == {}
    assert say(lin).status_code == 201

    hands.move(hours=2)
    with world.changes() as changed:
        late = say(lin, 1)
    assert refusal(late) == (409, "feedback_late")
    assert changed == {}


def test_everybody_who_came_is_thanked_with_one_tap_and_once(
    api, world, come, say, leader, activity
):
    lin, hong, rejected = world.people(3)
    come(lin, hong, leader, rejected)
    say(lin, words="很好")
    with world.own() as session:
        theirs = sa.update(Attendance).filter_by(person_id=rejected.id)
        session.execute(theirs.values(review="pending_review", reasons=["outside_fence"]))
    page, desk = f"/staff/activities/{activity.id}/feedback", Browser(world, api, leader)

    before = desk.get(page).text
    thanked = desk.submit(f"/staff/activities/{activity.id}/thanks", shown_on=page)
    with world.changes() as changed:
        again = desk.submit(f"/staff/activities/{activity.id}/thanks", shown_on=page)

    assert "感谢来过的 2 人" in before
    assert (thanked.status_code, again.status_code) == (303, 409)
    assert changed == {}
    for one in (lin, hong):
        (told,) = api.get("/me/messages", as_=one).json["items"]
        assert (told["title"], "服务了 90 分钟" in told["text"]) == ("感谢您", True)
    for one in (leader, rejected):
        assert api.get("/me/messages", as_=one).json["items"] == []
    assert "感谢您" in Browser(world, api, hong).get(f"/activities/{activity.id}/feedback").text


def test_nobody_answers_themself_and_elsewhere_it_does_not_exist(
    world, come, say, reply, leader, api, stranger
):
    come(leader, world.person())
    own = say(leader)

    with world.changes() as changed:
        themself, foreign = reply(own), reply(own, by=stranger)
        unknown = api.post(f"/feedback/{NOWHERE}/answer", as_=stranger, answer="谢谢")
        empty = reply(own, text="")

    assert refusal(themself) == (409, "own_feedback")
    assert refusal(foreign) == refusal(unknown) == (404, "feedback_unknown")
    assert foreign.json["detail"] == unknown.json["detail"]
    assert empty.status_code == 422
    assert changed == {}


def test_what_a_resident_says_is_shown_masked_to_staff_of_the_activity_only(
    api, world, come, say, check_words, leader, stranger, activity
):
    lin = world.person("欧阳静怡")
    come(lin)
    number = say(lin, words="人有点多").json["feedback"]["id"]
    check_words()
    look = {"decision": "show", "reason": "没有问题"}
    api.post(f"/feedback/{number}/decision", as_=leader, **look)
    page = f"/staff/activities/{activity.id}/feedback"

    shown = Browser(world, api, leader).get(page).text
    foreign = Browser(world, api, stranger).get(page)
    to_residents = [
        Browser(world, api, world.person()).get(path).text
        for path in (f"/activities/{activity.id}", f"/activities/{activity.id}/feedback")
    ]

    assert "人有点多" in shown
    assert "欧阳静怡" not in shown
    assert foreign.status_code == 404
    assert all("人有点多" not in text for text in to_residents)


def test_who_is_forgotten_leaves_no_words_behind(world, come, say, reply):
    lin = world.person()
    come(lin)
    reply(say(lin, words="我住三栋二零一"))
    kept = next(one for one in world.app.extensions["keepings"] if one.key == "feedback")

    with world.work() as session:
        (row,) = kept.export(session, lin.id)
        kept.forget(session, lin.id, world.now())

    assert (row["words"], row["answer"]) == ("我住三栋二零一", "谢谢您")
    assert not world.holds_text("我住三栋二零一")


def test_of_two_answers_at_once_one_is_given(world, come, say, crowd, leader):
    lin = world.person()
    come(lin)
    feedback_id = say(lin).json["feedback"]["id"]
    crowd.sign_in(leader)

    answers = crowd.at_once(
        [
            lambda client, text=text: client.post(
                f"/feedback/{feedback_id}/answer", as_=leader, answer=text
            )
            for text in ("谢谢", "多谢", "感谢")
        ]
    )

    assert sorted(one.status_code for one in answers) == [201, 409, 409]
    (given,) = [one.json["feedback"]["answer"] for one in answers if one.status_code == 201]
    with world.work() as session:
        assert session.scalars(sa.select(Feedback.answer)).all() == [given]
