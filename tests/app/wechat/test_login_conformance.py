"""Our client against the stand-in, over a real socket: what a login may come to."""

import logging
import socket
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.wechat.budget import Budget
from app.wechat.errors import (
    LoginBlocked,
    LoginCodeInvalid,
    WechatBusy,
    WechatMisconfigured,
    WechatRefusal,
    WechatUnreachable,
)
from app.wechat.standin import DEMO_SECRET, RegisteredApp
from app.wechat.superapp import Identity
from tests.app.wechat.support import running


def test_a_code_is_exchanged_for_who_the_person_is(sim, client):
    code = sim.phone_login("oDemoResident01")

    assert client.login(code) == Identity("oDemoResident01", None)


def test_many_people_log_in_at_once_through_one_client(sim, client):
    people = [f"oDemoResident{number:02}" for number in range(1, 17)]
    codes = [sim.phone_login(openid) for openid in people]

    with ThreadPoolExecutor(16) as phones:
        identities = list(phones.map(client.login, codes))

    assert [identity.subject_id for identity in identities] == people


def test_a_bound_mini_program_learns_the_union_id_too(clock, connect):
    with running(clock, registered=RegisteredApp(bound=True)) as sim:
        client = connect(base_url=sim.url)
        first, second = (client.login(sim.phone_login("oDemoResident01")) for _ in range(2))

    assert first.union_id
    assert first == second


def test_an_address_with_a_slash_at_its_end_works(sim, connect):
    client = connect(base_url=sim.url + "/")

    assert client.login(sim.phone_login()).subject_id == "oDemoResident01"


def test_a_code_works_once(sim, client):
    code = sim.phone_login()
    client.login(code)

    with pytest.raises(LoginCodeInvalid) as refusal:
        client.login(code)

    assert refusal.value.errcode == 40163
    assert refusal.value.trace_id.startswith(f"{1772424000:08x}-")


def test_an_unknown_code_is_refused(client):
    with pytest.raises(LoginCodeInvalid) as refusal:
        client.login("0unknown")

    assert refusal.value.errcode == 40029


@pytest.mark.parametrize("text", ["", " ", "a" * 129, "code&secret=x", "登录", "a\n"])
def test_what_cannot_be_a_code_is_never_sent(sim, client, text):
    with pytest.raises(LoginCodeInvalid):
        client.login(text)

    assert sim.calls() == 0


def test_a_code_lives_five_minutes(sim, client, clock):
    kept, lost = sim.phone_login("oDemoResident01"), sim.phone_login("oDemoResident02")

    clock.move(seconds=299)
    client.login(kept)
    clock.move(seconds=1)

    with pytest.raises(LoginCodeInvalid):
        client.login(lost)


def test_a_code_of_another_mini_program_is_refused(sim, client):
    code = sim.phone_login(appid="wxsomebodyelse01")

    with pytest.raises(LoginCodeInvalid) as refusal:
        client.login(code)

    assert refusal.value.errcode == 40029


@pytest.mark.parametrize(
    ("wrong", "errcode"), [({"secret": "wrong"}, 40125), ({"appid": "wxwrong"}, 40013)]
)
def test_wrong_credentials_are_for_an_operator(sim, connect, wrong, errcode):
    code = sim.phone_login()

    with pytest.raises(WechatMisconfigured) as refusal:
        connect(**wrong).login(code)

    assert refusal.value.errcode == errcode
    assert connect().login(code)  # nobody's code was used up


def test_an_address_off_the_ip_list_is_named_to_the_operator(sim, client):
    sim.fault(errcode=40164)

    with pytest.raises(WechatMisconfigured, match=r"40164: add 127\.0\.0\.1 to the IP list"):
        client.login(sim.phone_login())


def test_a_blocked_person_is_refused_until_the_block_is_lifted(sim, client):
    sim.post("/__sim/block", openid="oDemoResident09")
    with pytest.raises(LoginBlocked):
        client.login(sim.phone_login("oDemoResident09"))

    sim.post("/__sim/block", openid="oDemoResident09", blocked=False)

    assert client.login(sim.phone_login("oDemoResident09"))


def test_the_hundred_and_first_login_in_a_minute_waits_for_the_next(sim, client, clock):
    answers = [sim.exchange(sim.phone_login("oDemoResident01")) for _ in range(100)]

    with pytest.raises(WechatBusy) as refusal:
        client.login(sim.phone_login("oDemoResident01"))

    assert all("openid" in answer for answer in answers)
    assert (refusal.value.errcode, refusal.value.retry_after) == (45011, 60)
    assert client.login(sim.phone_login("oDemoResident02"))
    clock.move(seconds=60)
    assert client.login(sim.phone_login("oDemoResident01"))


def test_a_busy_wechat_is_asked_once_more(sim, client):
    sim.fault(errcode=-1)

    assert client.login(sim.phone_login())
    assert sim.calls() == 2


def test_a_wechat_that_stays_busy_is_not_asked_a_third_time(sim, client):
    sim.fault(errcode=-1, times=3)

    with pytest.raises(WechatBusy) as refusal:
        client.login(sim.phone_login())

    assert (refusal.value.errcode, refusal.value.retry_after) == (-1, 5)
    assert sim.calls() == 2


def test_the_daily_limit_is_not_asked_again_soon(sim, client):
    sim.fault(errcode=45009)

    with pytest.raises(WechatBusy) as refusal:
        client.login(sim.phone_login())

    assert refusal.value.retry_after == 12 * 3600  # it is noon in China


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"http": 500}, "HTTP status 500"),
        ({"http": 429}, "HTTP status 429"),
        ({"body": "malformed"}, "cannot be read"),
        ({"body": "oversized"}, "far too long"),
        ({"drop": True}, "broke off"),
    ],
    ids=str,
)
def test_a_broken_answer_means_busy_and_is_not_repeated(sim, client, fault, told):
    code = sim.phone_login()
    sim.fault(**fault)

    with pytest.raises(WechatBusy, match=told):
        client.login(code)

    assert sim.calls() == 1
    assert client.login(code)  # the fault was all that was wrong


@pytest.mark.parametrize(
    "budget",
    [Budget(read=0.1), Budget(total=0.1)],
    ids=["one read takes too long", "everything together takes too long"],
)
def test_a_late_answer_means_busy_within_the_budget(sim, connect, budget):
    sim.fault(delay=10)
    client = connect(budget=budget)
    code = sim.phone_login()

    began = time.monotonic()
    with pytest.raises(WechatBusy):
        client.login(code)

    assert time.monotonic() - began < 3  # far less than the delay, on a slow machine too


def test_nobody_listening_means_busy(connect):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    with pytest.raises(WechatUnreachable):
        connect(base_url=f"http://127.0.0.1:{port}").login("0anycode")


def test_five_failures_open_the_circuit_and_a_good_trial_closes_it(sim, client, clock):
    sim.fault(http=503, times=5)
    for _ in range(5):
        with pytest.raises(WechatBusy):
            client.login("0anycode")

    clock.move(seconds=10)
    with pytest.raises(WechatBusy) as left_alone:
        client.login(sim.phone_login())

    assert left_alone.value.retry_after == 20
    assert sim.calls() == 5
    clock.move(seconds=20)
    assert client.login(sim.phone_login())
    assert client.login(sim.phone_login())


def test_people_who_send_bad_codes_or_hurry_cannot_open_the_circuit(sim, client):
    sim.fault(errcode=45011, times=6)
    for _ in range(6):
        with pytest.raises(WechatBusy):
            client.login("0anycode")
    for _ in range(6):
        with pytest.raises(LoginCodeInvalid):
            client.login("0anycode")

    assert client.login(sim.phone_login())


def test_a_login_leaves_no_secret_in_the_log(sim, client, caplog):
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="httpcore")  # which the service itself keeps quiet
    code = sim.phone_login()

    client.login(code)

    assert "httpcore" in caplog.text  # the log was listening, down to the transport
    for secret in (DEMO_SECRET, code, "js_code", "session_key"):
        assert secret not in caplog.text


@pytest.mark.parametrize(
    "fault", [{"errcode": 40125}, {"http": 500}, {"drop": True}, {"body": "malformed"}], ids=str
)
def test_a_refusal_tells_no_secret(sim, client, caplog, fault):
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="httpcore")  # which the service itself keeps quiet
    code = sim.phone_login()
    sim.fault(**fault)

    with pytest.raises(WechatRefusal) as refusal:
        client.login(code)

    told = repr(refusal.value) + "".join(traceback.format_exception(refusal.value))
    assert refusal.value.__context__ is None  # no exception of the transport, with the address
    for secret in (DEMO_SECRET, code, "js_code", "session_key"):
        assert secret not in caplog.text + told
