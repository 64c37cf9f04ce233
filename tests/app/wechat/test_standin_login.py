"""The stand-in's logins, as the contract words them."""

import base64
import hashlib
import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from app.wechat.standin import DEMO_APPID, DEMO_SECRET, create_standin
from app.wechat.standin.logins import sign
from tests.app.wechat.support import LOGIN
from tests.support.hands import NOON


def test_an_error_is_http_200_and_its_tail_begins_with_the_time(sim):
    answer = sim.get(LOGIN)

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.json()["errcode"] == 40002
    tail = re.fullmatch(r"invalid grant_type rid: (\w{8})-\w{8}-\w{8}", answer.json()["errmsg"])
    assert int(tail[1], 16) == NOON.timestamp()


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"grant_type": "client_credential"}, 40002),
        ({"appid": ""}, 41002),
        ({"secret": ""}, 41004),
        ({"appid": "wxwrong", "secret": "wrong"}, 40013),
        ({"secret": "wrong"}, 40125),
        ({"js_code": ""}, 41008),
        ({"js_code": "0unknown"}, 40029),
    ],
)
def test_parameters_are_checked_in_order(sim, changes, errcode):
    assert sim.exchange("0code", **changes)["errcode"] == errcode


@pytest.mark.parametrize(
    ("path", "errcode"),
    [
        (LOGIN, 43001),
        ("/cgi-bin/token", 43001),
        ("/wxa/checksession", 43001),
    ],
)
def test_a_post_where_get_is_due_is_told_so(sim, path, errcode):
    assert sim.post(path).json()["errcode"] == errcode


def test_success_has_no_errcode_and_a_key_of_sixteen_bytes(sim):
    answer = sim.exchange(sim.phone_login("oDemoMember07"))

    assert set(answer) == {"openid", "session_key"}
    assert len(base64.b64decode(answer["session_key"], validate=True)) == 16


def test_of_many_at_once_one_gets_the_code(clock):
    standin = create_standin(clock=clock, sim_admin=True)
    code = standin.test_client().post("/__sim/wx_login", json={"openid": "oX"}).json["code"]
    query = {
        "appid": DEMO_APPID,
        "secret": DEMO_SECRET,
        "js_code": code,
        "grant_type": "authorization_code",
    }

    def exchange(_):
        with httpx.Client(
            transport=httpx.WSGITransport(standin), base_url="http://standin"
        ) as http:
            return http.get(LOGIN, params=query).json()

    with ThreadPoolExecutor(16) as phones:
        answers = list(phones.map(exchange, range(16)))

    assert sorted(answer.get("errcode", 0) for answer in answers) == [0] + [40163] * 15


def test_the_signature_is_made_with_the_key_as_text():
    signature = sign('{"foo":"bar"}', session_key="o0q0otL8aEzpcZL/FT9WsQ==")

    assert signature == "654571f79995b2ce1e149e53c0a33dc39c0a74090db514261454e8dbe432aa0b"


def check_session(sim, openid, signature, sig_method="hmac_sha256"):
    return sim.get(
        "/wxa/checksession",
        access_token=sim.stable_token()["access_token"],
        openid=openid,
        signature=signature,
        sig_method=sig_method,
    ).json()


def test_a_session_is_good_until_the_next_login(sim):
    old = sim.exchange(sim.phone_login("oX"))["session_key"]
    before = check_session(sim, "oX", sign("", session_key=old))

    code = sim.phone_login("oX")
    after = check_session(sim, "oX", sign("", session_key=old))
    new = sim.exchange(code)["session_key"]

    assert before == {"errcode": 0, "errmsg": "ok"}
    assert after["errcode"] == 87009
    assert check_session(sim, "oX", sign("", session_key=new))["errcode"] == 0


def test_signatures_that_are_not_one(sim):
    key = sim.exchange(sim.phone_login("oX"))["session_key"]
    good = sign("", session_key=key)
    decoded = hashlib.sha256(base64.b64decode(key)).hexdigest()

    errcodes = [
        check_session(sim, "oX", good, sig_method="sha1")["errcode"],
        check_session(sim, "oX", decoded)["errcode"],
        check_session(sim, "oX", "签名")["errcode"],
        check_session(sim, "oNobody", good)["errcode"],
    ]

    assert errcodes == [87009, 87009, 87009, 40003]
