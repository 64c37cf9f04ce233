"""A clock whose hands the test moves."""

from datetime import UTC, datetime, timedelta

# Noon in Shanghai: every place is open, and a few hours either way stay within the civil day.
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


class Hands:
    """Shows noon until it is moved."""

    def __init__(self, instant: datetime = NOON) -> None:
        self.instant = instant

    def __call__(self) -> datetime:
        return self.instant

    def monotonic(self) -> float:
        """The seconds since noon, as a stopwatch shows them."""
        return (self.instant - NOON).total_seconds()

    def move(self, **by: float) -> None:
        self.instant += timedelta(**by)
