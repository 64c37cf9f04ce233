"""Valkey falls silent: it takes connections and never answers, and nobody restarts it."""

import os
import signal
from uuid import uuid4

import pytest

from tests.support.errand import Phone, come_and_help, take_home
from tests.support.house import children_of, until

LONGEST_SECONDS = 0.5
SWEPT_WITHIN_SECONDS = 60


@pytest.fixture
def silent(street, running):
    """The house, its Valkey stopped and not dead."""
    valkey = running.parts()["valkey"]
    os.kill(valkey, signal.SIGSTOP)
    yield running
    os.kill(valkey, signal.SIGCONT)


@pytest.fixture
def phone(running, log):
    phone = Phone(running, log)
    yield phone
    phone.close()


def lines_of(house, part, text):
    return [line for line in house.lines if line.startswith(part) and text in line]


def test_the_main_journey_works_and_settles_without_valkey(silent, street, phone, log):
    counter = Phone(silent, log)
    counter.sign_in_staff("shop")
    log.slowest = 0.0

    for number in range(6):  # enough that each web process meets the silence
        come_and_help(phone, street, f"oQuiet{uuid4().hex[:8]}{number}")
        pending = phone.get("/me/balances").json()["points"]["pending"]
    take_home(phone, counter, street, "oDemoMember20", street.items[0])
    slowest = log.slowest

    phone.sign_in("oDemoMember19")
    visited = phone.post("/station-visits", code=street.station_code)
    waited = until(
        lambda: phone.get("/me/balances").json()["points"]["pending"] == 0,
        within=SWEPT_WITHIN_SECONDS,
    )
    counter.close()

    print(f"slowest request {slowest:.3f} s, settled after {waited:.1f} s")  # noqa: T201
    assert phone.get("/me/balances").is_success
    assert visited.is_success
    assert pending == 2
    assert log.hiccups == []
    assert slowest < LONGEST_SECONDS
    assert lines_of(silent, "web", "bell not heard"), "no request noticed the silence"


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
