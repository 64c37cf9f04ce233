"""The budget guard: whether the points in circulation are covered by what was raised for them.

It warns, and warns in time. It never blocks what was earned: a promise is kept first and paid
for next.
"""

from dataclasses import dataclass
from enum import StrEnum

WARNING_PERCENT, WHOLE_PERCENT = 80, 100
POINTS = 10  # a policy prices so many


class Level(StrEnum):
    """How far the points in circulation have used up what was raised."""

    OK = "ok"
    WARNING = "warning"  # 80 % or more
    EXCEEDED = "exceeded"  # all of it or more


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What is outstanding and what was raised, in fen, and the share of it in whole per cent.

    The share is rounded down, except that nothing raised for something outstanding is 100 %:
    a warning never comes sooner than it says, and never later.
    """

    level: Level
    outstanding_fen: int
    funded_fen: int
    share_percent: int


def budget_guard(outstanding_points: int, fen_per_10_points: int, funded_fen: int) -> Guard:
    """Hold what is in circulation against what was raised. Part of a fen is a fen to be raised."""
    if min(outstanding_points, fen_per_10_points, funded_fen) < 0:
        raise ValueError("neither points nor prices nor funds are below zero")
    outstanding = -(-outstanding_points * fen_per_10_points // POINTS)
    if funded_fen:
        share = outstanding * WHOLE_PERCENT // funded_fen
    else:
        share = WHOLE_PERCENT if outstanding else 0
    return Guard(
        level=_level(share),
        outstanding_fen=outstanding,
        funded_fen=funded_fen,
        share_percent=share,
    )


def _level(share: int) -> Level:
    if share >= WHOLE_PERCENT:
        return Level.EXCEEDED
    return Level.WARNING if share >= WARNING_PERCENT else Level.OK
