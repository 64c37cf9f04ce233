"""Which days people in China have off: the calendar the State Council announces each year.

It is announced late in the year before. Until the package that carries it knows a year, nobody
can say which Saturdays of it are worked: that is an answer of its own here, and no failure.
"""

from datetime import date
from enum import StrEnum

import chinese_calendar


class DayKind(StrEnum):
    """What sort of day it is; `UNKNOWN` as long as the year's holidays are not announced."""

    WORKDAY = "workday"
    MADE_UP = "made_up"  # a Saturday or Sunday that is worked, for a holiday elsewhere
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    UNKNOWN = "unknown"


SATURDAY = 6


def kind_of(day: date) -> DayKind:
    """What sort of day it is."""
    try:
        is_off, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:  # the package's word for a year it does not know
        return DayKind.UNKNOWN
    weekend = day.isoweekday() >= SATURDAY
    if is_off:
        return DayKind.HOLIDAY if name else DayKind.WEEKEND
    return DayKind.MADE_UP if weekend else DayKind.WORKDAY


def name_of(day: date) -> str:
    """The holiday it belongs to, in Chinese; empty where it belongs to none or is not known."""
    try:
        _, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return ""
    return NAMES.get(str(name), "") if name else ""


def is_announced(year: int) -> bool:
    """Whether the holidays of a year are known."""
    return kind_of(date(year, 1, 1)) is not DayKind.UNKNOWN


NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
    "Anti-Fascist 70th Day": "抗战胜利纪念日",
}
