"""A clock that stands still until a test moves it."""

from datetime import timedelta

from tests.support.world import NOON


class Clock:
    """Tells the time it was set to, as an instant and as a count of seconds."""

    def __init__(self):
        self.instant = NOON

    def now(self):
        return self.instant

    def monotonic(self):
        return (self.instant - NOON).total_seconds()

    def pass_seconds(self, seconds):
        self.instant += timedelta(seconds=seconds)
