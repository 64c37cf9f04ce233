"""Redemption: points leave a person's account for a shop's till, at once or after a hold."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from points_engine.accounts import Unit, red_account, till
from points_engine.canonical import digest
from points_engine.errors import InsufficientPoints, ReferenceConflict, TransferInvalid
from points_engine.identifiers import derived_id
from points_engine.ledger import (
    Transfer,
    TransferKind,
    check_amount,
    check_instant,
    check_reference,
    transfer_id,
)
from points_engine.lots import Hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What a payer is asked for. `reference` ("redemption:<uuid>") makes it repeatable."""

    payer_id: UUID
    shop_id: UUID
    community_id: UUID
    amount: int
    reference: str
    occurred_on: date
    booked_at: datetime
    actor_id: UUID
    reason: str

    def __post_init__(self) -> None:
        # Whatever cannot be a transfer is refused here, not at the counter.
        check_reference(self.reference)
        check_amount(self.reference, self.amount)
        check_instant(self.reference, self.booked_at)

    @property
    def content_hash(self) -> bytes:
        """What a repetition must have in common with it. When it happened is no part of that."""
        parties = (self.payer_id, self.shop_id, self.community_id)
        return digest("spending", *parties, self.amount, self.actor_id, self.reason)

    def as_transfer(
        self,
        tenant_id: int,
        *,
        booked_at: datetime | None = None,
        quarter: str = "",
        debit_version: int | None = None,
        debit_balance_after: int | None = None,
    ) -> Transfer:
        """The movement it becomes when the payer can afford it; as it was booked, if it was."""
        return Transfer(
            id=transfer_id(tenant_id, self.reference),
            kind=TransferKind.REDEEM,
            reference=self.reference,
            source=self.reference,
            debit=red_account(self.payer_id, Unit.POINTS),
            credit=till(self.shop_id),
            amount=self.amount,
            community_id=self.community_id,
            occurred_on=self.occurred_on,
            booked_at=booked_at or self.booked_at,
            actor_id=self.actor_id,
            reason=self.reason,
            quarter=quarter,
            debit_version=debit_version,
            debit_balance_after=debit_balance_after,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """What is kept for a payer until somebody comes for it, or `expires_at` has passed."""

    reference: str
    payer_id: UUID
    shop_id: UUID
    community_id: UUID
    amount: int
    held_at: datetime
    expires_at: datetime
    occurred_on: date
    actor_id: UUID
    reason: str

    def __post_init__(self) -> None:
        check_reference(self.reference)
        check_amount(self.reference, self.amount)
        check_instant(self.reference, self.held_at)
        check_instant(self.reference, self.expires_at)
        if self.expires_at <= self.held_at:
            raise TransferInvalid(f"{self.reference}: a hold ends after it began")

    @property
    def content_hash(self) -> bytes:
        """What a repetition must have in common with it. How long it lasts is no part of that."""
        parties = (self.payer_id, self.shop_id, self.community_id)
        return digest("reservation", *parties, self.amount, self.actor_id, self.reason)

    def as_hold(self, tenant_id: int) -> Hold:
        """The hold it becomes when the payer can afford it."""
        return Hold(
            id=derived_id(tenant_id, "hold", self.reference),
            reference=self.reference,
            payer_id=self.payer_id,
            shop_id=self.shop_id,
            community_id=self.community_id,
            amount=self.amount,
            held_at=self.held_at,
            expires_at=self.expires_at,
            actor_id=self.actor_id,
            reason=self.reason,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """Somebody came for what is held under `reference`: for all of it, or for `amount`."""

    reference: str
    amount: int | None = None
    occurred_on: date
    booked_at: datetime
    actor_id: UUID
    reason: str

    def __post_init__(self) -> None:
        check_instant(self.reference, self.booked_at)

    def as_spending(self, hold: Hold) -> Spending:
        """What it takes from the payer; `TransferInvalid` when that is more than is held."""
        amount = hold.amount if self.amount is None else self.amount
        if amount > hold.amount:
            raise TransferInvalid(f"{self.reference}: {amount} cannot be taken of {hold.amount}")
        return Spending(
            payer_id=hold.payer_id,
            shop_id=hold.shop_id,
            community_id=hold.community_id,
            amount=amount,
            reference=hold.reference,
            occurred_on=self.occurred_on,
            booked_at=self.booked_at,
            actor_id=self.actor_id,
            reason=self.reason,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """That somebody could not afford something: kept, so that asking again changes nothing."""

    reference: str
    content_hash: bytes
    balance: int
    needed: int
    refused_at: datetime

    def repeat(self, content_hash: bytes) -> None:
        """Refuse the same again in the same words; `ReferenceConflict` for anything else."""
        if content_hash != self.content_hash:
            raise ReferenceConflict(self.reference)
        raise InsufficientPoints(balance=self.balance, needed=self.needed)


def refused(asked: Spending | Reservation, *, available: int, at: datetime) -> Refusal:
    """The refusal of what is more than can be spent."""
    assert available < asked.amount
    return Refusal(
        reference=asked.reference,
        content_hash=asked.content_hash,
        balance=available,
        needed=asked.amount,
        refused_at=at,
    )


def check_same(first: Transfer, again: Transfer) -> None:
    """`ReferenceConflict` unless a repetition asks for what was booked.

    When it happened is not compared: a repetition comes later, perhaps after midnight.
    """
    if _content(first) != _content(again):
        raise ReferenceConflict(again.reference)


def _content(transfer: Transfer) -> tuple[object, ...]:
    return (
        transfer.kind,
        transfer.debit,
        transfer.credit,
        transfer.amount,
        transfer.community_id,
        transfer.actor_id,
        transfer.reason,
    )


def check_same_hold(first: Hold, again: Reservation) -> None:
    """`ReferenceConflict` unless a repetition asks for what was held."""
    wanted = (again.payer_id, again.shop_id, again.community_id, again.amount)
    held = (first.payer_id, first.shop_id, first.community_id, first.amount)
    if (*held, first.actor_id, first.reason) != (*wanted, again.actor_id, again.reason):
        raise ReferenceConflict(again.reference)
