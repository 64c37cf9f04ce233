"""A queue that remembers what it was asked."""

from collections.abc import Callable
from typing import Any


class RecordedBell:
    """Stands in for RQ where the test rings the worker itself."""

    def __init__(self) -> None:
        self.rung: list[Callable[[], Any]] = []

    def enqueue(self, job: Callable[[], Any]) -> None:
        self.rung.append(job)

    def state(self) -> str:
        return "ok"
