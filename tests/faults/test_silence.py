"""Valkey falls silent: it takes connections and never answers, and nobody restarts it."""

import os
import signal
from contextlib import contextmanager
from uuid import uuid4

import pytest

from tests.support.errand import Phone, come_and_help, take_home
from tests.support.house import children_of, until

LONGEST_SECONDS = 0.5
SWEPT_WITHIN_SECONDS = 60


@contextmanager
def silence(house):
    """Valkey is stopped and not dead."""
    valkey = house.parts()["valkey"]
    os.kill(valkey, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(valkey, signal.SIGCONT)


@pytest.fixture
def silent(street, running):
    """The house, with a Valkey that says nothing."""
    with silence(running):
        yield running


@pytest.fixture
def phone(running, log):
    phone = Phone(running, log)
    yield phone
    phone.close()


def lines_of(house, part, text):
    return [line for line in house.lines if line.startswith(part) and text in line]


@pytest.fixture
def counter(street, running, log):
    counter = Phone(running, log)
    counter.sign_in_staff("shop")
    yield counter
    counter.close()


def slowest_of_a_journey(phone, counter, street, buyer):
    """How long the slowest request took, on the ways of six helpers and of one buyer.

    Six are enough that each web process has something to ring for.
    """
    phone.log.slowest = 0.0
    for _ in range(6):
        come_and_help(phone, street, f"oQuiet{uuid4().hex}")
        phone.get("/me/balances")
    take_home(phone, counter, street, buyer, street.items[0])
    return phone.log.slowest


def test_the_main_journey_waits_no_longer_without_valkey(running, street, phone, counter, log):
    slowest_of_a_journey(phone, counter, street, "oDemoMember17")  # what is first is slow anyway
    usual = slowest_of_a_journey(phone, counter, street, "oDemoMember18")
    noticed = len(lines_of(running, "web", "bell not heard"))

    with silence(running):
        slowest = slowest_of_a_journey(phone, counter, street, "oDemoMember20")

    print(f"slowest request {slowest:.3f} s, usually {usual:.3f} s")  # noqa: T201 - a figure
    assert log.hiccups == []
    assert slowest < usual + LONGEST_SECONDS  # the machine may be busy with other tests
    assert len(lines_of(running, "web", "bell not heard")) > noticed


def test_what_is_reported_without_valkey_settles(silent, phone, street):
    come_and_help(phone, street, f"oQuiet{uuid4().hex}")
    points = phone.get("/me/balances").json()["points"]

    phone.sign_in("oDemoMember19")
    visited = phone.post("/station-visits", code=street.station_code)
    waited = until(
        lambda: phone.get("/me/balances").json()["points"]["pending"] == 0,
        within=SWEPT_WITHIN_SECONDS,
    )

    print(f"settled after {waited:.1f} s")  # noqa: T201 - a figure
    assert visited.is_success
    assert points["pending"] + points["available"] == 2  # a sweep may have come between


def test_the_service_says_that_valkey_is_silent_and_goes_on(silent, phone):
    def told():
        answer = phone.ask(f"{silent.url}/readyz")
        return answer.is_success and answer.json()

    assert told() == {"database": "ok", "redis": "unreachable"}


def test_the_worker_settles_again_once_valkey_answers(running, street, phone):
    valkey = running.parts()["valkey"]
    os.kill(valkey, signal.SIGSTOP)
    come_and_help(phone, street, f"oBack{uuid4().hex}")
    os.kill(valkey, signal.SIGCONT)
    settled = len(lines_of(running, "worker", '"settled"'))

    def again():
        come_and_help(phone, street, f"oBack{uuid4().hex}")
        return len(lines_of(running, "worker", '"settled"')) > settled

    until(again, within=SWEPT_WITHIN_SECONDS)


def test_a_work_horse_ends_with_its_worker(running, street, phone):
    with running.connect("postgres") as operator:
        operator.execute("BEGIN; LOCK TABLE transfer IN ACCESS EXCLUSIVE MODE")
        worker = running.parts()["worker"]

        def at_work():
            phone.post("/station-visits", code=street.station_code)
            return children_of(worker)

        phone.sign_in(f"oHorse{uuid4().hex}")
        until(at_work)
        (horse,) = children_of(worker)
        os.kill(horse, signal.SIGSTOP)  # it cannot end by itself now
        running.kill("worker")
        until(lambda: horse not in running.inhabitants())
        operator.execute("ROLLBACK")

    until(lambda: phone.get("/me/balances").json()["points"]["available"] == 2)
