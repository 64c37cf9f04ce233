"""What an engine in dictionaries remembers, and how it books."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from uuid import UUID

from points_engine.accounts import Account
from points_engine.awards import Award
from points_engine.facts import Fact
from points_engine.ledger import Transfer, just_after
from points_engine.lots import Destination, Hold, Lot, Share
from points_engine.periods import open_quarter
from points_engine.policy import Policy
from points_engine.proofs import Sealed
from points_engine.redemption import Refusal

NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class Waiting:
    """A fact's place in the queue."""

    not_before: datetime
    attempts: int = 0
    error: str = ""
    quarantined_at: datetime | None = None


@dataclass(slots=True)
class Kept:
    """The state of a guarded account."""

    posted: int = 0
    held: int = 0
    version: int = 0
    last_booked_at: datetime = NEVER


@dataclass(slots=True)
class Usage:
    """How much of a cap is used."""

    used: int = 0
    allowed: int = 0
    last_booked_at: datetime = NEVER


@dataclass(slots=True)
class Decided:
    """What was decided about one fact, and when."""

    decided_at: datetime
    awards: list[Award]


@dataclass(slots=True)
class State:
    """One tenant's books."""

    tenant_id: int
    facts: dict[UUID, Fact] = field(default_factory=dict)
    sources: dict[str, UUID] = field(default_factory=dict)
    queue: dict[UUID, Waiting] = field(default_factory=dict)
    policies: dict[str, Policy] = field(default_factory=dict)
    decided: dict[UUID, Decided] = field(default_factory=dict)
    caps: defaultdict[str, Usage] = field(default_factory=lambda: defaultdict(Usage))
    accounts: defaultdict[Account, Kept] = field(default_factory=lambda: defaultdict(Kept))
    transfers: dict[str, Transfer] = field(default_factory=dict)
    by_account: defaultdict[Account, list[str]] = field(default_factory=lambda: defaultdict(list))
    lots: defaultdict[Account, dict[UUID, Lot]] = field(default_factory=lambda: defaultdict(dict))
    uses: dict[UUID, list[Share]] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    pinned: dict[str, list[Share]] = field(default_factory=dict)
    refusals: dict[str, Refusal] = field(default_factory=dict)
    choices: defaultdict[UUID, list[tuple[datetime, Destination]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    periods: dict[tuple[UUID, str], datetime] = field(default_factory=dict)
    seals: dict[tuple[UUID, str], Sealed] = field(default_factory=dict)

    def choices_of(self, person_id: UUID, *, until: datetime) -> list[tuple[datetime, Destination]]:
        """What somebody has chosen for what lapses, as far as it is known by an instant."""
        return [choice for choice in self.choices.get(person_id, ()) if choice[0] <= until]

    def booking_instant(
        self, now: datetime, accounts: Iterable[Account], caps: Iterable[str] = ()
    ) -> datetime:
        """When what touches these accounts and caps is booked: after all that touched them."""
        booked = [self.accounts[each].last_booked_at for each in accounts if each in self.accounts]
        booked += [self.caps[key].last_booked_at for key in caps if key in self.caps]
        return just_after(now, booked)

    def ended_quarters(self, community_id: UUID) -> set[str]:
        """The quarters into which nothing of this community is booked any more."""
        return {quarter for community, quarter in self.periods if community == community_id}

    def quarter(self, transfer: Transfer) -> str:
        return open_quarter(transfer.occurred_on, self.ended_quarters(transfer.community_id))

    def post(self, transfer: Transfer, booked_at: datetime) -> Transfer:
        """Book one transfer. What lots it makes or takes from is the caller's business."""
        booked = replace(transfer, booked_at=booked_at, quarter=self.quarter(transfer))
        if booked.debit.guarded:
            version, balance = self._move(booked.debit, -booked.amount, booked_at)
            booked = replace(booked, debit_version=version, debit_balance_after=balance)
        if booked.credit.guarded:
            version, balance = self._move(booked.credit, booked.amount, booked_at)
            booked = replace(booked, credit_version=version, credit_balance_after=balance)
        self.transfers[booked.reference] = booked
        for account in (booked.debit, booked.credit):
            self.by_account[account].append(booked.reference)
        return booked

    def add_lot(self, booked: Transfer, expires_on: date | None) -> None:
        """The lot that a credited transfer makes."""
        self.lots[booked.credit][booked.id] = Lot(
            id=booked.id,
            community_id=booked.community_id,
            earned_on=booked.occurred_on,
            expires_on=expires_on,
            original=booked.amount,
            remaining=booked.amount,
        )

    def _move(self, account: Account, amount: int, booked_at: datetime) -> tuple[int, int]:
        kept = self.accounts[account]
        kept.posted += amount
        kept.version += 1
        kept.last_booked_at = booked_at
        return kept.version, kept.posted
