"""However the service ends, nothing goes on running, and what was there is there again."""

import os
import signal
from uuid import uuid4

import pytest

from tests.support.errand import Log, Phone, Street, come_and_help
from tests.support.house import until

PARTS = {"standin", "web", "worker", "sweeper", "postgres", "valkey"}


def live_a_little(house):
    """Somebody comes and helps; the answer is what they may ask for again."""
    log = Log()
    street = Street(house, log)
    phone = Phone(house, log)
    come_and_help(phone, street, f"oEnds{uuid4().hex}")
    phone.close()
    street.close()
    return log.of("visit")[0]


def passbook(house, step):
    phone = Phone(house, Log())
    phone.token = step["token"]
    until(lambda: phone.get("/me/balances").json()["points"]["pending"] == 0, within=30)
    lines = phone.get("/me/passbook").json()["items"]
    phone.close()
    return [(line["unit"], line["amount"]) for line in lines if line["source"].startswith("visit:")]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_everything_in_order_and_the_next_start_remembers(running, number):
    assert set(running.parts()) == PARTS
    step = live_a_little(running)

    code = running.send(number)

    assert code == 0
    assert running.inhabitants() == []
    assert "is killed" not in running.said()
    log = (running.var / "log" / "postgres.log").read_text(encoding="utf-8")
    assert log.rstrip().endswith("database system is shut down")

    seconds = running.start()

    print(f"the second start took {seconds:.1f} s")  # noqa: T201 - a figure, and no condition
    assert sorted(passbook(running, step)) == [("points", 2), ("score", 1)]


@pytest.mark.parametrize("part", ["postgres", "web", "worker"])
def test_a_signal_half_way_through_the_start_ends_it_in_order(stopped, part):
    before = len(stopped.lines)
    stopped.open()
    until(lambda: part in stopped.parts())

    code = stopped.send(signal.SIGINT)

    assert code == 0
    assert "Traceback" not in "\n".join(stopped.lines[before:])
    assert stopped.inhabitants() == []


def test_a_first_start_that_is_interrupted_does_not_stand_in_the_way(tmp_path, house_at):
    house = house_at(tmp_path)
    house.open()
    until(house.var.exists)
    os.kill(house.pid, signal.SIGKILL)
    house.wait()

    house.start()

    assert house.stop() == 0


def test_a_killed_house_leaves_nothing_running_and_comes_back(running):
    step = live_a_little(running)
    before = running.inhabitants()

    assert running.send(signal.SIGKILL) == -signal.SIGKILL
    seconds = running.start()  # at once, while its servers are still going down

    print(f"back after {seconds:.1f} s")  # noqa: T201 - a figure, and no condition
    assert set(running.inhabitants()).isdisjoint(before)
    assert set(running.parts()) == PARTS
    assert sorted(passbook(running, step)) == [("points", 2), ("score", 1)]


def test_nothing_goes_on_running_when_a_house_is_killed_and_left_alone(running):
    running.send(signal.SIGKILL)

    until(lambda: running.inhabitants() == [])
