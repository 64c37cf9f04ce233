"""Redemption: points leave a person's account for a shop's till."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from points_engine.accounts import Unit, red_account, till
from points_engine.errors import InsufficientPoints, ReferenceConflict
from points_engine.ledger import Transfer, TransferKind, check_reference, transfer_id
from points_engine.passbook import Balance


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
        check_reference(self.reference)
        self.as_transfer(0)  # whatever cannot be a transfer is refused here, not at the counter

    def as_transfer(self, tenant_id: int) -> Transfer:
        """The movement it becomes when the payer can afford it."""
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
            booked_at=self.booked_at,
            actor_id=self.actor_id,
            reason=self.reason,
        )


def check_affordable(amount: int, balance: Balance) -> None:
    """`InsufficientPoints` when less than `amount` is there or free. Held points are not free."""
    if balance.available < amount:
        raise InsufficientPoints(balance=balance.available, needed=amount)


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
