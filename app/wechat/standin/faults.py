"""Faults on request: the next answers of one API go wrong in a chosen way."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Event, Lock

KINDS = ("errcode", "http", "delay", "drop", "lost", "body", "preset")
BODIES = ("malformed", "oversized")
# What goes wrong most often, by a name: the kind of fault, and its measure.
PRESETS: Mapping[str, tuple[str, object]] = {
    "busy": ("errcode", -1),
    "quota": ("errcode", 45009),
    "minute": ("errcode", 45011),
    "ip": ("errcode", 40164),
    "token-storm": ("errcode", 40001),
    "slow": ("delay", 10.0),
    "timeout-after-accept": ("lost", True),
}
LONGEST_DELAY = 10.0
MOST_TIMES = 1000


class FaultUnclear(Exception):
    """What was asked for is not a fault this server can make."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of going wrong, and its measure."""

    kind: str
    value: object

    @classmethod
    def from_request(cls, wanted: Mapping[str, object]) -> "Fault":
        """Read exactly one kind and its measure, within bounds."""
        kinds = [kind for kind in KINDS if kind in wanted]
        if len(kinds) != 1:
            raise FaultUnclear(f"Name exactly one of {', '.join(KINDS)}")
        value = wanted[kinds[0]]
        if not _is_measure(kinds[0], value):
            raise FaultUnclear(f"{kinds[0]} is out of bounds")
        if kinds[0] == "preset":
            return cls(*PRESETS[str(value)])
        return cls(kinds[0], value)


class Faults:
    """Faults that wait for their API to be called, first come first served."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: dict[str, deque[Fault]] = {}
        self._cleared = Event()

    def add(self, api: str, fault: Fault, *, times: int) -> None:
        """Let the next `times` calls of `api` go wrong."""
        if not 1 <= times <= MOST_TIMES:
            raise FaultUnclear(f"times is between 1 and {MOST_TIMES}")
        with self._lock:
            self._waiting.setdefault(api, deque()).extend([fault] * times)

    def take(self, api: str) -> Fault | None:
        """The fault this call has to suffer, if any."""
        with self._lock:
            waiting = self._waiting.get(api)
            return waiting.popleft() if waiting else None

    def hold_up(self, seconds: float) -> None:
        """Keep a call waiting, until the faults are cleared at the latest."""
        with self._lock:
            cleared = self._cleared
        cleared.wait(min(seconds, LONGEST_DELAY))

    def clear(self) -> None:
        """Forget the faults, and let go whoever is held up by one."""
        with self._lock:
            self._waiting.clear()
            self._cleared.set()
            self._cleared = Event()

    def summary(self) -> dict[str, object]:
        """How many faults wait for each API."""
        with self._lock:
            return {"faults": {api: len(waiting) for api, waiting in self._waiting.items()}}


def _is_measure(kind: str, value: object) -> bool:
    if kind in {"drop", "lost"}:
        return value is True
    if kind in {"body", "preset"}:
        return isinstance(value, str) and value in (BODIES if kind == "body" else PRESETS)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if kind == "delay":
        return 0 < value <= LONGEST_DELAY
    return isinstance(value, int) and (kind == "errcode" or 400 <= value <= 599)
