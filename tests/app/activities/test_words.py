"""What residents write for others is shown once WeChat has passed it, or staff have."""

import pytest
import sqlalchemy as sa

from app.activities import checking
from app.activities.arrival_models import Feedback
from app.wechat.superapp import Verdict
from tests.app.wechat.support import as_known_to
from tests.support.browser import Browser
from tests.support.client import NOWHERE
from tests.support.refusals import refusal

CHECK = "/wxa/msg_sec_check"


@pytest.fixture
def sim(world, hands, monkeypatch):
    with as_known_to(world, hands, monkeypatch) as sim:
        yield sim


@pytest.fixture
def lin(world, come):
    """Somebody who came and left."""
    lin = world.person("林小满")
    come(lin)
    return lin


@pytest.fixture
def read(world, api, leader, activity):
    """What the leader reads, and what its writer does."""

    def read(writer):
        return (
            Browser(world, api, leader).get(f"/staff/activities/{activity.id}/feedback").text,
            Browser(world, api, writer).get(f"/activities/{activity.id}/feedback").text,
        )

    return read


@pytest.fixture
def look(api, leader):
    def look(said, decision="show", *, reason="没有问题", by=leader):
        path = f"/feedback/{said.json['feedback']['id']}/decision"
        return api.post(path, as_=by, decision=decision, reason=reason)

    return look


def waiting(api, who):
    return [one["words"] for one in api.get("/feedback-to-look-at", as_=who).json["items"]]


def states(world):
    with world.work() as session:
        return list(session.scalars(sa.select(Feedback.words_state)))


def test_words_are_read_by_nobody_else_until_wechat_has_passed_them(
    world, api, sim, lin, say, read, check_words, leader, bell
):
    sim.phone_login(world.openid_of(lin))
    said = say(lin, words="人有点多")
    rung = {job.__name__ for job in bell.rung}
    before, own = read(lin)
    asked_in_the_request = sim.calls(CHECK)
    check_words()
    after, own_after = read(lin)

    assert said.json["feedback"]["words_state"] == "checking"
    assert ("check_words" in rung, asked_in_the_request, sim.calls(CHECK)) == (True, 0, 1)
    assert ("人有点多" in before, "留了话：审核中" in before, "很好" in before) == (
        False,
        True,
        False,
    )
    assert 'tag">好<' in before  # stars count at once
    assert ("人有点多" in own, "审核中" in own) == (True, True)
    assert ("人有点多" in after, "审核中" in own_after) == (True, False)
    assert (waiting(api, leader), check_words()) == ([], 0)


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("这里有风险样例", None),
        ("这里有复核样例", None),
        ("谢谢大家", {"errcode": 87014}),
        ("谢谢大家", {"preset": "quota"}),
        ("谢谢大家", {"drop": True}),
        ("谢谢大家", {"body": "malformed"}),
    ],
)
def test_what_wechat_does_not_pass_or_cannot_say_waits_for_staff_and_is_never_lost(
    world, api, sim, lin, say, read, check_words, leader, words, fault
):
    sim.phone_login(world.openid_of(lin))
    if fault:
        sim.fault(api=CHECK, times=2, **fault)
    say(lin, words=words)

    check_words()

    staff, own = read(lin)
    assert (words in staff, words in own, "审核中" in own) == (False, True, True)
    assert waiting(api, leader) == [words]


def test_without_a_mini_program_staff_look_and_show_or_hide_with_a_reason(
    world, api, come, say, read, look, check_words, leader
):
    lin, hong = world.person("林小满"), world.person("洪大海")
    come(lin, hong)
    shown, hidden = say(lin, words="人有点多"), say(hong, words="某某很差")
    check_words()
    desk = Browser(world, api, leader)
    inbox = desk.get("/staff/feedback").text

    first = look(shown)
    number = hidden.json["feedback"]["id"]
    second = desk.submit(
        f"/staff/feedback/{number}/decision",
        shown_on="/staff/feedback",
        decision="hide",
        reason="说到了别人",
    )
    with world.changes() as changed:
        again = look(shown)

    assert ("人有点多" in inbox, "林小满" in inbox) == (True, False)
    assert (first.status_code, first.json["feedback"]["words"]) == (200, "人有点多")
    assert second.status_code == 303
    assert refusal(again) == (409, "words_decided")
    assert changed == {}
    staff, own = read(hong)
    assert ("人有点多" in staff, "某某很差" in staff) == (True, False)
    assert ("某某很差" in own, "没有展示您写的话：说到了别人" in own) == (True, True)
    answered = api.post(f"/feedback/{number}/answer", as_=leader, answer="谢谢")
    assert answered.json["feedback"]["words"] == ""
    with world.own() as session:
        rows = session.execute(
            sa.text("SELECT action, reason FROM audit_entry WHERE action LIKE 'feedback.%'")
        ).all()
    assert {("feedback.show", "没有问题"), ("feedback.hide", "说到了别人")} <= {
        (row.action, row.reason) for row in rows
    }
    assert world.violations() == []


def test_nobody_decides_their_own_words_nor_those_of_another_community(
    world, api, come, say, look, check_words, leader, stranger
):
    come(leader)
    own = say(leader, words="我很满意")
    early = look(own, by=world.staff("community_secretary"))
    check_words()

    with world.changes() as changed:
        themself, foreign = look(own), look(own, by=stranger)
        unknown = api.post(
            f"/feedback/{NOWHERE}/decision", as_=stranger, decision="show", reason="好"
        )
        unsaid = look(own, reason="")

    assert refusal(early) == (409, "words_decided")
    assert refusal(themself) == (409, "own_feedback")
    assert refusal(foreign) == refusal(unknown) == (404, "feedback_unknown")
    assert unsaid.status_code == 422
    assert waiting(api, stranger) == []
    assert changed == {}


def test_other_words_are_looked_at_again_and_another_rating_alone_is_not(
    world, sim, lin, say, check_words
):
    sim.phone_login(world.openid_of(lin))
    say(lin, words="人有点多")
    check_words()
    say(lin, 2, words="人有点多")
    same = states(world)
    say(lin, 2, words="人太多")
    changed = states(world)

    with world.work() as session:
        taken = checking.take(session, world.app.extensions["vault"])
    say(lin, words="又改了")
    with world.work() as session:
        checking.conclude(session, taken, Verdict.PASS)

    assert (same, changed) == (["shown"], ["checking"])
    assert states(world) == ["checking"]  # what was asked about is not what stands there now
