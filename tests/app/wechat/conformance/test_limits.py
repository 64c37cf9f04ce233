"""What WeChat says when it was asked too often closes one API, for a day or for a minute."""

import pytest

from app.wechat.errors import WechatBusy
from app.wechat.standin.quotas import Limit
from app.wechat.superapp import Delivery, Message, Phone, Scene, Verdict
from tests.app.wechat.conformance.conftest import KNOWN, RegisteredApp

ME = "oDemoResident01"
PHONE, TEXT, CODE = (
    "/wxa/business/getuserphonenumber",
    "/wxa/msg_sec_check",
    "/wxa/getwxacodeunlimit",
)
SEND, LOGIN = "/cgi-bin/message/subscribe/send", "/sns/jscode2session"
MESSAGE = Message(template="thing", words={"what": "大米"})
NOON_TO_MIDNIGHT = 12 * 3600


def refused(deed):
    with pytest.raises(WechatBusy) as refusal:
        deed()
    return refusal.value.errcode, refusal.value.retry_after


def test_a_used_up_day_closes_that_api_until_midnight_in_china_and_no_other(sim, client, clock):
    def phone():
        return client.phone(ME, {"code": sim.phone_code(ME)})

    sim.fault(api=PHONE, preset="quota")
    first, again = refused(phone), refused(phone)

    assert first == again == (45009, NOON_TO_MIDNIGHT)
    assert sim.calls(PHONE) == 1
    sim.phone_login(ME)
    assert client.check_text(ME, Scene.COMMENT, "你好") is Verdict.PASS
    assert client.login(sim.phone_login(ME)).subject_id == ME
    clock.move(seconds=NOON_TO_MIDNIGHT - 1)
    assert refused(phone) == (45009, 1)
    clock.move(seconds=1)
    assert phone() == Phone("13800000000", "86")


def test_a_used_up_minute_closes_it_until_the_next(sim, client, clock):
    clock.move(seconds=20)
    sim.phone_login(ME)
    sim.fault(api=TEXT, preset="minute")

    found = [client.check_text(ME, Scene.COMMENT, "你好") for _ in range(3)]
    clock.move(seconds=40)

    assert found == [Verdict.REVIEW] * 3
    assert sim.calls(TEXT) == 1
    assert client.check_text(ME, Scene.COMMENT, "你好") is Verdict.PASS


def test_drawing_codes_has_a_limit_by_the_minute_under_the_days_number(sim, client, clock):
    sim.fault(api=CODE, preset="quota")

    assert refused(lambda: client.code_image("pages/index/index", "a")) == (45009, 60)
    clock.move(seconds=60)
    assert client.code_image("pages/index/index", "a")


def test_one_person_in_a_hurry_does_not_keep_the_others_from_logging_in(sim, client):
    sim.fault(api=LOGIN, preset="minute")

    assert refused(lambda: client.login(sim.phone_login("oSomebody")))[0] == 45011
    assert client.login(sim.phone_login(ME)).subject_id == ME


def test_messages_wait_for_tomorrow_and_are_not_tried_meanwhile(sim, client):
    sim.answer_popup(ME, **{next(iter(KNOWN)): "accept"})
    sim.fault(api=SEND, preset="quota")

    assert [client.notify(ME, MESSAGE) for _ in range(3)] == [Delivery.TOMORROW] * 3
    assert sim.calls(SEND) == 1
    assert sim.outbox() == []


def test_a_limit_that_the_stand_in_counts_closes_it_as_well(way, clock, connect):
    limits = {TEXT: Limit(day=2)}
    with way(clock, registered=RegisteredApp(templates=KNOWN), limits=limits) as sim:
        client = connect(base_url=sim.url, transport=sim.transport)
        sim.phone_login(ME)

        found = [client.check_text(ME, Scene.COMMENT, "你好") for _ in range(4)]

        assert found == [Verdict.PASS, Verdict.PASS, Verdict.REVIEW, Verdict.REVIEW]
        assert sim.calls(TEXT) == 3
