"""Facts: what somebody did, before anyone says what it is worth."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from points_engine import canonical
from points_engine.errors import FactInvalid

LARGEST_QUANTITY = 10**6
LONGEST_SOURCE = 200
LONGEST_EVIDENCE = 16  # entries; each at most `LONGEST_SOURCE` characters

_SOURCE = re.compile(r"[a-z][a-z0-9_]*:\S+")
_CATEGORY = re.compile(r"[a-z][a-z0-9_]*|")
_CAPACITY = re.compile(r"[a-z_]{0,40}")


class FactKind(StrEnum):
    """What can be reported."""

    STATION_VISIT = "station_visit"  # quantity: always 1, the first visit of the day
    ATTENDANCE = "attendance"  # quantity: minutes from check-in to check-out
    DEED = "deed"  # quantity: always 1, one deed that was verified
    DONATION = "donation"  # quantity: the value in fen, of goods and never of cash
    HOUSEHOLD = "household"  # quantity: always 1, a merit of a household
    WORK = "work"  # quantity: always 1, a duty of a grid worker


ONE_AT_A_TIME = {
    FactKind.STATION_VISIT: "a station visit is one visit",
    FactKind.DEED: "a deed is one deed",
    FactKind.HOUSEHOLD: "a merit of a household is one merit",
    FactKind.WORK: "a duty is one duty",
}


class Circumstance(StrEnum):
    """What was particular about it, or has become of it since."""

    LEADER = "leader"  # led the activity
    NIGHT = "night"  # between ten in the evening and six in the morning
    EXTREME_WEATHER = "extreme_weather"
    URGENT = "urgent"  # while an emergency was declared
    PAID_DUTY = "paid_duty"  # somebody is paid to do it
    BACKFILLED = "backfilled"  # recorded afterwards
    ACCEPTED = "accepted"  # what was reported was taken up
    ADOPTED = "adopted"  # what was proposed was adopted
    HALVED = "halved"  # a violation that leaves a part
    VOIDED = "voided"  # a violation that leaves nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing one person did, told once.

    `source` names it for ever in its tenant ("attendance:<uuid>"). `id` is a UUIDv7 made by
    whoever reports. `occurred_on` is the civil day of the community, and decides which policy
    applies. `evidence` says which code was read and who confirmed, never anything about a person;
    its keys are the kinds of evidence that rules ask for: qr2, op, photo, ben, doc.
    """

    id: UUID
    kind: FactKind
    source: str
    category: str = ""  # a service category such as "environment"; empty when there is none
    beneficiary_id: UUID
    actor_id: UUID
    household_id: UUID | None = None
    community_id: UUID
    quantity: int
    occurred_at: datetime
    occurred_on: date
    received_at: datetime
    evidence: Mapping[str, str] = field(default_factory=dict, hash=False)
    activity_id: UUID | None = None
    planned: int | None = None  # the minutes of a service as announced, to compare with `quantity`
    circumstances: frozenset[Circumstance] = frozenset()
    acting_as: str = ""  # in what capacity: "resident", "member", "steward", "grid_worker"

    def __post_init__(self) -> None:
        object.__setattr__(self, "circumstances", _known(self.circumstances))
        _check_words(self)
        _check_quantity(self)
        _check_times(self)
        object.__setattr__(self, "evidence", MappingProxyType(dict(self.evidence)))

    @property
    def payload_hash(self) -> bytes:
        """32 bytes that tell whether the same source was told the same way.

        `id` and `received_at` are left out: whoever repeats a lost report makes new ones.
        """
        return canonical.digest(
            self.kind.value,
            self.source,
            self.category,
            self.beneficiary_id,
            self.actor_id,
            self.household_id,
            self.community_id,
            self.quantity,
            self.occurred_at,
            self.occurred_on,
            self.evidence,
            *self._told_since(),
        )

    def _told_since(self) -> Iterator[object]:
        """Parts that facts did not always have, each with its name, and only where it is set.

        So the hash of a fact without them is what it was before there were any.
        """
        later = {
            "activity_id": self.activity_id,
            "planned": self.planned,
            "circumstances": " ".join(sorted(self.circumstances)) or None,
            "acting_as": self.acting_as or None,
        }
        for name, value in later.items():
            if value is not None:
                yield from (name, value)

    @property
    def order(self) -> tuple[datetime, UUID]:
        """The order in which the facts of a community are judged and booked, whatever the batch."""
        return self.occurred_at, self.id


def _known(circumstances: Iterable[str]) -> frozenset[Circumstance]:
    try:
        return frozenset(map(Circumstance, circumstances))
    except ValueError as problem:
        raise FactInvalid(f"{problem}") from problem


def _check_words(fact: Fact) -> None:
    if len(fact.source) > LONGEST_SOURCE or not _SOURCE.fullmatch(fact.source):
        raise FactInvalid(f"source {fact.source!r} is not of the form kind:identifier")
    if not _CATEGORY.fullmatch(fact.category):
        raise FactInvalid(f"category {fact.category!r} is not a category code")
    if not _CAPACITY.fullmatch(fact.acting_as):
        raise FactInvalid(f"acting_as {fact.acting_as!r} is not a capacity")
    longest = max((len(word) for pair in fact.evidence.items() for word in pair), default=0)
    if len(fact.evidence) > LONGEST_EVIDENCE or longest > LONGEST_SOURCE:
        raise FactInvalid("evidence is a few short words, not a document")


def _check_quantity(fact: Fact) -> None:
    if not 0 <= fact.quantity <= LARGEST_QUANTITY:
        raise FactInvalid(f"quantity {fact.quantity} is not between 0 and {LARGEST_QUANTITY}")
    if fact.planned is not None and not 0 < fact.planned <= LARGEST_QUANTITY:
        raise FactInvalid(f"planned {fact.planned} is not between 1 and {LARGEST_QUANTITY}")
    if fact.quantity != 1 and fact.kind in ONE_AT_A_TIME:
        raise FactInvalid(ONE_AT_A_TIME[fact.kind])
    if fact.kind is FactKind.HOUSEHOLD and fact.household_id is None:
        raise FactInvalid("a merit of a household needs the household")


def _check_times(fact: Fact) -> None:
    for name in ("occurred_at", "received_at"):
        if getattr(fact, name).utcoffset() is None:
            raise FactInvalid(f"{name} has no time zone")
    # Time zones reach from -12 to +14 hours: a civil day is never further than one day away.
    if abs((fact.occurred_at.date() - fact.occurred_on).days) > 1:
        raise FactInvalid("occurred_on is not the day of occurred_at anywhere on earth")
