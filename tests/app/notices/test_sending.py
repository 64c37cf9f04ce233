"""A notice stands in the app at once, goes to WeChat at most once, and else to the call list."""

import pytest
import sqlalchemy as sa

from app.core.telling import Telling, notify
from app.notices import jobs, outbox
from app.wechat.superapp import Delivery
from tests.app.notices.conftest import SEND
from tests.support.tellings import EXPIRING


def test_where_there_is_a_right_a_message_goes_out_and_the_right_is_used_up(post, lin, sim):
    post.agree(lin, at=sim)
    post.tell(lin)

    assert post.send() == 1

    (sent,) = sim.outbox()
    assert sent["data"] == {
        "number1": {"value": "44"},
        "date2": {"value": "2026年12月31日"},
        "thing3": {"value": "请到爱心超市兑换，或捐给爱心池"},
    }
    assert (post.states(), post.rights(lin), post.lines()) == (["sent"], 0, [])


def test_the_same_thing_is_told_once(post, lin, sim):
    post.agree(lin, at=sim)

    assert [post.tell(lin), post.tell(lin), post.tell(lin, about="another")] == [True, False, True]
    post.send()
    assert len(post.notices()) == 2


def test_without_a_right_wechat_is_not_asked_and_somebody_calls(post, lin, sim):
    post.tell(lin)
    post.send()

    assert sim.calls(SEND) == 0
    assert post.states() == ["called"]
    assert post.lines() == [("no_right", "phone", "open")]


def test_whoever_has_no_wechat_is_called(post, elder, sim):
    post.tell(elder)
    post.send()

    assert post.lines() == [("no_account", "phone", "open")]


def test_what_is_not_worth_a_call_is_left_at_the_message_in_the_app(post, lin, sim):
    words = {"place": "超市", "goods": "大米×1", "left": "4", "at": "2026年3月2日 12:00"}
    post.tell(lin, "goods_taken", **words)
    post.send()

    assert (post.states(), post.lines()) == (["left"], [])
    assert len(post.notices()) == 1


def test_whoever_has_read_it_by_then_is_not_called(post, api, lin, sim):
    post.tell(lin)
    (message,) = api.get("/me/messages", as_=lin).json["items"]
    api.post(f"/me/messages/{message['id']}/read", as_=lin)

    post.send()

    assert (post.states(), post.lines()) == (["left"], [])


def test_a_right_that_wechat_does_not_know_of_is_taken_away_and_somebody_calls(post, lin, sim):
    for _ in range(3):
        post.agree(lin)  # and WeChat was told nothing of it
    sim.phone_login(post.world.openid_of(lin))
    post.tell(lin)
    post.send()

    assert post.rights(lin) == 0
    assert post.lines() == [("refused", "phone", "open")]


def test_an_answer_that_is_lost_is_not_asked_for_again(post, lin, sim, hands):
    for _ in range(2):
        post.agree(lin, at=sim)
    post.tell(lin)
    sim.fault(api=SEND, preset="timeout-after-accept")
    post.send()
    for _ in range(10):
        hands.move(hours=6)
        post.send()

    assert (len(sim.outbox()), sim.calls(SEND)) == (1, 1)
    assert (post.states(), post.rights(lin)) == (["unknown"], 1)


def test_a_worker_that_died_while_it_sent_has_perhaps_sent(post, world, lin, sim, hands):
    post.agree(lin, at=sim)
    post.tell(lin)
    with post.as_worker(), world.work() as session:
        apps = world.app.extensions["super_apps"]
        assert outbox.take_due(session, world.app.extensions["vault"], apps, now=world.now())
    early = post.send()
    hands.move(minutes=3)
    post.send()

    assert early == 0
    assert (post.states(), sim.outbox(), post.rights(lin)) == (["unknown"], [], 0)


def test_whoever_comes_back_late_changes_nothing_any_more(post, world, lin, sim, hands):
    post.agree(lin, at=sim)
    post.tell(lin)
    with post.as_worker(), world.work() as session:
        taken = outbox.take_due(
            session,
            world.app.extensions["vault"],
            world.app.extensions["super_apps"],
            now=world.now(),
        )
    hands.move(minutes=3)
    post.send()
    with world.work() as session:
        outbox.conclude(session, taken, Delivery.RETRY, now=world.now())

    assert (post.states(), post.rights(lin)) == (["unknown"], 0)


@pytest.mark.parametrize("fault", [{"preset": "busy"}, {"http": 429}, {"preset": "ip"}])
def test_what_certainly_did_not_go_out_keeps_its_right_and_is_tried_again(
    post, lin, sim, hands, fault
):
    post.agree(lin, at=sim)
    post.tell(lin)
    sim.fault(api=SEND, **fault)
    post.send()
    between = (post.states(), post.rights(lin), post.send())
    hands.move(minutes=1)
    post.send()

    assert between == (["waiting"], 1, 0)
    assert (post.states(), post.rights(lin), len(sim.outbox())) == (["sent"], 0, 1)


def test_when_the_days_quota_is_used_up_the_morning_is_waited_for(post, lin, sim, hands):
    post.agree(lin, at=sim)
    post.tell(lin)
    sim.fault(api=SEND, preset="quota")
    post.send()
    hands.move(hours=19, minutes=59)  # from noon to just before eight
    early = post.send()
    hands.move(minutes=1)
    post.send()

    assert early == 0
    assert post.states() == ["sent"]


def test_after_five_tries_somebody_calls(post, lin, sim, hands):
    post.agree(lin, at=sim)
    post.tell(lin)
    sim.fault(api=SEND, errcode=45168, times=100)
    for _ in range(10):
        post.send()
        hands.move(hours=7)

    assert sim.calls(SEND) == 5
    assert (post.lines(), post.rights(lin)) == ([("failed", "phone", "open")], 1)


def test_words_that_fit_no_field_are_called_in_instead(post, lin, sim):
    post.agree(lin, at=sim)
    post.tell(lin, day="年底")
    post.send()

    assert sim.calls(SEND) == 0
    assert (post.lines(), post.rights(lin)) == ([("failed", "phone", "open")], 1)


def test_several_workers_at_once_send_each_once(post, world, lin, sim):
    people = [lin, *world.people(9)]
    for person in people:
        post.agree(person, at=sim)
        post.tell(person)

    assert post.send_by_many(6) == len(people)

    assert len(sim.outbox()) == len(people)
    assert post.states() == ["sent"] * len(people)


def test_what_one_notice_cannot_the_others_need_not_wait_for(post, world, lin, elder, sim):
    for person in (elder, lin):
        post.tell(person)
    post.agree(lin, at=sim)

    assert post.send() == 2
    assert sorted(post.states()) == ["called", "sent"]


def test_the_sweep_goes_through_every_city(post, lin, sim):
    post.tell(lin)
    with post.as_worker():
        assert jobs.send_waiting() >= 1
    assert post.states() == ["called"]


def test_nothing_personal_is_logged(post, lin, sim, caplog):
    caplog.set_level("DEBUG")
    post.agree(lin, at=sim)
    post.tell(lin, advice="金丝雀")
    sim.fault(api=SEND, preset="busy")
    post.send()

    ours = [str(record.__dict__) for record in caplog.records if record.name.startswith("app.")]
    planted = [post.world.openid_of(lin), "金丝雀", str(lin.id)]
    assert [text for text in planted if text in "".join(ours)] == []


def test_a_worker_does_not_read_who_people_are(post, world, lin):
    with (
        pytest.raises(sa.exc.ProgrammingError, match="permission denied"),
        post.as_worker(),
        world.work() as session,
    ):
        session.execute(sa.text("SELECT display_name FROM person"))


def test_a_notice_is_not_told_when_what_it_tells_of_is_not_done(post, world, lin):
    telling = Telling(person_id=lin.id, template="points_expiring", about="x", words=EXPIRING)

    def tell_and_fail():
        with world.work() as session:
            notify(session, telling, now=world.now())
            raise LookupError

    with pytest.raises(LookupError):
        tell_and_fail()
    assert post.notices() == []
