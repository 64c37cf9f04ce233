"""When something is wrong with WeChat: only signing in is affected, with a sentence that helps."""

from contextlib import closing

import pytest

from app.wechat.budget import Budget
from app.wechat.client import WechatClient
from app.wechat.outfit import Outfit
from app.wechat.standin import DEMO_SECRET, RegisteredApp
from tests.app.wechat.support import running
from tests.support.refusals import refusal
from tests.support.serving import PATIENT

NEWCOMER = "oFailing00000000000000000001"
IN_A_MOMENT = "微信登录暂时繁忙，请稍后再试。"
FOR_THE_OPERATOR = "微信登录尚未配置好，请联系平台管理员。"
HASTY = Budget(connect=0.3, read=0.3, total=0.4)


@pytest.fixture
def sim(world, hands):
    """WeChat behind a real socket, for the city's mini-program."""
    with running(hands, registered=RegisteredApp(appid=world.appid)) as sim:
        yield sim


@pytest.fixture
def use(world, sim, hands, monkeypatch):
    """Lets the service speak to that WeChat, patiently or not."""

    def use(*, secret=DEMO_SECRET, budget=PATIENT, base_url=None):
        outfit = Outfit(now=hands, monotonic=hands.monotonic, budget=budget)
        client = WechatClient(world.appid, secret, base_url=base_url or sim.url, outfit=outfit)
        apps = world.app.extensions["super_apps"]
        monkeypatch.setitem(apps, ("wechat", world.appid), client)
        return closing(client)

    return use


@pytest.fixture
def sign_in(api, world, sim):
    def sign_in(code=None):
        code = code or sim.phone_login(NEWCOMER)
        return api.post("/sessions", platform="wechat", appid=world.appid, code=code)

    return sign_in


def sentence(answer):
    return answer.json["detail"]


@pytest.mark.parametrize(
    ("fault", "told", "retry_after"),
    [
        ({"preset": "busy", "times": 2}, IN_A_MOMENT, "5"),
        ({"preset": "minute"}, IN_A_MOMENT, "60"),
        ({"preset": "quota"}, IN_A_MOMENT, "43200"),
        ({"http": 429}, IN_A_MOMENT, "60"),
        ({"http": 502}, IN_A_MOMENT, "5"),
        ({"drop": True}, IN_A_MOMENT, "5"),
        ({"body": "malformed"}, IN_A_MOMENT, "5"),
        ({"body": "oversized"}, IN_A_MOMENT, "5"),
        ({"preset": "ip"}, FOR_THE_OPERATOR, "60"),
        ({"errcode": 40243}, FOR_THE_OPERATOR, "60"),
        ({"errcode": 40001}, FOR_THE_OPERATOR, "60"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_only_signing_in_fails_and_says_when_to_come_back(
    api, world, sim, use, sign_in, fault, told, retry_after
):
    lin = world.person()
    api.get("/me", as_=lin)
    with use(), world.changes() as changed:
        sim.fault(**fault)
        failed = sign_in()
        goes_on = api.get("/me/balances", as_=lin)

    assert refusal(failed) == (503, "login_unavailable")
    assert (sentence(failed), failed.headers["Retry-After"]) == (told, retry_after)
    assert goes_on.status_code == 200
    assert changed == {}


@pytest.mark.parametrize("fault", [{"delay": 5}, {"preset": "slow"}], ids=["slow", "silent"])
def test_a_wechat_that_is_slow_or_silent_is_not_waited_for(sim, use, sign_in, fault):
    with use(budget=HASTY):
        sim.fault(**fault)
        failed = sign_in()

    assert refusal(failed) == (503, "login_unavailable")
    assert sentence(failed) == IN_A_MOMENT


def test_nobody_listening_is_said_as_well(use, sign_in):
    with use(base_url="http://127.0.0.1:1"):
        failed = sign_in()

    assert refusal(failed) == (503, "login_unavailable")


def test_a_wrong_secret_is_the_operators_business(use, sign_in):
    with use(secret="wrong"):
        failed = sign_in()

    assert (refusal(failed), sentence(failed)) == ((503, "login_unavailable"), FOR_THE_OPERATOR)


def test_a_used_and_an_expired_code_ask_for_a_new_one(world, sim, use, sign_in, hands):
    used, old = sim.phone_login(NEWCOMER), sim.phone_login(NEWCOMER)
    with use():
        sign_in(used)
        with world.changes() as changed:
            again = sign_in(used)
            hands.move(seconds=301)
            late = sign_in(old)

    assert refusal(again) == refusal(late) == (401, "login_code_refused")
    assert sentence(again) == "登录码已失效，请退出后重新进入小程序。"
    assert changed == {}


def test_whoever_wechat_holds_back_is_shown_another_way(world, sim, use, sign_in):
    sim.post("/__sim/block", openid=NEWCOMER)
    with use(), world.changes() as changed:
        answer = sign_in()

    assert refusal(answer) == (403, "login_blocked")
    assert sentence(answer) == "微信暂时不允许这个账号登录，请到社区服务台办理。"
    assert changed == {}


def test_after_five_failures_wechat_is_left_alone_and_then_tried_again(sim, use, sign_in, hands):
    with use():
        sim.fault(http=500, times=5)
        for _ in range(5):
            sign_in()
        resting = sign_in()
        asked = sim.calls()
        hands.move(seconds=30)
        good = sign_in()

    assert (resting.headers["Retry-After"], asked) == ("30", 5)
    assert good.status_code == 201
