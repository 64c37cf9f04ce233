"""Replay: any span of the past under a draft policy, in memory and without a trace.

Who would have more and who would have less, how it would be spread, and what the shop would have
to be able to pay: to be known before a policy is published, since afterwards it is for good. The
judging is that of settlement itself, so a dry run and a real run agree.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from typing import NamedTuple, Protocol
from uuid import UUID

from points_engine.accounts import Unit
from points_engine.awards import Award, Deed, Weighed, grant, weigh
from points_engine.policy import Policies

CHUNK = 1000  # facts between two looks at which caps are over
_UNITS = tuple(Unit)
_TEN = 10

# The longest that a window can go on after a fact in it. An activity has no last day of its own.
_LONGEST = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366, "activity": 366}
_ANY_WINDOW = 366
_ZONES = timedelta(days=2)  # civil days are in the order of instants but for the time zones


# Whose, of which unit, how much.
_Sums = defaultdict[tuple[object, Unit], int]


class Happened(Deed, Protocol):
    """A fact as the replay sees it: what is judged, whose it is, and its place in time."""

    @property
    def id(self) -> object: ...
    @property
    def beneficiary_id(self) -> object: ...
    @property
    def occurred_at(self) -> datetime: ...


class Past(NamedTuple):
    """A fact of the past, what it was granted by unit, and in which units that was taken back.

    What was taken back was nobody's and counts under no cap, whatever the policy.
    """

    deed: Happened
    granted: Sequence[int] = ()  # in the order of the units; empty where nobody asks
    taken_back: Collection[Unit] = ()


@dataclass(slots=True)
class Change:
    """What somebody had, and what they would have."""

    had: int = 0
    would: int = 0

    @property
    def gain(self) -> int:
        """Below zero where it is a loss."""
        return self.would - self.had


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How a unit is spread over those who have any of it."""

    people: int = 0
    median: int = 0
    nine_in_ten: int = 0  # nine in ten have this or less
    most: int = 0

    @classmethod
    def of(cls, amounts: Iterable[int]) -> "Spread":
        ranked = sorted(amount for amount in amounts if amount > 0)
        if not ranked:
            return cls()
        last = len(ranked) - 1
        return cls(
            people=len(ranked),
            median=ranked[last // 2],
            nine_in_ten=ranked[-(-len(ranked) * 9 // 10) - 1],
            most=ranked[last],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What a draft policy would have made of a span of facts.

    `changes` has, by unit, everybody who had or would have anything: a person, and in the
    household's unit a household. `unjudgeable` facts fail under one of the policies.
    """

    facts: int = 0
    unjudgeable: int = 0
    changes: Mapping[Unit, Mapping[UUID, Change]] = field(default_factory=dict)
    value_fen_per_10_points: int = 0

    def total(self, unit: Unit) -> Change:
        everybody = self._of(unit).values()
        return Change(sum(each.had for each in everybody), sum(each.would for each in everybody))

    def gainers(self, unit: Unit) -> list[tuple[UUID, Change]]:
        """Who would have more, the one who gains most first."""
        return sorted(
            ((who, change) for who, change in self._of(unit).items() if change.gain > 0),
            key=lambda each: (-each[1].gain, each[0]),
        )

    def losers(self, unit: Unit) -> list[tuple[UUID, Change]]:
        """Who would have less, the one who loses most first."""
        return sorted(
            ((who, change) for who, change in self._of(unit).items() if change.gain < 0),
            key=lambda each: (each[1].gain, each[0]),
        )

    def spread(self, unit: Unit) -> tuple[Spread, Spread]:
        """As it was, and as it would be."""
        everybody = self._of(unit).values()
        return Spread.of(each.had for each in everybody), Spread.of(
            each.would for each in everybody
        )

    @property
    def cost_fen(self) -> Change:
        """What the shop had to be able to pay, and what it would have to: goods for every point."""
        points = self.total(Unit.POINTS)
        return Change(
            points.had * self.value_fen_per_10_points // _TEN,
            points.would * self.value_fen_per_10_points // _TEN,
        )

    def _of(self, unit: Unit) -> Mapping[UUID, Change]:
        return self.changes.get(unit, {})


def replay(
    past: Iterable[Past],
    draft: Policies,
    baseline: Policies | None = None,
    *,
    value_fen_per_10_points: int = 0,
) -> Replayed:
    """Judge facts, in the order in which they occurred, by a draft and by what it is held against.

    Without a `baseline` that is what each fact was granted at the time. With one, both sides are
    judged alike: the order in which late facts were settled is then no difference.
    """
    books, former = Scratch(draft), None if baseline is None else Scratch(baseline)
    had, would, facts = _Sums(int), _Sums(int), 0
    for chunk in _chunks(_in_order(past)):
        facts += len(chunk)
        _add(would, chunk, books.grants(chunk))
        if former is None:
            _add_recorded(had, chunk)
        else:
            _add(had, chunk, former.grants(chunk))
    return Replayed(
        facts=facts,
        unjudgeable=max(books.failed, former.failed if former else 0),
        changes=_changes(had, would),
        value_fen_per_10_points=value_fen_per_10_points,
    )


class Scratch:
    """A ledger in memory that keeps of the past only the caps whose windows are not over."""

    def __init__(self, policies: Policies) -> None:
        self._policies = policies
        self._used: dict[str, int] = {}
        self._over: defaultdict[date, list[str]] = defaultdict(list)
        self.failed = 0

    @property
    def caps_in_use(self) -> int:
        return len(self._used)

    def grants(self, chunk: Sequence[Past]) -> list[Award]:
        """What is granted for facts that come after all those before."""
        self._forget(chunk[0].deed.occurred_on)
        weighed = weigh([each.deed for each in chunk], self._policies)
        self.failed += len(weighed.failed)
        _drop_taken_back(weighed, chunk)
        for award in weighed.awards:
            if award.caps:
                self._open(award, chunk[award.place].deed.occurred_on)
        grant(weighed, self._used)
        return [award for award in weighed.awards if award.granted]

    def _open(self, award: Award, day: date) -> None:
        for cap, key in award.caps:
            if key not in self._used:
                self._used[key] = 0
                longest = _LONGEST.get(cap.window, _ANY_WINDOW)
                self._over[day + timedelta(days=longest) + _ZONES].append(key)

    def _forget(self, today: date) -> None:
        for day in [day for day in self._over if day < today]:
            for key in self._over.pop(day):
                del self._used[key]


def _in_order(past: Iterable[Past]) -> Iterator[Past]:
    """The same; `ValueError` when one comes too late, since its caps may be gone."""
    latest: datetime | None = None
    for each in past:
        occurred_at = each.deed.occurred_at
        if latest is not None and occurred_at < latest:
            raise ValueError(f"the fact {each.deed.id} comes after one that occurred later")
        latest = occurred_at
        yield each


def _chunks(past: Iterator[Past]) -> Iterator[list[Past]]:
    while chunk := list(islice(past, CHUNK)):
        yield chunk


def _drop_taken_back(weighed: Weighed, chunk: Sequence[Past]) -> None:
    back = {place: each.taken_back for place, each in enumerate(chunk) if each.taken_back}
    if back:
        weighed.awards = [
            each for each in weighed.awards if each.unit not in back.get(each.place, ())
        ]


def _add(sums: _Sums, chunk: Sequence[Past], awards: Iterable[Award]) -> None:
    people = [each.deed.beneficiary_id for each in chunk]
    for award in awards:
        unit, place = award.unit, award.place
        owner = chunk[place].deed.household_id if unit is Unit.HOUSEHOLD else people[place]
        sums[owner, unit] += award.granted


def _add_recorded(sums: _Sums, chunk: Iterable[Past]) -> None:
    for deed, granted, taken_back in chunk:
        person = deed.beneficiary_id
        for unit, amount in zip(_UNITS, granted, strict=True):
            if amount and unit not in taken_back:
                sums[deed.household_id if unit is Unit.HOUSEHOLD else person, unit] += amount


def _changes(had: _Sums, would: _Sums) -> dict[Unit, dict[UUID, Change]]:
    changes: dict[Unit, dict[UUID, Change]] = {unit: {} for unit in Unit}
    for owner, unit in had.keys() | would.keys():
        change = Change(had.get((owner, unit), 0), would.get((owner, unit), 0))
        changes[unit][UUID(str(owner))] = change
    return changes
