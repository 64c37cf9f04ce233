"""Caps that facts share: under which key a fact counts, and what is left for it."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points_engine import Cap, Holder, Window
from points_engine.caps import apply, cap_id_of, counted_under
from tests.points_engine import make

LIN, HOME, CLEANUP = UUID(int=1), UUID(int=2), UUID(int=3)
TOWN = make.a_town()
DAY = Cap(id="points.day", limit=60, window=Window.DAY)
QUARTER = Cap(id="points.quarter", limit=100, window=Window.QUARTER)


def on(day, **told):
    at = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    told = {"household_id": HOME, "activity_id": CLEANUP, **told}
    return TOWN.attendance(LIN, at=at, **told)


@pytest.mark.parametrize(
    ("window", "day", "span"),
    [
        (Window.ACTIVITY, date(2026, 3, 2), CLEANUP),
        (Window.DAY, date(2026, 3, 2), "2026-03-02"),
        (Window.WEEK, date(2026, 3, 1), "2026W09"),
        (Window.WEEK, date(2026, 3, 2), "2026W10"),
        (Window.WEEK, date(2027, 1, 3), "2026W53"),  # a Sunday belongs to the year of its Thursday
        (Window.WEEK, date(2024, 12, 30), "2025W01"),
        (Window.MONTH, date(2026, 2, 28), "2026-02"),
        (Window.QUARTER, date(2026, 3, 31), "2026Q1"),
        (Window.QUARTER, date(2026, 4, 1), "2026Q2"),
        (Window.YEAR, date(2026, 12, 31), "2026"),
    ],
)
def test_a_fact_is_counted_in_one_span_of_each_window(window, day, span):
    cap = Cap(id="points.cap", limit=60, window=window)

    assert cap.key(on(day)) == f"points.cap/{span}/{LIN}"


def test_a_household_is_counted_together():
    cap = Cap(id="home", limit=60, window=Window.MONTH, holder=Holder.HOUSEHOLD)

    assert cap.key(on(date(2026, 3, 2))) == f"home/2026-03/{HOME}"
    assert cap_id_of(cap.key(on(date(2026, 3, 2)))) == "home"


def test_a_cap_does_not_apply_where_its_holder_or_its_activity_is_missing():
    alone = on(date(2026, 3, 2), household_id=None, activity_id=None)
    of_home = Cap(id="home", limit=60, window=Window.MONTH, holder=Holder.HOUSEHOLD)
    of_activity = Cap(id="once", limit=60, window=Window.ACTIVITY)

    assert (of_home.key(alone), of_activity.key(alone)) == ("", "")
    assert counted_under((of_home, DAY, of_activity), alone) == ((DAY, DAY.key(alone)),)


COUNTED = ((DAY, "day"), (QUARTER, "quarter"))


@pytest.mark.parametrize(
    ("raw", "used", "granted", "bound"),
    [
        (20, {}, 20, ""),
        (60, {}, 60, ""),
        (70, {}, 60, "day"),
        (20, {"day": 40}, 20, ""),
        (20, {"day": 50}, 10, "day"),
        (20, {"day": 60}, 0, "day"),
        (20, {"day": 50, "quarter": 95}, 5, "quarter"),
        (20, {"day": 55, "quarter": 90}, 5, "day"),
        (20, {"day": 50, "quarter": 90}, 10, "day"),
        (20, {"day": 70}, 0, "day"),  # a cap that was lowered while it was full
        (0, {"day": 60}, 0, ""),
        (-2, {"day": 60}, -2, ""),
    ],
)
def test_the_least_that_is_left_is_granted(raw, used, granted, bound):
    assert apply(raw, COUNTED, dict(used)) == (granted, bound)


def test_what_is_granted_counts_under_every_cap():
    used = {"quarter": 30}

    apply(70, COUNTED, used)

    assert used == {"day": 60, "quarter": 90}


def test_without_caps_everything_is_granted():
    assert apply(70, (), {}) == (70, "")


@given(st.lists(st.integers(0, 100), max_size=30))
def test_no_cap_is_ever_passed_and_none_stops_short(amounts):
    used: dict[str, int] = {}

    granted = [apply(raw, COUNTED, used)[0] for raw in amounts]

    assert sum(granted) == min(sum(amounts), DAY.limit)
    assert used.get("day", 0) == used.get("quarter", 0) == sum(granted)
