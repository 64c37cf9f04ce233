"""Redis may be absent or silent: nobody waits for it, and nothing is lost."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import pytest

from app.core.queue import REST_SECONDS, UNHEARD_SECONDS, Bell
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


@contextmanager
def silent_resolver():
    """Nobody says where the name leads, and nobody says that nobody does."""
    asked, over = [], Event()

    def look_up(host, *_rest, **_kind):
        asked.append(host)
        over.wait(10)
        raise socket.gaierror

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", look_up)
        yield "redis://redis.example:6379/0", asked
        over.set()


@contextmanager
def no_resolver():
    with silent_resolver() as (url, _asked):
        yield url


OUTAGES = [silent_server, no_server, no_resolver]


@pytest.mark.parametrize("outage", OUTAGES)
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


def test_after_a_silence_the_bell_is_left_alone_for_a_while(app, api, world, monkeypatch, clock):
    lin = world.person()
    codes = [world.code_of(world.station(name=name)) for name in ("A", "B", "C", "D")]
    with silent_resolver() as (url, asked):
        monkeypatch.setitem(app.extensions, "queue", Bell(url, monotonic=clock.monotonic))
        for code in codes:
            assert api.post("/station-visits", as_=lin, code=code).status_code == 201

    assert len(asked) == 1


def test_after_the_rest_one_request_tries_and_the_others_do_not_wait(clock):
    with silent_resolver() as (url, asked):
        bell = Bell(url, monotonic=clock.monotonic)
        bell.enqueue(print)
        clock.move(seconds=REST_SECONDS)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: bell.enqueue(print), range(8)))

    assert len(asked) == 2


def test_a_bell_nobody_hears_does_not_stay_in_the_queue_for_ever(stand):
    bell = Bell(stand.redis_url)

    job = bell.enqueue(jobs.settle_waiting)

    assert 0 < job.connection.ttl(job.key) <= UNHEARD_SECONDS
    job.delete()


@pytest.mark.parametrize("outage", OUTAGES)
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
