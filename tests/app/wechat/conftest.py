"""Fixtures: a clock, a stand-in that listens, and our client that talks to it."""

import pytest

from app.wechat.client import WechatClient
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
        options.setdefault("monotonic", clock.monotonic)
        options.setdefault("budget", PATIENT)
        made.append(WechatClient(appid, secret, base_url=base_url or sim.url, **options))
        return made[-1]

    yield connect_client
    for client in made:
        client.close()


@pytest.fixture
def client(connect):
    return connect()
