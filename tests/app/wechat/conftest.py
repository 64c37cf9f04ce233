"""Fixtures: a clock, a stand-in that listens, and our client that talks to it."""

import json

import httpx
import pytest

from app.wechat.client import WechatClient
from app.wechat.outfit import Outfit
from app.wechat.standin import DEMO_APPID, DEMO_SECRET
from tests.app.wechat.support import running
from tests.support.hands import Hands
from tests.support.serving import PATIENT


@pytest.fixture
def clock():
    return Hands()


@pytest.fixture
def sim(clock):
    with running(clock) as sim:
        yield sim


@pytest.fixture
def connect(sim, clock):
    """Make clients of the stand-in, and close them afterwards."""
    made = []

    def connect_client(*, appid=DEMO_APPID, secret=DEMO_SECRET, base_url=None, **options):
        transport = options.pop("transport", sim.transport)
        outfit = Outfit(**{"monotonic": clock.monotonic, "now": clock, "budget": PATIENT} | options)
        made.append(
            WechatClient(
                appid,
                secret,
                base_url=base_url or sim.url,
                transport=transport,
                outfit=outfit,
            )
        )
        return made[-1]

    yield connect_client
    for client in made:
        client.close()


@pytest.fixture
def client(connect):
    return connect()


@pytest.fixture
def scripted():
    """A transport that gives out a token, and answers everything else with these words."""

    def answering(words):
        raw = words if isinstance(words, bytes | str) else json.dumps(words)

        def answer(request):
            if words is None:
                raise httpx.ConnectError("nobody listens")
            if request.url.path == "/cgi-bin/stable_token" and "access_token" not in str(words):
                token = {"access_token": "a-token", "expires_in": 7200}
                return httpx.Response(200, json=token)
            return httpx.Response(200, content=raw)

        return httpx.MockTransport(answer)

    return answering
