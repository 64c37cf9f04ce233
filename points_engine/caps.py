"""Caps that facts share: what somebody may be granted in a day, a quarter, for an activity."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

from points_engine.periods import quarter_of


class Window(StrEnum):
    """The span a cap is counted over, the narrowest first."""

    ACTIVITY = "activity"
    DAY = "day"
    WEEK = "week"  # Monday to Sunday
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Holder(StrEnum):
    """Whose cap it is."""

    PERSON = "person"
    HOUSEHOLD = "household"


class Holding(Protocol):
    """What of a fact says under which caps it counts."""

    @property
    def activity_id(self) -> object: ...
    @property
    def beneficiary_id(self) -> object: ...
    @property
    def household_id(self) -> object: ...
    @property
    def occurred_on(self) -> date: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """At most `limit` in one window. Rules that name the same `id` share it."""

    id: str
    limit: int
    window: Window
    holder: Holder = Holder.PERSON
    _span: "_Span" = field(init=False, repr=False, compare=False)
    _is_shared_at_home: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_span", _SPANS[self.window])
        at_home = self.holder is Holder.HOUSEHOLD
        object.__setattr__(self, "_is_shared_at_home", at_home)

    def key(self, deed: Holding) -> str:
        """What the fact is counted under; "" when the cap does not apply to it."""
        span = self._span(deed)
        holder = deed.household_id if self._is_shared_at_home else deed.beneficiary_id
        return f"{self.id}/{span}/{_text(holder)}" if span and holder else ""


@lru_cache(maxsize=4096)
def _text(holder: object) -> str:
    """The identifier as text: writing it costs more than all the rest of a key."""
    return str(holder)


CountedUnder = tuple[tuple[Cap, str], ...]


def counted_under(caps: Iterable[Cap], deed: Holding) -> CountedUnder:
    """The caps that apply to a fact, each with its key."""
    return tuple((cap, key) for cap in caps if (key := cap.key(deed)))


def apply(raw: int, counted: CountedUnder, used: dict[str, int]) -> tuple[int, str]:
    """What the caps leave of `raw`, and the key of the one that leaves least, or "".

    A penalty is never limited, and makes no room for more. What is granted is added to `used`
    under every key: the next fact finds it there.
    """
    granted, bound = raw, ""
    for cap, key in counted:
        left = cap.limit - used.get(key, 0)
        if left < granted:
            granted, bound = max(left, 0), key
    if granted > 0:
        for _, key in counted:
            used[key] = used.get(key, 0) + granted
    return granted, bound


def cap_id_of(key: str) -> str:
    """Which cap a key belongs to."""
    return key.partition("/")[0]


def _week(deed: Holding) -> str:
    year, week, _ = deed.occurred_on.isocalendar()
    return f"{year:04d}W{week:02d}"


_Span = Callable[[Holding], str]
_SPANS: Mapping[Window, _Span] = {
    Window.ACTIVITY: lambda deed: str(deed.activity_id) if deed.activity_id else "",
    Window.DAY: lambda deed: deed.occurred_on.isoformat(),
    Window.WEEK: _week,
    Window.MONTH: lambda deed: deed.occurred_on.isoformat()[:7],
    Window.QUARTER: lambda deed: quarter_of(deed.occurred_on),
    Window.YEAR: lambda deed: f"{deed.occurred_on.year:04d}",
}
