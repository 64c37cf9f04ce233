"""How long points stay good."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

MONTHS_A_YEAR = 12


class ExpiryKind(StrEnum):
    """The customs there are. Only points lapse: minutes and scores never do."""

    NATURAL_YEAR = "natural_year"  # with the year in which they were earned
    NEXT_YEAR_END = "next_year_end"  # with the year after: every lot lives 12 to 24 months
    ROLLING_MONTHS = "rolling_months"  # so many months later
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """When what was earned on a day lapses."""

    kind: ExpiryKind = ExpiryKind.NEXT_YEAR_END
    months: int = 0  # for `ROLLING_MONTHS`, and 0 for the others

    def __post_init__(self) -> None:
        if (self.kind is ExpiryKind.ROLLING_MONTHS) != (self.months > 0):
            raise ValueError("months goes with rolling_months, and only with it")

    def last_day(self, earned_on: date) -> date | None:
        """The last day on which they can be spent; None when they stay good for ever."""
        if self.kind is ExpiryKind.NONE:
            return None
        if self.kind is ExpiryKind.ROLLING_MONTHS:
            return _months_after(earned_on, self.months)
        years = 0 if self.kind is ExpiryKind.NATURAL_YEAR else 1
        return date(earned_on.year + years, 12, 31)


def _months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a month that is shorter."""
    years, month = divmod(day.month - 1 + months, MONTHS_A_YEAR)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
