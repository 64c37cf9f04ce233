"""The budget guard: in time, in whole fen, and never in the way of what was earned."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points_engine import Guard, Level, Unit, budget_guard
from tests.points_engine import make
from tests.points_engine.asked import earned
from tests.points_engine.make import DAY
from tests.support.hands import NOON

FEN = 200  # for ten points
amounts = st.integers(min_value=0, max_value=10**9)


@pytest.mark.parametrize(
    ("points", "share", "level"),
    [
        (0, 0, Level.OK),
        (7_950, 79, Level.OK),
        (7_999, 79, Level.OK),
        (8_000, 80, Level.WARNING),
        (9_999, 99, Level.WARNING),
        (10_000, 100, Level.EXCEEDED),
        (12_345, 123, Level.EXCEEDED),
    ],
)
def test_it_warns_at_80_per_cent_and_again_at_100(points, share, level):
    assert budget_guard(points, FEN, 200_000) == Guard(
        level=level, outstanding_fen=points * 20, funded_fen=200_000, share_percent=share
    )


def test_the_example_of_the_page():
    guard = budget_guard(12_340, FEN, 300_000)

    assert (guard.outstanding_fen, guard.share_percent) == (246_800, 82)


def test_nothing_raised_covers_nothing():
    assert budget_guard(1, FEN, 0).level is Level.EXCEEDED
    assert budget_guard(0, FEN, 0).level is Level.OK


def test_part_of_a_fen_is_a_fen_to_be_raised():
    assert budget_guard(1, 5, 100).outstanding_fen == 1


def test_points_without_a_price_cost_nothing():
    assert budget_guard(10_000, 0, 0).level is Level.OK


@pytest.mark.parametrize("amounts", [(-1, 1, 1), (1, -1, 1), (1, 1, -1)])
def test_nothing_is_below_zero(amounts):
    with pytest.raises(ValueError, match="below zero"):
        budget_guard(*amounts)


@given(amounts, st.integers(0, 10_000), amounts, st.integers(0, 10**6))
def test_more_points_never_look_better_and_more_funds_never_worse(points, price, funded, more):
    ranks = list(Level)
    guard = budget_guard(points, price, funded)

    heavier, richer = (
        budget_guard(points + more, price, funded),
        budget_guard(points, price, funded + more),
    )

    assert heavier.share_percent >= guard.share_percent
    assert ranks.index(heavier.level) >= ranks.index(guard.level)
    if funded:
        assert richer.share_percent <= guard.share_percent
        assert ranks.index(richer.level) <= ranks.index(guard.level)


@given(amounts, st.integers(0, 10_000), amounts)
def test_the_level_is_what_the_exact_fraction_says(points, price, funded):
    guard = budget_guard(points, price, funded)

    if funded:
        assert (guard.level is Level.OK) == (guard.outstanding_fen * 100 < funded * 80)
        assert (guard.level is Level.EXCEEDED) == (guard.outstanding_fen >= funded)


def test_what_is_outstanding_is_what_is_left_of_what_a_community_gave(engine, town):
    lin, wang, elsewhere = make.someone(), make.someone(), make.someone()
    assert engine.outstanding(town.community) == 0
    earned(engine, town, lin, 20)
    earned(engine, town, wang, 10)
    earned(engine, town, lin, 7, community_id=elsewhere)
    engine.spend(town.spending(wang, 4, at=NOON, occurred_on=DAY))

    assert engine.outstanding(town.community) == 26
    assert engine.outstanding(elsewhere) == 7
    assert engine.balances(lin, on=DAY)[Unit.POINTS].posted == 27


def test_where_nothing_is_outstanding_nothing_of_no_funds_is_used():
    assert budget_guard(0, 20, 0).share_percent == 0
