"""Shops live through random histories, and their books agree with plain ones at every step."""

import sys

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test as live_through

from tests.app.supermarket.life.founding import AGAIN, DONE, TwoBooks
from tests.app.supermarket.life.told import REFUSALS, Shops, Told

SOME, MANY = (4, 30), (8, 80)  # lives, and steps of each
PARTS = 8  # of the many: they may be lived beside each other
ENOUGH = 10_000 // PARTS  # operations of a part


@pytest.fixture
def told():
    """How often what was asked of the application, and what it said."""
    TwoBooks.told.clear()
    return TwoBooks.told


@pytest.fixture
def live(new_world, hands, told, capsys):
    """Live so many lives, and say what was done."""

    def live(lives, steps):
        live_through(lambda: Shops(new_world, hands), settings=as_many(lives, steps))
        with capsys.disabled():
            refused = told.total() - told[DONE] - told[AGAIN]
            sys.stderr.write(f" {told.total()} operations, {refused} refused ")

    return live


def test_stock_points_and_registers_are_what_plain_books_say(live, told):
    live(*SOME)

    assert told[DONE]


def test_every_refusal_leaves_the_books_as_they_were(new_world, hands, told):
    Told(new_world, hands).live()

    assert told.keys() == REFUSALS | {DONE, AGAIN}


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_so_they_are_after_ten_thousand_operations_and_every_refusal(live, told, part, capsys):
    """A part goes on until it has met them all: nothing is left to luck but how long it takes."""
    while told.total() < ENOUGH or not told.keys() >= REFUSALS:
        live(*MANY)

    with capsys.disabled():
        sys.stderr.write(f" part {part}: {dict(told.most_common())} ")


def as_many(lives, steps):
    """A failing life is printed, and kept to be lived again first of all."""
    return settings(
        max_examples=lives,
        stateful_step_count=steps,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
