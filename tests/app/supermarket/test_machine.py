"""Shops live through random histories, and their books agree with plain ones at every step."""

import sys

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test as live_through

from tests.app.supermarket.life.counter import AtTheCounter
from tests.app.supermarket.life.founding import AGAIN, DONE, TwoBooks
from tests.app.supermarket.life.stockroom import InTheStockroom

SOME, MANY = (5, 30), (28, 80)  # lives, and steps of each
PARTS = 8  # of the many: they may be lived beside each other
COMMON = {"code_expired", "insufficient_points", "not_on_hand", "returned_twice", "sold_out"}


class Shops(AtTheCounter, InTheStockroom):
    """Everything that residents, managers and the sweeper do, in any order."""


@pytest.fixture
def lived(new_world, hands, capsys):
    """Live so many lives, and say how often what was asked of the application and what it said."""

    def lived(lives, steps):
        TwoBooks.told.clear()
        live_through(lambda: Shops(new_world, hands), settings=as_many(lives, steps))
        with capsys.disabled():
            refused = TwoBooks.told.total() - TwoBooks.told[DONE] - TwoBooks.told[AGAIN]
            told = f" {TwoBooks.told.total()} operations, {refused} refused "
            sys.stdout.write(told)
        return TwoBooks.told

    return lived


def test_stock_points_and_registers_are_what_plain_books_say(lived):
    assert lived(*SOME)[DONE]


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_so_they_are_after_ten_thousand_operations(lived, part):
    told = lived(*MANY)

    assert told.total() >= 10_000 // PARTS
    assert told.keys() >= COMMON


def as_many(lives, steps):
    """A failing life is printed, and kept to be lived again first of all."""
    return settings(
        max_examples=lives,
        stateful_step_count=steps,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
