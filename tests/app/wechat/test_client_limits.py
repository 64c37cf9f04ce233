"""Our client against servers no honest stand-in would be."""

from threading import Event

import httpx
import pytest

from app.wechat.budget import Budget
from app.wechat.client import WechatClient
from app.wechat.errors import WechatBusy
from app.wechat.outfit import Outfit


class Scripted(httpx.BaseTransport):
    """A transport that answers by a function, and remembers what it was asked."""

    def __init__(self, answer):
        self._answer = answer
        self.asked = []

    def handle_request(self, request):
        self.asked.append(request)
        return self._answer(request)


class Dripping(httpx.SyncByteStream):
    """A body without an end; each byte takes a second of the clock."""

    def __init__(self, clock):
        self._clock = clock
        self.sent = 0
        self.closed = False

    def __iter__(self):
        while True:
            self._clock.move(seconds=1)
            self.sent += 1
            yield b" "

    def close(self):
        self.closed = True


def test_the_request_is_the_one_wechat_documents():
    transport = Scripted(lambda _: httpx.Response(200, json={"openid": "oX", "session_key": "k"}))
    client = WechatClient("wxa", "s&?", base_url="https://api.example", transport=transport)

    client.login("0code")

    (request,) = transport.asked
    assert request.method == "GET"
    assert request.url.copy_with(query=None) == "https://api.example/sns/jscode2session"
    assert dict(request.url.params) == {
        "appid": "wxa",
        "secret": "s&?",
        "js_code": "0code",
        "grant_type": "authorization_code",
    }
    assert request.extensions["timeout"] == {"connect": 1, "pool": 1, "write": 2, "read": 2}


def test_a_body_that_never_ends_is_left_when_the_budget_is_spent(clock):
    body = Dripping(clock)
    transport = Scripted(lambda _: httpx.Response(200, stream=body))
    client = WechatClient(
        "wxa",
        "s",
        base_url="https://api.example",
        transport=transport,
        outfit=Outfit(monotonic=clock.monotonic),
    )

    with pytest.raises(WechatBusy):
        client.login("0code")

    assert body.sent == 4
    assert body.closed


def test_a_connection_is_tried_twice_and_not_after_the_budget(clock):
    def refuse(_request):
        clock.move(seconds=2)
        raise httpx.ConnectError("refused")

    transport = Scripted(refuse)
    client = WechatClient(
        "wxa",
        "s",
        base_url="https://api.example",
        transport=transport,
        outfit=Outfit(monotonic=clock.monotonic),
    )
    hasty = WechatClient(
        "wxa",
        "s",
        base_url="https://api.example",
        transport=transport,
        outfit=Outfit(monotonic=clock.monotonic, budget=Budget(total=2)),
    )

    with pytest.raises(WechatBusy):
        client.login("0code")
    with pytest.raises(WechatBusy):
        hasty.login("0code")

    assert len(transport.asked) == 2 + 1


def test_a_call_that_hangs_is_given_up():
    never = Event()
    transport = Scripted(lambda _: never.wait(10) and httpx.Response(200))
    client = WechatClient(
        "wxa",
        "s",
        base_url="https://api.example",
        transport=transport,
        outfit=Outfit(budget=Budget(total=0.05)),
    )

    with pytest.raises(WechatBusy, match="in time"):
        client.login("0code")

    never.set()


def test_a_redirect_is_not_followed():
    elsewhere = {"location": "https://evil.example/"}
    transport = Scripted(lambda _: httpx.Response(302, headers=elsewhere))
    client = WechatClient("wxa", "s", base_url="https://api.example", transport=transport)

    with pytest.raises(WechatBusy):
        client.login("0code")

    assert len(transport.asked) == 1
