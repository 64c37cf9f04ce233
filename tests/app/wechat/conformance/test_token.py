"""The token: one that everybody shares, renewed by one; a refused one is replaced once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from app.wechat.errors import WechatBusy, WechatDeclined, WechatMisconfigured
from app.wechat.standin import DEMO_SECRET
from app.wechat.superapp import Scene, Verdict
from app.wechat.tokens import MemoryTokens, Token

FETCH = "/cgi-bin/stable_token"
LINK = "/wxa/generate_urllink"
CROWD = 200


def ask(client):
    """Any call that needs a token."""
    return client.link("pages/index/index", "a=b")


def all_at_once(client, number):
    start = Barrier(min(number, 32))

    def one(place):
        if place < 32:
            start.wait(10)
        return ask(client)

    with ThreadPoolExecutor(32) as crowd:
        return list(crowd.map(one, range(number)))


def test_the_first_call_fetches_a_token_and_the_others_use_it(sim, client):
    ask(client)
    ask(client)

    assert (sim.calls(FETCH), sim.calls(LINK)) == (1, 2)


def test_a_token_is_replaced_five_minutes_before_its_end(sim, client, clock):
    ask(client)
    clock.move(seconds=6899)
    ask(client)
    before = sim.calls(FETCH)
    clock.move(seconds=1)
    ask(client)

    assert (before, sim.calls(FETCH)) == (1, 2)


def test_two_hundred_calls_at_expiry_fetch_one_token(sim, client, clock):
    ask(client)
    clock.move(hours=3)

    links = all_at_once(client, CROWD)

    assert len(links) == CROWD
    assert sim.calls(FETCH) == 2
    assert sim.calls(LINK) == 1 + CROWD


def test_two_hundred_calls_with_a_token_that_was_killed_fetch_one(sim, connect, clock):
    store = MemoryTokens()
    with store.locked("wxdemo0000000001") as held:
        held.write(Token("killed-by-an-operator", clock() + timedelta(hours=1)))

    links = all_at_once(connect(tokens=store), CROWD)

    assert len(links) == CROWD
    assert sim.calls(FETCH) == 1


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
def test_a_refused_token_is_replaced_once_and_the_call_made_again(sim, connect, clock, errcode):
    store = MemoryTokens()
    with store.locked("wxdemo0000000001") as held:
        held.write(Token("of-yesterday", clock() + timedelta(hours=1)))
    sim.fault(api=LINK, errcode=errcode)

    ask(connect(tokens=store))

    assert (sim.calls(FETCH), sim.calls(LINK)) == (1, 2)


def test_a_token_that_is_never_taken_ends_after_one_renewal(sim, connect, clock):
    store = MemoryTokens()
    with store.locked("wxdemo0000000001") as held:
        held.write(Token("of-yesterday", clock() + timedelta(hours=1)))
    sim.fault(api=LINK, errcode=40001, times=1000)

    with pytest.raises(WechatMisconfigured) as refusal:
        ask(connect(tokens=store))

    assert refusal.value.errcode == 40001
    assert (sim.calls(FETCH), sim.calls(LINK)) == (1, 2)


def test_a_storm_of_refusals_with_one_and_the_same_token_does_not_loop(sim, client):
    ask(client)
    sim.fault(api=LINK, preset="token-storm", times=1000)

    with pytest.raises(WechatMisconfigured, match="does not take"):
        ask(client)

    assert (sim.calls(FETCH), sim.calls(LINK)) == (2, 2)


def test_whoever_comes_late_uses_the_token_another_has_renewed(sim, connect, clock):
    store = MemoryTokens()
    first, second = connect(tokens=store), connect(tokens=store)
    ask(first)
    clock.move(hours=3)
    ask(first)
    ask(second)

    assert sim.calls(FETCH) == 2


@pytest.mark.parametrize(
    ("fault", "kind", "told"),
    [
        ({"preset": "ip"}, WechatMisconfigured, r"add 127\.0\.0\.1 to the IP list"),
        ({"errcode": 40243}, WechatMisconfigured, "errcode 40243"),
        ({"errcode": 40001}, WechatMisconfigured, "errcode 40001"),
        ({"errcode": 89503}, WechatMisconfigured, "errcode 89503"),
        ({"preset": "quota"}, WechatBusy, "asked too often"),
        ({"body": "malformed"}, WechatBusy, "cannot be read"),
        ({"http": 429}, WechatBusy, "429"),
        ({"drop": True}, WechatBusy, "broke off"),
    ],
)
def test_without_a_token_nothing_else_is_asked(sim, client, fault, kind, told):
    sim.fault(api=FETCH, **fault)

    with pytest.raises(kind, match=told):
        ask(client)

    assert (sim.calls(FETCH), sim.calls(LINK)) == (1, 0)


def test_a_wrong_secret_is_for_an_operator(sim, connect):
    with pytest.raises(WechatMisconfigured) as refusal:
        ask(connect(secret="wrong"))

    assert refusal.value.errcode == 40125
    assert sim.calls(LINK) == 0


@pytest.mark.parametrize(
    "answer",
    ['{"access_token":"","expires_in":7200}', '{"access_token":"t","expires_in":0}',
     '{"access_token":"t"}', '{"access_token":5,"expires_in":7200}',
     '{"access_token":"t","expires_in":99999}'],
)  # fmt: skip
def test_what_is_no_token_is_not_kept(connect, answer, scripted):
    store = MemoryTokens()

    with pytest.raises(WechatBusy):
        ask(connect(tokens=store, transport=scripted(answer)))

    assert store.read("wxdemo0000000001") is None


def test_neither_token_nor_secret_is_written_down(sim, client, caplog):
    caplog.set_level("DEBUG")
    sim.phone_login("oDemoResident01")
    sim.fault(api="/wxa/msg_sec_check", errcode=40003)
    client.check_text("oDemoResident01", Scene.COMMENT, "一句话")
    token = sim.stable_token()["access_token"]

    written = caplog.text + repr(client.__dict__)
    assert token not in written
    assert DEMO_SECRET not in caplog.text


def test_calls_that_fail_leave_other_apis_alone(sim, client):
    sim.fault(api=LINK, http=502, times=5)
    for _ in range(5):
        with pytest.raises(WechatBusy):
            ask(client)
    with pytest.raises(WechatBusy, match="left alone"):
        ask(client)
    sim.phone_login("oDemoResident01")

    assert client.check_text("oDemoResident01", Scene.COMMENT, "一句话") is Verdict.PASS
    assert sim.calls(LINK) == 5


def test_what_one_call_says_wrong_is_told_with_its_number(client):
    with pytest.raises(WechatDeclined) as refusal:
        client.link("pages/not-released", "a=b")

    assert refusal.value.errcode == 85079
