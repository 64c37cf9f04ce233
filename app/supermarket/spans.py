"""The day, month or quarter of which a book is read."""

from dataclasses import dataclass
from datetime import date, timedelta

from app.supermarket.kinds import Length

DAY = timedelta(days=1)
LONGER_THAN_A_MONTH = 31
AS_LONG_AS_A_QUARTER = 92  # at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The stretch of that length in which a day lies."""

    length: Length
    day: date

    @property
    def since(self) -> date:
        """Its first day."""
        return self._ends[0]

    @property
    def until(self) -> date:
        """The first day after it."""
        return self._ends[1]

    @property
    def text(self) -> str:
        """How a person calls it."""
        since = self.since
        if self.length is Length.DAY:
            return f"{since:%Y 年 %m 月 %d 日}"
        if self.length is Length.MONTH:
            return f"{since:%Y 年 %m 月}"
        return f"{since.year} 年第 {since.month // 3 + 1} 季度"

    @property
    def _ends(self) -> tuple[date, date]:
        if self.length is Length.DAY:
            return self.day, self.day + DAY
        if self.length is Length.QUARTER:
            first = date(self.day.year, (self.day.month - 1) // 3 * 3 + 1, 1)
            return first, (first + timedelta(days=AS_LONG_AS_A_QUARTER)).replace(day=1)
        first = self.day.replace(day=1)
        return first, (first + timedelta(days=LONGER_THAN_A_MONTH)).replace(day=1)
