"""Facts: what somebody did, before anyone says what it is worth."""

import re
from collections.abc import Mapping
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


class FactKind(StrEnum):
    """What can be reported."""

    STATION_VISIT = "station_visit"  # quantity: always 1, the first visit of the day
    ATTENDANCE = "attendance"  # quantity: minutes from check-in to check-out


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing one person did, told once.

    `source` names it for ever in its tenant ("attendance:<uuid>"). `id` is a UUIDv7 made by
    whoever reports. `occurred_on` is the civil day of the community, and decides which policy
    applies. `evidence` says which code was read and who confirmed, never anything about a person.
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

    def __post_init__(self) -> None:
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
        )

    @property
    def order(self) -> tuple[datetime, UUID]:
        """The order in which facts of one batch are judged and booked."""
        return self.occurred_at, self.id


def _check_words(fact: Fact) -> None:
    if len(fact.source) > LONGEST_SOURCE or not _SOURCE.fullmatch(fact.source):
        raise FactInvalid(f"source {fact.source!r} is not of the form kind:identifier")
    if not _CATEGORY.fullmatch(fact.category):
        raise FactInvalid(f"category {fact.category!r} is not a category code")
    longest = max((len(word) for pair in fact.evidence.items() for word in pair), default=0)
    if len(fact.evidence) > LONGEST_EVIDENCE or longest > LONGEST_SOURCE:
        raise FactInvalid("evidence is a few short words, not a document")


def _check_quantity(fact: Fact) -> None:
    if not 0 <= fact.quantity <= LARGEST_QUANTITY:
        raise FactInvalid(f"quantity {fact.quantity} is not between 0 and {LARGEST_QUANTITY}")
    if fact.kind is FactKind.STATION_VISIT and fact.quantity != 1:
        raise FactInvalid("a station visit is one visit")


def _check_times(fact: Fact) -> None:
    for name in ("occurred_at", "received_at"):
        if getattr(fact, name).utcoffset() is None:
            raise FactInvalid(f"{name} has no time zone")
    # Time zones reach from -12 to +14 hours: a civil day is never further than one day away.
    if abs((fact.occurred_at.date() - fact.occurred_on).days) > 1:
        raise FactInvalid("occurred_on is not the day of occurred_at anywhere on earth")
