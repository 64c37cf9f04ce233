"""Logs say what happened, never to whom: nothing personal and no secret is ever in a line."""

import json
import os
import socket
import subprocess
import sys
from uuid import uuid4

import httpx
import pytest

from app.wechat.client import WechatClient
from tests.support.fixtures import application
from tests.support.house import ROOT, free_port, until
from tests.support.refusals import refusal

NAME = "金丝雀"


def test_nothing_planted_comes_up_in_the_logs(api, world, counter, phone, log_lines, hands):
    lin = world.person(NAME, points=40)
    openid, password = world.openid_of(lin), "canary-password-0001"
    username = world.employ(counter.manager, password=password)
    login_code, key = phone(openid), uuid4().hex
    station, activity = world.station(name="Canary station"), world.activity(title="Canary")
    wall, screen = world.code_of(station), world.venue_code(activity)

    token = api.post("/sessions", platform="wechat", appid=world.appid, code=login_code).json[
        "token"
    ]
    api.post("/sessions", platform="wechat", appid=world.appid, code=login_code)
    staff_token = api.post("/staff-sessions", username=username, password=password).json["token"]
    api.post("/staff-sessions", username=username, password=f"{password}!")
    api.bearing(token)
    api.bearing(f"{token}x")
    shown = api.post("/me/redeem-codes", as_=lin).json
    api.post("/scans", as_=lin, text=wall)
    api.post("/scans", as_=lin, text="S" + "canary" * 4)
    api.post("/station-visits", as_=lin, code=wall)
    api.post(f"/activities/{activity.id}/check-ins", as_=lin, code=screen)
    api.get(f"/q/{wall}")
    near = {"lat": 31.23045, "lng": 118.37654, "crs": "gcj02"}
    for what in ("stations", "shops"):
        api.get(f"/{what}", as_=lin, near="31.23045,118.37654")
        api.post(f"/{what}/search", as_=lin, near=near)
    counter.redeem(shown["code"], key=key)
    counter.redeem(shown["digits"])
    world.settle()

    logged = "\n".join(log_lines())
    planted = [NAME, openid, login_code, token, staff_token, username, password, key, wall, screen]
    planted += [shown["code"], shown["digits"], "31.23045", str(lin.id), "canary", "Canary"]
    assert [secret for secret in planted if secret in logged] == []
    assert len(log_lines()) >= 14


def test_an_unexpected_error_is_logged_without_its_words(app, api, world, monkeypatch, log_lines):
    class Broken:
        def enqueue(self, _job):
            raise LookupError(NAME)

    monkeypatch.setitem(app.extensions, "queue", Broken())
    lin = world.person()

    answer = api.post("/station-visits", as_=lin, code=world.code_of(world.station()))

    (line,) = [json.loads(line) for line in log_lines() if "after-commit" in line]
    assert answer.status_code == 201
    assert line["error_type"] == "LookupError"
    assert line["exception"]
    assert NAME not in "\n".join(log_lines())


@pytest.mark.parametrize(
    ("errmsg", "errcode", "level", "told"),
    [
        ("invalid appsecret", 40125, "error", "errcode 40125"),
        ("invalid ip 203.0.113.7 ipv6 ::, not in whitelist", 40164, "error", "add 203.0.113.7"),
        ("system busy", -1, "warning", "busy"),
    ],
)
def test_why_nobody_can_sign_in_is_told_to_the_operator(
    api, world, monkeypatch, log_lines, errmsg, errcode, level, told
):
    trace_id = "5f1e2d3c-0a1b2c3d-4e5f6a7b"
    refused = {"errcode": errcode, "errmsg": f"{errmsg} rid: {trace_id}"}
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, json=refused))
    client = WechatClient(world.appid, "s", base_url="http://wechat.test", transport=transport)
    monkeypatch.setitem(world.app.extensions["super_apps"], ("wechat", world.appid), client)

    answer = api.post("/sessions", platform="wechat", appid=world.appid, code="canary-code")

    (line,) = [json.loads(line) for line in log_lines() if "errcode" in json.loads(line)]
    assert refusal(answer) == (503, "login_unavailable")
    assert (line["level"], line["errcode"], line["trace_id"]) == (level, errcode, trace_id)
    assert told in line["event"]
    assert "canary" not in "\n".join(log_lines())


@pytest.fixture
def half_broken(settings):
    """An application that breaks once more while it answers."""
    with application(settings) as app:
        app.after_request(lambda _answer: 1 / 0)
        yield app


def test_an_error_beside_every_handler_is_logged_without_the_path(half_broken, log_lines):
    answer = half_broken.test_client().get("/q/canary-code")

    lines = [json.loads(line) for line in log_lines()]
    of_flask = [(line["event"], line["error_type"]) for line in lines if line["logger"] == "app"]
    assert answer.status_code == 500
    assert set(of_flask) == {("unexpected error", "ZeroDivisionError")}
    assert "canary" not in "\n".join(log_lines())


@pytest.fixture
def web_server(tmp_path):
    """gunicorn as the service runs it, with an application that always breaks."""
    (tmp_path / "broken.py").write_text("def app(environ, start): raise LookupError(environ)\n")
    port = free_port()
    environ = {"PATH": os.defpath, "PORT": str(port), "BIND": "127.0.0.1", "WEB_WORKERS": "1"}
    command = [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py"]
    with subprocess.Popen(
        [*command, "--pythonpath", tmp_path, "broken:app"],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield port, process
        process.kill()


def test_the_web_server_logs_as_everybody_does(web_server):
    """Takes about a second: gunicorn starts."""
    port, process = web_server
    until(lambda: _answered(port, b"GET /q/canary-code HTTP/1.1\r\nHost: x\r\n\r\n"))
    _answered(port, b"GET /q/canary-code HTTP/canary\r\n\r\n")
    process.terminate()

    _, said = process.communicate(timeout=30)

    lines = [json.loads(line) for line in said.splitlines()]
    events = [(line["event"], line.get("error_type")) for line in lines]
    assert ("Error handling request %s %s", "LookupError") in events
    assert ("web server", None) in events
    assert "canary" not in said
    assert "127.0.0.1" not in said


def _answered(port: int, request: bytes) -> bytes:
    """What the server answers; nothing while it does not listen."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
            line.sendall(request)
            return line.recv(4096)
    except ConnectionError:
        return b""


def test_every_line_is_one_json_object_with_the_request_it_belongs_to(api, world, log_lines):
    answer = api.post("/scans", as_=world.person(), text="S" + "x" * 22)

    lines = [json.loads(line) for line in log_lines()]
    (line,) = [line for line in lines if line["event"] == "request"]
    assert line["request_id"] == answer.headers["X-Request-ID"] == answer.json["request_id"]
    assert (line["route"], line["status"], line["code"]) == ("/api/v1/scans", 404, "code_unknown")


@pytest.mark.parametrize("given", ["a\nb" * 9, "x" * 65, "short", "{'a': 1}abc"])
def test_an_id_from_outside_that_is_none_is_not_repeated(world, given):
    client = world.app.test_client()
    headers = {"X-Request-ID": given.replace("\n", " ")}

    answer = client.get("/healthz", headers=headers)

    assert answer.headers["X-Request-ID"] != given
    assert len(answer.headers["X-Request-ID"]) == 32


def test_an_id_from_outside_that_is_one_is_kept(api):
    api.request_id = "0af7651916cd43dd8448eb211c80319c"

    assert api.get("/healthz").headers["X-Request-ID"] == api.request_id
