"""A circuit breaker: a service that keeps failing is left alone for a while."""

import math
from collections import deque
from collections.abc import Callable
from threading import Lock
from typing import TypeVar

T = TypeVar("T")


class CircuitOpen(Exception):
    """The service is being left alone for another `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Left alone for another {seconds} s")
        self.seconds = seconds


class CircuitBreaker:
    """Opens after `failures` within `window_seconds`, and rests for `rest_seconds`.

    After the rest one call goes through as a trial, and its outcome decides for all the others.
    """

    def __init__(
        self,
        *,
        monotonic: Callable[[], float],
        failures: int = 5,
        window_seconds: float = 30.0,
        rest_seconds: float = 30.0,
    ) -> None:
        self._monotonic = monotonic
        self._window_seconds = window_seconds
        self._rest_seconds = rest_seconds
        self._lock = Lock()
        self._failed_at: deque[float] = deque(maxlen=failures)
        self._opened_at: float | None = None
        self._trial_under_way = False

    def run(self, work: Callable[[], T], *, failed: Callable[[T], bool]) -> T:
        """Do `work` unless the circuit is open; `failed` tells from its result how it went."""
        trial = self._admit()
        healthy = False
        try:
            result = work()
            healthy = not failed(result)
        finally:  # work that raised has failed, and a trial must never be left under way
            self._record(trial=trial, healthy=healthy)
        return result

    def _admit(self) -> bool:
        """Whether this call is the trial after a rest."""
        with self._lock:
            if self._opened_at is None:
                return False
            left = self._opened_at + self._rest_seconds - self._monotonic()
            if left > 0 or self._trial_under_way:
                raise CircuitOpen(max(1, math.ceil(left)))
            self._trial_under_way = True
            return True

    def _record(self, *, trial: bool, healthy: bool) -> None:
        with self._lock:
            if trial:
                self._trial_under_way = False
                self._opened_at = None if healthy else self._monotonic()
            elif not healthy and self._opened_at is None:  # else it began before the opening
                self._count_failure(self._monotonic())

    def _count_failure(self, at: float) -> None:
        self._failed_at.append(at)
        full = len(self._failed_at) == self._failed_at.maxlen
        if full and at - self._failed_at[0] <= self._window_seconds:
            self._opened_at = at
            self._failed_at.clear()
