"""Lots: points come in parcels with a last day, and leave by the first that expires.

What can be spent is never "credits not expired minus all debits": each debit says which lots it
took from, and each lot what is left of it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from points_engine.errors import HoldEnded

GRACE = timedelta(days=30)  # how long what comes back to a lapsed lot lives at least


class HoldState(StrEnum):
    """What has become of a hold. It ends once, in one way."""

    HELD = "held"
    CAPTURED = "captured"  # paid, in whole or in part; the rest was free again
    RELEASED = "released"  # given up
    EXPIRED = "expired"  # nobody came


class Destination(StrEnum):
    """Where a person wants points to go that they let expire."""

    COMMUNITY = "community"
    LOVE_POOL = "love_pool"


@dataclass(slots=True, kw_only=True)
class Lot:
    """A parcel of points: `id` is that of the transfer that credited it.

    `expires_on` is the last day on which it can be spent; None means that it never expires.
    `first_expires_on` is what that was before a hold that ended too late gave it a grace.
    """

    id: UUID
    community_id: UUID
    earned_on: date
    expires_on: date | None
    original: int
    remaining: int
    held: int = 0
    first_expires_on: date | None = None

    @property
    def granted_until(self) -> date | None:
        """The last day it was made with, whatever grace it was given since."""
        return self.first_expires_on or self.expires_on

    @property
    def free(self) -> int:
        """What no hold has pinned."""
        return self.remaining - self.held

    @property
    def order(self) -> tuple[bool, date, UUID]:
        """First-expiring-first-out; lots that never expire come last."""
        return self.expires_on is None, self.expires_on or date.max, self.id

    def is_lapsed(self, day: date) -> bool:
        return self.expires_on is not None and self.expires_on < day

    def live_on(self, day: date) -> None:
        """What a hold kept past the last day comes back for the grace."""
        until = restored_until(self.expires_on, day)
        if until != self.expires_on:
            self.first_expires_on, self.expires_on = self.granted_until, until


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """So much of one lot."""

    lot_id: UUID
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiring:
    """One line of the schedule: what lapses after its last day, and what of it is held."""

    expires_on: date | None
    amount: int
    held: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Points of one payer, reserved for one shop until `expires_at`."""

    id: UUID
    reference: str
    payer_id: UUID
    shop_id: UUID
    community_id: UUID
    amount: int
    captured: int = 0
    state: HoldState = HoldState.HELD
    held_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    actor_id: UUID
    reason: str

    def check_open(self, at: datetime) -> None:
        """`HoldEnded` when it cannot be paid any more."""
        if self.state is not HoldState.HELD:
            raise HoldEnded(self.reference, state=self.state.value)
        if self.expires_at <= at:
            raise HoldEnded(self.reference, state=HoldState.EXPIRED.value)

    @property
    def is_given_up(self) -> bool:
        """Whether it ended without a payment; `HoldEnded` when it was paid."""
        if self.state is HoldState.CAPTURED:
            raise HoldEnded(self.reference, state=self.state.value)
        return self.state is not HoldState.HELD


def allocate(lots: Iterable[Lot], amount: int, *, day: date) -> list[Share]:
    """Which lots give `amount`, the first to expire first. Lapsed lots give nothing.

    Gives less than was asked where there is less; whoever asks has compared before.
    """
    return list(_take(sorted(lots, key=lambda lot: lot.order), amount, day))


def _take(lots: Iterable[Lot], amount: int, day: date) -> Iterator[Share]:
    for lot in lots:
        taken = 0 if lot.is_lapsed(day) else min(lot.free, amount)
        if taken:
            amount -= taken
            yield Share(lot_id=lot.id, amount=taken)


def restored_until(expires_on: date | None, day: date) -> date | None:
    """The last day of what comes back: the lot's own, but never sooner than the grace allows."""
    return None if expires_on is None else max(expires_on, day + GRACE)


def first_last_day(expires_on: date | None, booked_on: date) -> date | None:
    """The last day of a new lot: what was booked too late to be spent lives for the grace."""
    if expires_on is None or expires_on >= booked_on:
        return expires_on
    return booked_on + GRACE
