"""Two engines live through the same random history and must agree after every step of it."""

import sys

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test as live_through

from tests.points_engine.town_earning import Earning
from tests.points_engine.town_life import TwoEngines
from tests.points_engine.town_trading import Trading

STEPS, LIVES = 60, 60
QUICK = settings(
    max_examples=LIVES,
    stateful_step_count=STEPS,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)


class Town(Earning, Trading):
    """Everything that people, clerks and the nightly work do, in any order."""


def test_memory_and_postgres_live_the_same_life(books, capsys):
    deep = settings.get_current_profile_name() == "deep"
    TwoEngines.steps = 0

    live_through(lambda: Town(books), settings=settings() if deep else QUICK)

    with capsys.disabled():
        sys.stdout.write(f" {TwoEngines.steps} steps ")
    assert TwoEngines.steps >= STEPS * LIVES // 2  # few lives end early
