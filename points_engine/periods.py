"""Quarters: the spans that are publicised and closed, community by community.

A quarter is open until it is publicised: from then on nothing is booked into it any more, nor
into one before it, and what comes late counts in the first quarter after it. Closing seals it.
"""

import re
from collections.abc import Iterable
from datetime import date, timedelta

_QUARTERS = 4
_QUARTER = re.compile(r"[0-9]{4}Q[1-4]")


def quarter_of(day: date) -> str:
    """The calendar quarter of a civil day: "2026Q4"."""
    return f"{day.year:04d}Q{(day.month + 2) // 3}"


def quarter_after(quarter: str) -> str:
    """The quarter that follows: "2027Q1" after "2026Q4"."""
    year, number = int(quarter[:4]), int(quarter[5:])
    return f"{year + number // _QUARTERS:04d}Q{number % _QUARTERS + 1}"


def last_day(quarter: str) -> date:
    """The last civil day of a quarter. `ValueError` when it is not one."""
    if not _QUARTER.fullmatch(quarter):
        raise ValueError(f"{quarter!r} is not a quarter, such as 2026Q4")
    after = quarter_after(quarter)
    return date(int(after[:4]), 3 * int(after[5:]) - 2, 1) - timedelta(days=1)


def open_quarter(day: date, ended: Iterable[str]) -> str:
    """The quarter in which something of that day counts: its own, or the first that is open.

    Quarters end in their order. One in which nothing was booked may be passed over, and has
    ended with the next one that was not.
    """
    latest = max(ended, default="")
    own = quarter_of(day)
    return own if latest < own else quarter_after(latest)
