"""What an engine does: one protocol, kept by the dictionaries and by PostgreSQL alike."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from points_engine.accounts import Unit
from points_engine.facts import Fact
from points_engine.ledger import Transfer
from points_engine.passbook import Balance, Decision, FactCursor, Line, LineCursor
from points_engine.policy import Policies, Policy
from points_engine.redemption import Spending


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What one batch did: facts decided, transfers booked, facts set apart as unjudgeable."""

    facts: int = 0
    transfers: int = 0
    quarantined: int = 0

    @property
    def claimed(self) -> int:
        """How many facts the batch took from the queue: at 0 nothing was left to take."""
        return self.facts + self.quarantined


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A fact that could not be judged: kept, visible, and in nobody's way."""

    fact_id: UUID
    source: str
    community_id: UUID
    beneficiary_id: UUID
    attempts: int
    error: str
    quarantined_at: datetime


class Engine(Protocol):
    """One tenant's engine. It commits nothing and reads no clock: the caller does both."""

    def report(self, fact: Fact) -> bool:
        """Take in a fact, to be settled from its `received_at` on.

        False when its source is known with the same content; `SourceConflict` when it is known
        with another.
        """
        ...

    def waiting(self, beneficiary_id: UUID) -> list[Fact]:
        """The facts of one person that are not settled yet, oldest first."""
        ...

    def facts(self, sources: Iterable[str]) -> dict[str, Fact]:
        """The facts of these sources, settled or not; unknown sources are left out."""
        ...

    def communities_waiting(self, now: datetime) -> list[UUID]:
        """The communities in which a fact could be settled now, in the order of their ids."""
        ...

    def settle(
        self, community_id: UUID, policies: Policies, *, now: datetime, limit: int = 1000
    ) -> Settled:
        """Decide up to `limit` waiting facts of one community and book what they earn.

        Any number of workers may do so at once. However the facts are cut into batches, the
        balances, the amounts and the references are the same.
        """
        ...

    def quarantined(self, *, limit: int = 100) -> list[Quarantined]:
        """Facts that could not be judged, the first to fail first."""
        ...

    def release(self, fact_id: UUID, *, not_before: datetime) -> bool:
        """Put a quarantined fact back in the queue. False when it is not in quarantine."""
        ...

    def spend(self, spending: Spending) -> Transfer:
        """Take points from the payer at once. One payer a transaction: they are locked.

        Settled points only. The same spending again gives the first transfer; another one
        under its reference is a `ReferenceConflict`; too few points are `InsufficientPoints`.
        """
        ...

    def balances(self, person_id: UUID) -> dict[Unit, Balance]:
        """The balance of every unit; zero where nothing was ever booked."""
        ...

    def lines(
        self,
        person_id: UUID,
        unit: Unit | None = None,
        *,
        before: LineCursor | None = None,
        limit: int = 50,
    ) -> list[Line]:
        """A page of the passbook, newest first. Its cost does not grow with its depth."""
        ...

    def decisions(self, source: str) -> list[Decision]:
        """What was decided about one fact, one for each unit; nothing while it waits."""
        ...

    def decisions_of(
        self, person_id: UUID, *, before: FactCursor | None = None, limit: int = 50
    ) -> list[Decision]:
        """The decisions about up to `limit` facts of one person, the latest fact first."""
        ...

    def publish(self, policy: Policy, *, now: datetime) -> bool:
        """Publish a policy for good. False when that very policy is published already.

        `PolicyConflict` when its version or its first day belongs to another one.
        """
        ...

    def policies(self) -> Policies:
        """Every published policy."""
        ...
