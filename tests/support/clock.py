"""A clock that stands still until a test moves it."""

from datetime import datetime, timedelta

from tests.support.hands import NOON


class Clock:
    """Tells the time it was set to, as an instant and as a count of seconds."""

    def __init__(self) -> None:
        self.instant = NOON

    def now(self) -> datetime:
        return self.instant

    def monotonic(self) -> float:
        return (self.instant - NOON).total_seconds()

    def pass_seconds(self, seconds: float) -> None:
        self.instant += timedelta(seconds=seconds)
