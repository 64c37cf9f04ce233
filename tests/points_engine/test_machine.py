"""Two engines live through the same random history and must agree after every step of it."""

import sys

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test as live_through

from tests.points_engine.town_earning import Earning
from tests.points_engine.town_life import TwoEngines
from tests.points_engine.town_quarters import Quarters
from tests.points_engine.town_trading import Trading

STEPS = 60
SOME, MANY = 40, 200  # lives


class Town(Earning, Trading, Quarters):
    """Everything that people, clerks and the nightly work do, in any order."""


@pytest.mark.parametrize("lives", [SOME, pytest.param(MANY, marks=pytest.mark.slow)])
def test_memory_and_postgres_live_the_same_life(books, capsys, lives):
    deep = settings.get_current_profile_name() == "deep"
    TwoEngines.steps = 0

    live_through(lambda: Town(books), settings=settings() if deep else as_many(lives))

    with capsys.disabled():
        sys.stdout.write(f" {TwoEngines.steps} steps ")
    assert TwoEngines.steps >= 10_000 * (lives // MANY)
    assert TwoEngines.steps >= STEPS * lives // 2  # few lives end early


def as_many(lives):
    """A failing life is printed, and kept to be lived again first of all."""
    return settings(
        max_examples=lives,
        stateful_step_count=STEPS,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
