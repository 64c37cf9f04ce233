"""One token for every process: it stands in the database, and one renews it for all."""

import subprocess
import sys
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.core.db import Database
from app.wechat.errors import WechatBusy
from app.wechat.standin import DEMO_APPID
from app.wechat.token_store import DatabaseTokens
from app.wechat.tokens import Token
from tests.app.wechat.fetcher import call_in_threads
from tests.support.house import ROOT

FETCH, LINK = "/cgi-bin/stable_token", "/wxa/generate_urllink"
THREADS, OTHERS = 16, 8


@pytest.fixture(autouse=True)
def _no_token(owner):
    """The row is everybody's; each test begins and ends without it."""
    forget(owner)
    yield
    forget(owner)


def forget(owner):
    session = owner.open(None)
    session.execute(sa.text("DELETE FROM wechat_token"))
    session.commit()
    session.close()


def put(app, token):
    with app.app_context(), DatabaseTokens(app.extensions["vault"]).locked(DEMO_APPID) as held:
        held.write(token)


@pytest.fixture
def client(app, connect):
    return connect(tokens=DatabaseTokens(app.extensions["vault"]))


@contextmanager
def process(settings, sim, clock):
    """Another process that is ready to call."""
    arguments = (
        settings.database_url,
        sim.url,
        clock().isoformat(),
        str(OTHERS),
        settings.data_keys,
    )
    command = [sys.executable, "-m", "tests.app.wechat.fetcher", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout.readline() == "ready\n"
        yield running


def test_sixteen_threads_and_two_processes_at_expiry_fetch_one_token(
    app, settings, sim, client, clock
):
    """Takes about three seconds: two Pythons start."""
    put(app, Token("of-yesterday", clock() - timedelta(hours=1)))
    with ExitStack() as stack:
        others = [stack.enter_context(process(settings, sim, clock)) for _ in range(2)]
        for other in others:
            other.stdin.write("go\n")
            other.stdin.flush()
        here = call_in_threads(app, client, THREADS)
        there = [int(other.stdout.readline()) for other in others]

    assert (here, there) == (THREADS, [OTHERS, OTHERS])
    assert sim.calls(FETCH) == 1
    assert sim.calls(LINK) == THREADS + 2 * OTHERS


def test_two_hundred_calls_at_expiry_renew_it_once(app, sim, client, clock):
    put(app, Token("of-yesterday", clock() - timedelta(hours=1)))

    answered = call_in_threads(app, client, 200)

    assert answered == 200
    assert sim.calls(FETCH) == 1


def test_a_renewal_that_fails_leaves_the_old_token_and_lets_the_next_one_try(
    app, sim, client, clock
):
    put(app, Token("of-yesterday", clock() - timedelta(hours=1)))
    sim.fault(api=FETCH, http=500)
    with app.app_context():
        with pytest.raises(WechatBusy):
            client.link("pages/index/index", "")
        kept = DatabaseTokens(app.extensions["vault"]).read(DEMO_APPID)
        link = client.link("pages/index/index", "")

    assert kept.text == "of-yesterday"
    assert link.startswith("https://")


def test_nobody_waits_for_a_renewal_for_ever(app, settings):
    impatient = DatabaseTokens(app.extensions["vault"], longest_wait=0.1)
    with (
        app.app_context(),
        DatabaseTokens(app.extensions["vault"]).locked(DEMO_APPID),
        pytest.raises(WechatBusy) as busy,
        impatient.locked(DEMO_APPID),
    ):
        pytest.fail("the lock is somebody else's")

    assert busy.value.undone


def test_a_database_that_is_gone_is_one_more_reason_to_wait(app, client, monkeypatch):
    gone = Database("postgresql+psycopg://localhost:1/nothing", role="app")
    monkeypatch.setitem(app.extensions, "database", gone)

    with app.app_context(), pytest.raises(WechatBusy, match="cannot be read"):
        client.link("pages/index/index", "")


def test_the_token_stands_there_sealed_and_one_that_was_tampered_with_is_none(app, owner, clock):
    put(app, Token("a-token-in-clear", clock() + timedelta(hours=1)))
    session = owner.open(None)
    kept = session.execute(sa.text("SELECT token FROM wechat_token")).scalar_one()
    with app.app_context():
        before = DatabaseTokens(app.extensions["vault"]).read(DEMO_APPID)
        session.execute(
            sa.text("UPDATE wechat_token SET token = overlay(token placing 'AAAA' from 30)")
        )
        session.commit()
        after = DatabaseTokens(app.extensions["vault"]).read(DEMO_APPID)
    session.close()

    assert kept.startswith("v1|")
    assert "a-token-in-clear" not in kept
    assert before.text == "a-token-in-clear"
    assert after is None


def test_a_token_is_not_shown(clock):
    assert "secret" not in repr(Token("secret", clock()))
