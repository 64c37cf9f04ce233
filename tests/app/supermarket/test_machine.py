"""Shops live through random histories, and their books agree with plain ones at every step."""

import sys

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test as live_through

from tests.app.supermarket.life.counter import AtTheCounter
from tests.app.supermarket.life.founding import TwoBooks
from tests.app.supermarket.life.stockroom import InTheStockroom

SOME, MANY = (3, 40), (180, 80)  # lives, and steps of each
REFUSALS = {
    "code_expired",
    "code_used",
    "count_moved",
    "count_waits",
    "delivery_invalid",
    "insufficient_points",
    "not_on_hand",
    "price_changed",
    "price_too_soon",
    "price_twice",
    "quarter_used",
    "reservation_over",
    "reservations_full",
    "return_by_second",
    "return_too_late",
    "returned_twice",
    "self_redemption",
    "sold_out",
    "stock_proposal_decided",
}


class Shops(AtTheCounter, InTheStockroom):
    """Everything that residents, managers and the sweeper do, in any order."""


@pytest.fixture
def lived(new_world, hands, capsys):
    """Live so many lives, and say how often what was asked of the application and what it said."""

    def lived(lives, steps):
        TwoBooks.told.clear()
        live_through(lambda: Shops(new_world, hands), settings=as_many(lives, steps))
        with capsys.disabled():
            refused = sum(TwoBooks.told[code] for code in REFUSALS)
            sys.stdout.write(f" {TwoBooks.told.total()} operations, {refused} refused ")
        return TwoBooks.told

    return lived


def test_stock_points_and_registers_are_what_plain_books_say(lived):
    assert lived(*SOME).total() >= 60  # few lives end early


@pytest.mark.slow
def test_so_they_are_after_ten_thousand_operations_and_every_refusal(lived):
    told = lived(*MANY)

    assert told.total() >= 10_000
    assert told.keys() >= REFUSALS


def as_many(lives, steps):
    """A failing life is printed, and kept to be lived again first of all."""
    return settings(
        max_examples=lives,
        stateful_step_count=steps,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
