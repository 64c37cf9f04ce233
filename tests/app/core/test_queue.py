"""Redis may be absent or silent: nobody waits for it, and nothing is lost."""

import socket
import time
from contextlib import contextmanager

import pytest

from app.core.queue import Bell
from app.ledger import jobs

PATIENCE_SECONDS = 0.5


@contextmanager
def silent_server():
    """Takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@contextmanager
def no_server():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    yield f"redis://127.0.0.1:{port}/0"


@pytest.mark.parametrize("outage", [silent_server, no_server])
def test_a_visit_does_not_wait_for_redis(app, api, world, monkeypatch, outage):
    lin, waited = world.person(), []
    codes = [world.code_of(world.station(name=name)) for name in ("A", "B", "C")]
    api.get("/me", as_=lin)

    with outage() as url:
        for code in codes:  # three times, because this machine may be busy at any one of them
            monkeypatch.setitem(app.extensions, "queue", Bell(url))
            began = time.perf_counter()
            assert api.post("/station-visits", as_=lin, code=code).status_code == 201
            waited.append(time.perf_counter() - began)

    assert min(waited) < PATIENCE_SECONDS
    assert world.settle() == 3
    assert world.points_of(lin) == 6


def test_after_a_silence_the_bell_is_left_alone_for_a_while(app, api, world, monkeypatch):
    lin = world.person()
    codes = [world.code_of(world.station(name=name)) for name in ("A", "B", "C", "D")]
    with silent_server() as url:
        monkeypatch.setitem(app.extensions, "queue", Bell(url))
        api.post("/station-visits", as_=lin, code=codes.pop())

        began = time.perf_counter()
        for code in codes:
            api.post("/station-visits", as_=lin, code=code)
        waited = time.perf_counter() - began

    assert waited < PATIENCE_SECONDS


@pytest.mark.parametrize("outage", [silent_server, no_server])
def test_the_service_is_ready_without_redis_and_says_so(app, api, world, monkeypatch, outage):
    with outage() as url:
        monkeypatch.setitem(app.extensions, "queue", Bell(url))
        answer = api.get("/readyz")

    assert answer.status_code == 200
    assert answer.json == {"database": "ok", "redis": "unreachable"}


def test_a_bell_that_is_heard_puts_one_job_without_data_into_the_queue(stand):
    bell = Bell(stand.redis_url)

    job = bell.enqueue(jobs.settle_waiting)

    assert bell.state() == "ok"
    assert (job.func_name, job.args, job.kwargs) == ("app.ledger.jobs.settle_waiting", (), {})
    job.delete()
