"""The stand-in as a server: who may reach what, and how it comes and goes."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Thread

import httpx
import pytest

from app.wechat.standin import DEMO_SECRET, create_standin
from app.wechat.standin.faults import Faults
from app.wechat.standin.server import open_server

ROOT = Path(__file__).parents[3]


def test_the_back_door_is_shut_unless_asked_for(clock):
    http = create_standin(clock=clock).test_client()

    assert http.post("/__sim/wx_login", json={"openid": "oX"}).status_code == 404
    assert http.post("/__sim/faults", json={}).status_code == 404
    assert http.get("/__sim/state").status_code == 404
    assert http.get("/__sim/health").json == {"status": "ready"}


def test_the_state_holds_no_secret(sim):
    code = sim.phone_login("oX")
    key = sim.exchange(sim.phone_login("oY"))["session_key"]
    token = sim.stable_token()["access_token"]

    state = sim.get("/__sim/state")

    for secret in (DEMO_SECRET, code, key, token):
        assert secret not in state.text
    assert state.json()["codes_unused"] == 1
    assert state.json()["codes_used"] == 1
    assert state.json()["tokens_remembered"] == 1


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"api": "/nowhere", "drop": True},
        {"api": "/cgi-bin/token"},
        {"api": "/cgi-bin/token", "drop": True, "http": 500},
        {"api": "/cgi-bin/token", "drop": False},
        {"api": "/cgi-bin/token", "delay": 11},
        {"api": "/cgi-bin/token", "delay": -1},
        {"api": "/cgi-bin/token", "delay": "1"},
        {"api": "/cgi-bin/token", "http": 200},
        {"api": "/cgi-bin/token", "errcode": True},
        {"api": "/cgi-bin/token", "errcode": 1.5},
        {"api": "/cgi-bin/token", "body": "nonsense"},
        {"api": "/cgi-bin/token", "drop": True, "times": 0},
        {"api": "/cgi-bin/token", "drop": True, "times": 1001},
        {"api": "/cgi-bin/token", "drop": True, "times": True},
        {"api": ["/cgi-bin/token"], "drop": True},
    ],
    ids=str,
)
def test_an_unclear_fault_is_refused(sim, wanted):
    answer = sim.post("/__sim/faults", **wanted)

    assert answer.status_code == 400
    assert answer.json()["error"]


@pytest.mark.parametrize("openid", ["", "o X", 5, None, "o" * 65])
def test_a_login_needs_a_name(sim, openid):
    assert sim.post("/__sim/wx_login", openid=openid).status_code == 400
    assert sim.post("/__sim/block", openid=openid).status_code == 400


def test_a_web_page_cannot_post_to_the_back_door(sim):
    assert sim.post_raw("/__sim/wx_login", b'{"openid":"oX"}').status_code == 400


def test_faults_are_suffered_in_order_and_can_be_cleared(sim):
    sim.fault(errcode=45009)
    sim.fault(errcode=-1, times=2)

    first, second = (sim.exchange("0code")["errcode"] for _ in range(2))
    sim.clear_faults()

    assert (first, second) == (45009, -1)
    assert sim.exchange("0code")["errcode"] == 40029


def test_a_short_delay_only_delays(sim):
    sim.fault(delay=0.01)

    assert sim.exchange(sim.phone_login("oX"))["openid"] == "oX"


def test_clearing_the_faults_lets_go_whoever_is_held_up():
    faults = Faults()
    held_up = Thread(target=faults.hold_up, args=(10,), daemon=True)
    held_up.start()

    for _ in range(100):  # the first may come before the thread waits
        faults.clear()
        held_up.join(0.01)

    assert not held_up.is_alive()


def test_a_seed_makes_codes_repeatable_and_none_makes_them_random(clock):
    def first_code(seed):
        http = create_standin(clock=clock, seed=seed, sim_admin=True).test_client()
        return http.post("/__sim/wx_login", json={"openid": "oX"}).json["code"]

    assert first_code(1) == first_code(1)
    assert first_code(None) != first_code(None)


def test_it_listens_on_this_machine_only(clock):
    server = open_server(create_standin(clock=clock), port=0)
    bound_to = server.socket.getsockname()[0]
    server.server_close()

    assert bound_to == "127.0.0.1"


@pytest.mark.parametrize(("env", "said"), [("production", "ENV=production"), ("prod", "ENV must")])
def test_it_does_not_start_where_people_are_real(env, said):
    """Takes about half a second: a Python starts."""
    outcome = subprocess.run(
        [sys.executable, "-m", "app.wechat.standin", "--port", "0"],
        cwd=ROOT,
        env={"PATH": os.defpath, "ENV": env},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert outcome.returncode == 1
    assert said in outcome.stderr
    assert outcome.stderr.count("\n") == 1


def test_the_command_serves_until_it_is_told_to_end():
    """Takes about a second: a Python starts."""
    command = [sys.executable, "-m", "app.wechat.standin", "--port", "0", "--sim-admin"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        url = process.stdout.readline().rpartition(" ")[2].strip()
        with httpx.Client(base_url=url, trust_env=False) as http:
            ready = http.get("/__sim/health").json()
            code = http.post("/__sim/wx_login", json={"openid": "oDemoResident01"}).json()["code"]
            http.get("/sns/jscode2session", params={"secret": DEMO_SECRET, "js_code": code})
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=5)

    assert ready == {"status": "ready"}
    assert process.returncode == 0
    assert (out, err) == ("", "")
