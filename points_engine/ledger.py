"""Transfers: one amount of one unit leaves one account and enters another."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from points_engine.accounts import Account, Unit
from points_engine.errors import TransferInvalid
from points_engine.identifiers import derived_id
from points_engine.periods import quarter_of

LARGEST_TRANSFER = 10**12
LONGEST_REFERENCE = 220

_INSTANT = timedelta(microseconds=1)
_REFERENCE = re.compile(r"[a-z][a-z0-9_]*:\S+")
_EARNED = tuple(f":{unit.value}" for unit in Unit)


class TransferKind(StrEnum):
    """Why something moves."""

    EARN = "earn"
    BONUS = "bonus"
    REVERSE = "reverse"
    REDEEM = "redeem"
    EXPIRE = "expire"
    DONATE = "donate"
    ADJUST = "adjust"
    REWARD = "reward"
    PENALTY = "penalty"


EARNING = frozenset({TransferKind.EARN, TransferKind.BONUS})  # what settlement credits


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A movement, balanced by construction: what leaves `debit` is what enters `credit`.

    `reference` names its cause for ever in its tenant, `source` the thing in the world behind
    it; one fact has one source and a reference for each unit. `booked_at` never goes back on a
    guarded account, so a statement as of any instant is a beginning of the account's versions.
    It counts in `quarter`: that in which it happened, unless nothing was booked into that any
    more. Versions and balances exist only for a guarded side, and only once it is booked.
    """

    id: UUID
    kind: TransferKind
    reference: str
    source: str
    debit: Account
    credit: Account
    amount: int
    community_id: UUID
    occurred_on: date
    booked_at: datetime
    actor_id: UUID
    reason: str
    policy_version: str = ""
    fact_id: UUID | None = None
    reverses: UUID | None = None
    quarter: str = ""
    debit_version: int | None = None
    debit_balance_after: int | None = None
    credit_version: int | None = None
    credit_balance_after: int | None = None

    def __post_init__(self) -> None:
        if self.debit == self.credit or self.debit.unit is not self.credit.unit:
            raise TransferInvalid(f"{self.reference}: two accounts of one unit are needed")
        check_amount(self.reference, self.amount)
        check_instant(self.reference, self.booked_at)
        if not self.quarter:
            object.__setattr__(self, "quarter", quarter_of(self.occurred_on))

    @property
    def unit(self) -> Unit:
        return self.debit.unit


def just_after(now: datetime, booked: Iterable[datetime | None]) -> datetime:
    """`now`, or the instant just after the latest of these bookings if that is later.

    Bookings that touch the same account are never of one instant: their instants order them,
    and what an account had at any instant is well defined.
    """
    latest = max([each for each in booked if each is not None], default=None)
    return now if latest is None or latest < now else latest + _INSTANT


def transfer_id(tenant_id: int, reference: str) -> UUID:
    """The identifier of the movement that `reference` stands for."""
    return derived_id(tenant_id, "transfer", reference)


def earn_reference(source: str, unit: Unit) -> str:
    """What the settlement of a fact is called in one unit."""
    return f"{source}:{unit.value}"


def check_reference(reference: str) -> None:
    """`TransferInvalid` unless it may name a movement that is not an earning.

    References of earnings end in their unit. Nothing else may, or a redemption could take the
    name under which a fact is still to be settled.
    """
    well_formed = _REFERENCE.fullmatch(reference) and len(reference) <= LONGEST_REFERENCE
    if not well_formed or reference.endswith(_EARNED):
        raise TransferInvalid(f"reference {reference!r} is not of the form kind:identifier")


def check_amount(reference: str, amount: int) -> None:
    """`TransferInvalid` unless so much can be moved."""
    if not 0 < amount <= LARGEST_TRANSFER:
        raise TransferInvalid(f"{reference}: {amount} cannot be moved")


def check_instant(reference: str, at: datetime) -> None:
    """`TransferInvalid` unless it is known which instant is meant."""
    if at.utcoffset() is None:
        raise TransferInvalid(f"{reference}: {at} has no time zone")
