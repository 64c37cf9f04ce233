"""A month as a grid of weeks, Monday first, with what is on each day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from app.core import workdays
from app.core.workdays import DayKind

WEEK = 7
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A day of the grid; `within` unless it fills up the first or the last week."""

    day: date
    within: bool
    today: bool
    off: bool  # nobody works, or it is not known otherwise
    note: str  # a holiday's name, or that it is worked
    service_day: bool
    activities: Sequence[Mapping[str, Any]]


def first_of(day: date) -> date:
    return day.replace(day=1)


def next_of(month: date) -> date:
    """The first day of the month after."""
    return first_of(month + timedelta(days=31))


def before(month: date) -> date:
    """The first day of the month before."""
    return first_of(month - DAY)


def weeks(
    month: date,
    *,
    today: date,
    service_day: date,
    on: Mapping[date, Sequence[Mapping[str, Any]]],
) -> list[list[Cell]]:
    """The weeks in which days of the month lie."""
    start = month - timedelta(days=month.isoweekday() - 1)
    found: list[list[Cell]] = []
    while start < next_of(month):
        days = [start + place * DAY for place in range(WEEK)]
        found.append(
            [
                Cell(
                    day=day,
                    within=day.month == month.month,
                    today=day == today,
                    off=_is_off(day),
                    note=_note(day),
                    service_day=day == service_day,
                    activities=on.get(day, ()),
                )
                for day in days
            ]
        )
        start += WEEK * DAY
    return found


def _is_off(day: date) -> bool:
    kind = workdays.kind_of(day)
    if kind is DayKind.UNKNOWN:
        return day.isoweekday() >= workdays.SATURDAY
    return kind in {DayKind.HOLIDAY, DayKind.WEEKEND}


def _note(day: date) -> str:
    kind = workdays.kind_of(day)
    if kind is DayKind.HOLIDAY:
        return workdays.name_of(day)
    return "班" if kind is DayKind.MADE_UP else ""
