"""Corrections by hand and gifts: one movement each, asked for by name and repeatable.

What a community gives or takes without a fact, what somebody gives away, and what somebody pays
back of what they owe. Each says how it is checked against what is there; how it is booked is the
same for all of them.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from points_engine.accounts import Account, Unit, issuance, love_pool, receivable, red_account
from points_engine.errors import InsufficientPoints, NotOwed, ReferenceConflict, TransferInvalid
from points_engine.ledger import Transfer, TransferKind, check_reference, transfer_id
from points_engine.passbook import Balance
from points_engine.redemption import check_same

_SIGNS = {TransferKind.ADJUST: (-1, 1), TransferKind.REWARD: (1,), TransferKind.PENALTY: (-1,)}


class Correction(Protocol):
    """A movement that somebody asks for. `reference` makes it repeatable."""

    @property
    def occurred_on(self) -> date: ...

    @property
    def expires_on(self) -> date | None:
        """The last day of the points it brings somebody; None when they never expire."""
        ...

    def as_transfer(self, tenant_id: int) -> Transfer:
        """The movement it becomes when there is enough."""
        ...

    def check(self, balance: Balance) -> None:
        """Refuse it when whoever gives does not have so much."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """What a community gives (`amount` above zero) or takes, and why.

    `kind` is REWARD or PENALTY where it is one. Points that are given live until `expires_on`.
    """

    reference: str
    person_id: UUID
    unit: Unit
    amount: int
    community_id: UUID
    kind: TransferKind = TransferKind.ADJUST
    expires_on: date | None = None
    occurred_on: date
    booked_at: datetime
    actor_id: UUID
    reason: str

    def __post_init__(self) -> None:
        check_said(self.reference, self.reason)
        sign = (self.amount > 0) - (self.amount < 0)
        if sign not in _SIGNS.get(self.kind, ()):
            raise TransferInvalid(f"{self.reference}: {self.amount} is no {self.kind}")
        if self.unit is Unit.HOUSEHOLD:
            raise TransferInvalid(f"{self.reference}: a person has no {self.unit} account")
        check_last_day(self, brings_points=sign > 0 and self.unit is Unit.POINTS)
        self.as_transfer(0)

    def as_transfer(self, tenant_id: int) -> Transfer:
        ours, theirs = (
            issuance(self.community_id, self.unit),
            red_account(self.person_id, self.unit),
        )
        given = self.amount > 0
        return Transfer(
            id=transfer_id(tenant_id, self.reference),
            kind=self.kind,
            reference=self.reference,
            source=self.reference,
            debit=ours if given else theirs,
            credit=theirs if given else ours,
            amount=abs(self.amount),
            community_id=self.community_id,
            occurred_on=self.occurred_on,
            booked_at=self.booked_at,
            actor_id=self.actor_id,
            reason=self.reason,
        )

    def check(self, balance: Balance) -> None:
        # Work that is overdue may cost more than was gathered.
        if self.unit is not Unit.WORK:
            check_there(-self.amount, balance.available)


@dataclass(frozen=True, slots=True, kw_only=True)
class Donation:
    """Points for the love pool of a community, or for another person (`recipient_id`)."""

    reference: str
    donor_id: UUID
    amount: int
    community_id: UUID
    recipient_id: UUID | None = None
    expires_on: date | None = None
    occurred_on: date
    booked_at: datetime
    actor_id: UUID
    reason: str

    def __post_init__(self) -> None:
        check_said(self.reference, self.reason)
        check_last_day(self, brings_points=self.recipient_id is not None)
        self.as_transfer(0)

    def as_transfer(self, tenant_id: int) -> Transfer:
        pool, theirs = love_pool(self.community_id), self.recipient_id
        return Transfer(
            id=transfer_id(tenant_id, self.reference),
            kind=TransferKind.DONATE,
            reference=self.reference,
            source=self.reference,
            debit=red_account(self.donor_id, Unit.POINTS),
            credit=pool if theirs is None else red_account(theirs, Unit.POINTS),
            amount=self.amount,
            community_id=self.community_id,
            occurred_on=self.occurred_on,
            booked_at=self.booked_at,
            actor_id=self.actor_id,
            reason=self.reason,
        )

    def check(self, balance: Balance) -> None:
        check_there(self.amount, balance.available)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repayment:
    """What somebody pays back of what they owe since an earning of theirs was reversed."""

    reference: str
    person_id: UUID
    amount: int
    community_id: UUID
    unit: Unit = Unit.POINTS
    occurred_on: date
    booked_at: datetime
    actor_id: UUID
    reason: str

    def __post_init__(self) -> None:
        check_said(self.reference, self.reason)
        self.as_transfer(0)

    @property
    def expires_on(self) -> None:
        """It brings nobody points."""

    def as_transfer(self, tenant_id: int) -> Transfer:
        return Transfer(
            id=transfer_id(tenant_id, self.reference),
            kind=TransferKind.ADJUST,
            reference=self.reference,
            source=self.reference,
            debit=red_account(self.person_id, self.unit),
            credit=receivable(self.person_id, self.unit),
            amount=self.amount,
            community_id=self.community_id,
            occurred_on=self.occurred_on,
            booked_at=self.booked_at,
            actor_id=self.actor_id,
            reason=self.reason,
        )

    def check(self, balance: Balance) -> None:
        if self.amount > balance.owed:
            raise NotOwed(owed=balance.owed, repaid=self.amount)
        # What is owed cannot be spent, but it can be paid back.
        check_there(self.amount, balance.posted - balance.held - balance.lapsed)


def has_lots(account: Account) -> bool:
    """Whether what is in the account comes in lots."""
    return account.unit is Unit.POINTS and account.guarded and account.code == "red_account"


def check_said(reference: str, reason: str) -> None:
    """`TransferInvalid` unless it has a name and says why."""
    check_reference(reference)
    if not reason.strip():
        raise TransferInvalid(f"{reference}: it does not say why")


def check_last_day(asked: Adjustment | Donation, *, brings_points: bool) -> None:
    """`TransferInvalid` for a last day of nothing, or for one that is over."""
    if asked.expires_on is None:
        return
    if not brings_points:
        raise TransferInvalid(f"{asked.reference}: nobody gets points that could expire")
    if asked.expires_on < asked.occurred_on:
        raise TransferInvalid(f"{asked.reference}: its points would have expired before")


def check_there(needed: int, there: int) -> None:
    """`InsufficientPoints` when there is less than is needed."""
    if there < needed:
        raise InsufficientPoints(balance=there, needed=needed)


def check_same_correction(
    first: tuple[Transfer, date | None], again: tuple[Transfer, date | None]
) -> None:
    """`ReferenceConflict` unless the same is moved, to live until the same day."""
    check_same(first[0], again[0])
    if first[1] != again[1]:
        raise ReferenceConflict(again[0].reference)
