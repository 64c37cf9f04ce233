"""What is counted, for whoever has the token; no identifier is in any label."""

import re

import pytest
from redis import Redis

from app.core import worker as workers
from app.core.metrics import OWN, WECHAT, Tally
from app.core.queue import Bell
from app.ledger import nightly
from tests.browser.worker import own_redis
from tests.support import calls
from tests.support.browser import TOKEN
from tests.support.fixtures import METRICS_TOKEN

SAME = {"X-Request-ID": "the-same-for-both"}
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}")


@pytest.fixture
def read(app):
    """The page, asked with a token or none."""

    def read(token=METRICS_TOKEN):
        headers = SAME | ({"Authorization": f"Bearer {token}"} if token else {})
        return app.test_client().get("/metrics", headers=headers)

    return read


@pytest.fixture
def redis_url(stand, request):
    return own_redis(stand.redis_url, request.config)


@pytest.fixture
def redis(redis_url):
    with Redis.from_url(redis_url) as redis:
        redis.flushdb()
        yield redis
        redis.flushdb()


def value(name, **labels):
    return OWN.get_sample_value(name, labels) or 0.0


def test_without_the_token_there_is_no_such_page(app, read):
    never = app.test_client().get("/never-was", headers=SAME)

    def page(answer, path):
        text = answer.get_data(as_text=True).replace(path, "")
        return answer.status_code, TOKEN.sub("", text)

    for token in (None, "", "wrong", f"{METRICS_TOKEN}x", "é"):
        assert page(read(token), "/metrics") == page(never, "/never-was")


def test_requests_refusals_sales_and_repeated_keys_are_counted(world, api, counter, read):
    route = "/api/v1/shops/<uuid:shop_id>/redemptions"
    names = [
        ("http_requests_total", {"route": route, "method": "POST", "status": "201"}),
        ("http_request_duration_seconds_count", {"route": route}),
        ("redemption_total", {"result": "done"}),
        ("redemption_total", {"result": "code_used"}),
        ("idempotency_total", {"outcome": "first"}),
        ("idempotency_total", {"outcome": "again"}),
        ("auth_failures_total", {"reason": "sign_in_first"}),
        ("authz_denied_total", {"permission": "audit.read"}),
    ]
    before = [value(name, **labels) for name, labels in names]
    lin = world.person(points=40)
    shown = counter.code(lin)

    counter.redeem(shown, key="the-same-key-again")
    counter.redeem(shown, key="the-same-key-again")
    counter.redeem(shown)
    api.get("/me")
    api.get("/audit-entries", as_=lin)

    after = [value(name, **labels) for name, labels in names]
    counted = [now - was for now, was in zip(after, before, strict=True)]
    assert counted == [2, 3, 2, 1, 2, 1, 1, 1]
    text = read().get_data(as_text=True)
    assert f'http_requests_total{{method="POST",route="{route}",status="201"}}' in text
    assert UUID.search(text) is None


def test_what_waits_and_what_the_night_found_stands_there(world, api, read, post_night):
    lin = world.person()
    api.post("/station-visits", as_=lin, code=world.code_of(world.station()))

    text = read().get_data(as_text=True)

    assert figure(text, "settlement_pending_events") >= 1
    assert figure(text, "settlement_dead_letter") >= 0
    assert 'ledger_invariant_violations{oracle="a promise"} 3.0' in text
    assert figure(text, "audit_chains_broken") >= 0  # other cities here may have theirs


def figure(text, name):
    return float(re.search(rf"^{name} (\S+)$", text, re.MULTILINE).group(1))


@pytest.fixture
def post_night(world):
    """The night found something broken."""
    with world.own() as session:
        nightly.note(session, day=world.now().date(), now=world.now(), broken={"a promise": 3})


def test_what_the_worker_calls_is_told_by_those_who_serve(app, read, monkeypatch, redis):
    monkeypatch.setitem(app.extensions, "tally", Tally(redis))
    horse = Tally(redis)

    WECHAT.labels("/cgi-bin/message/subscribe/send", "0").inc()
    WECHAT.labels("/cgi-bin/message/subscribe/send", "43101").inc(2)
    for _ in range(2):  # what was handed over once is not handed over again
        horse.hand_over()

    text = read().get_data(as_text=True)
    line = 'wechat_requests_by_worker_total{api="/cgi-bin/message/subscribe/send",errcode="%s"} %s'
    assert line % ("0", "1.0") in text
    assert line % ("43101", "2.0") in text


def test_without_redis_the_page_stands_and_nothing_is_lost(app, read, monkeypatch, redis):
    tally = Tally(Redis.from_url("redis://127.0.0.1:1/0"))
    monkeypatch.setitem(app.extensions, "tally", tally)
    WECHAT.labels("/sns/jscode2session", "0").inc()

    tally.hand_over()
    assert "by_worker" not in read().get_data(as_text=True)

    tally._redis = redis  # it is back
    tally.hand_over()
    assert redis.hgetall(Tally.KEY) == {b"/sns/jscode2session|0": b"1"}


def test_a_child_of_the_worker_hands_over_what_it_counted(redis, redis_url):
    bell = Bell(redis_url)
    bell.enqueue(calls.call)
    bell.enqueue(calls.call)

    workers.work(redis_url, burst=True)

    assert redis.hgetall(Tally.KEY) == {b"/cgi-bin/message/subscribe/send|0": b"2"}
