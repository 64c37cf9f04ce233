"""What looks odd about coming or going, by rules that are data: `config/arrivals.yaml`.

A rule refuses nothing. What it catches waits for somebody to look at it, and is paid after that.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from app.activities.ways import Whereabouts

RULES = Path(__file__).parents[2] / "config" / "arrivals.yaml"
DENIED = "denied"  # somebody said that they were not served
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
AROUND = 15 * MINUTE  # how far before and after it a check-in by hand is seen in its company
METRES_A_KM = 1000

_TRIED: ContextVar["tuple[Rule, ...] | None"] = ContextVar("tried", default=None)


class RulesInvalid(Exception):
    """The file of rules has a mistake; the message names its line's kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """All that rules may look at. What was not there, or is not known, is at its default."""

    at: datetime
    zone: str
    category: str = ""
    whereabouts: Whereabouts = Whereabouts.NONE
    late: timedelta = timedelta(0)  # between the scan and its arrival here
    ahead: timedelta = timedelta(0)  # by how much the phone's clock is
    overlapping: bool = False
    others_on_device: int = 0
    came_metres: float = 0.0  # from the last place
    came_in: timedelta | None = None  # and in what time
    minutes: int = 0  # of this record, once it ends
    minutes_of_day: int = 0  # of all that end on its day
    by_hand_this_minute: int = 0  # by the same member of staff, this one included
    by_hand_of_person: int = 0  # of this person, in the last thirty days, this one included
    by_hand_around: Sequence[datetime] = ()  # in order, by the same staff there, this one included


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of rule with its measures."""

    kind: str
    says: str
    measures: Mapping[str, Any]

    def catches(self, it: Circumstances) -> bool:
        return KINDS[self.kind].test(it, **self.measures)


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of rule judges, and whether on arrival or when somebody leaves."""

    test: Callable[..., bool]
    measures: frozenset[str] = frozenset()


def findings(it: Circumstances) -> tuple[str, ...]:
    """What looks odd: the kinds of the rules that say so, in the order of the file."""
    return tuple(rule.kind for rule in rules() if rule.catches(it))


def ordered(kinds: Iterable[str]) -> list[str]:
    """The same, each once and in one order, whichever was found first."""
    places = {kind: place for place, kind in enumerate([*KINDS, *OTHERS])}
    return sorted(set(kinds), key=lambda kind: places.get(kind, len(places)))


def said(kinds: list[str]) -> list[str]:
    """How reasons that were kept are said; one that is not in the file any more by its name."""
    words = {**OTHERS, **{rule.kind: rule.says for rule in rules()}}
    return [words.get(kind, kind) for kind in kinds]


def rules() -> tuple[Rule, ...]:
    """The rules in force, or those that are being tried; raises `RulesInvalid`."""
    tried = _TRIED.get()
    return _in_force() if tried is None else tried


@contextmanager
def trying(instead: tuple[Rule, ...]) -> Iterator[None]:
    """Judge by other rules for a while, in this thread alone."""
    token = _TRIED.set(instead)
    try:
        yield
    finally:
        _TRIED.reset(token)


def read_rules(file: Path) -> tuple[Rule, ...]:
    """The rules of a file; raises `RulesInvalid`."""
    return tuple(_read(yaml.safe_load(file.read_text(encoding="utf-8"))))


@cache
def _in_force() -> tuple[Rule, ...]:
    return read_rules(RULES)


def _read(document: Sequence[dict[str, Any]]) -> Iterator[Rule]:
    for line in document:
        kind, says = line.pop("kind", None), line.pop("says", "")
        if kind not in KINDS:
            raise RulesInvalid(f"there is no rule of the kind {kind!r}")
        if line.keys() != KINDS[kind].measures or not says:
            raise RulesInvalid(f"{kind} takes says, {', '.join(sorted(KINDS[kind].measures))}")
        yield Rule(kind, says, {name.replace("except", "exempt"): line[name] for name in line})


def _outside(it: Circumstances) -> bool:
    return it.whereabouts is Whereabouts.OUTSIDE


def _late(it: Circumstances, *, minutes: int) -> bool:
    return it.late > minutes * MINUTE


def _ahead(it: Circumstances, *, minutes: int) -> bool:
    return it.ahead > minutes * MINUTE


def _overlapping(it: Circumstances) -> bool:
    return it.overlapping


def _shared(it: Circumstances, *, people: int) -> bool:
    return it.others_on_device + 1 >= people


def _travel(it: Circumstances, *, km_h: float, least_km: float) -> bool:
    if it.came_in is None or it.came_metres < least_km * METRES_A_KM:
        return False
    return it.came_metres / METRES_A_KM > km_h * (it.came_in / HOUR)


def _night(it: Circumstances, *, before: str, exempt: list[str]) -> bool:
    there = it.at.astimezone(ZoneInfo(it.zone)).time()
    return it.category not in exempt and there < time.fromisoformat(before)


def _long_record(it: Circumstances, *, minutes: int) -> bool:
    return it.minutes >= minutes


def _long_day(it: Circumstances, *, minutes: int) -> bool:
    return it.minutes_of_day >= minutes


def _batch(it: Circumstances, *, per_minute: int) -> bool:
    return it.by_hand_this_minute > per_minute


def _burst(it: Circumstances, *, people: int, minutes: int) -> bool:
    """Whether too many lie within so many minutes of each other, this one among them."""
    instants = it.by_hand_around
    for place, first in enumerate(instants):
        last = first + minutes * MINUTE
        if first <= it.at <= last and bisect_right(instants, last) - place > people:
            return True
    return False


def _by_hand(it: Circumstances, *, times: int) -> bool:
    return it.by_hand_of_person > times


KINDS: Mapping[str, Kind] = {
    "outside_fence": Kind(_outside),
    "sent_late": Kind(_late, frozenset({"minutes"})),
    "clock_ahead": Kind(_ahead, frozenset({"minutes"})),
    "overlapping": Kind(_overlapping),
    "shared_device": Kind(_shared, frozenset({"people"})),
    "impossible_travel": Kind(_travel, frozenset({"km_h", "least_km"})),
    "night": Kind(_night, frozenset({"before", "except"})),
    "long_record": Kind(_long_record, frozenset({"minutes"})),
    "long_day": Kind(_long_day, frozenset({"minutes"})),
    "batch": Kind(_batch, frozenset({"per_minute"})),
    "burst": Kind(_burst, frozenset({"people", "minutes"})),
    "repeated_by_hand": Kind(_by_hand, frozenset({"times"})),
}
# Reasons that are no rule of the file: they say how the record came about.
OTHERS: Mapping[str, str] = {
    "code_late": "扫的码已经过期，是事后传上来的",
    "no_check_in": "只有签退，没有签到",
    "backfilled": "事后补录",
    DENIED: "社区要核对这次服务",  # not by whose word: the volunteer reads this
}
