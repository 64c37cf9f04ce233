"""Expiry: what is left of a lot after its last day goes where its owner wanted, or its community.

A lot's last day ends at midnight where its people live. What its owner had chosen by then
decides, however much later somebody books it: when the nightly work runs changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone, tzinfo
from uuid import UUID

from points_engine.accounts import Account, expired, love_pool
from points_engine.ledger import Transfer, TransferKind, transfer_id
from points_engine.lots import Destination, Expiring, Lot

CHINA = timezone(timedelta(hours=8))
NOBODY = UUID(int=0)  # who acts when a day ends
ENDS = {Destination.COMMUNITY: expired, Destination.LOVE_POOL: love_pool}
REASONS = {
    Destination.COMMUNITY: "积分到期未使用",
    Destination.LOVE_POOL: "积分到期未使用，按本人选择转入爱心池",
}
A_DAY = timedelta(days=1)

Choice = tuple[datetime, Destination]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """What one batch did: lots it looked at, lots that lost something, and how much in all.

    At 0 `claimed` nothing was left. Fewer `lots` than that were claimed twice, or just spent.
    """

    claimed: int = 0
    lots: int = 0
    points: int = 0


def expiry_reference(lot_id: object, on: date) -> str:
    """What the expiry of a lot is called; once a day, as a hold may let go of a part later."""
    return f"expire:{lot_id}:{on}"


def lapsed_on(expires_on: date) -> date:
    """The first day on which it cannot be spent any more."""
    return expires_on + A_DAY


def end_of_day(day: date, zone: tzinfo) -> datetime:
    """The midnight that ends a civil day."""
    return datetime(day.year, day.month, day.day, tzinfo=zone) + A_DAY


def goes_to(choices: Iterable[Choice], ends_at: datetime) -> Destination:
    """What was chosen last before the last day had ended."""
    in_time = [choice for choice in choices if choice[0] < ends_at]
    return max(in_time)[1] if in_time else Destination.COMMUNITY


def expiry(lot: Lot, owner: Account, to: Destination, *, named: tuple[int, str]) -> Transfer:
    """The movement by which a lot loses what is free of it; `named` are tenant and reference."""
    assert lot.expires_on is not None
    tenant_id, reference = named
    return Transfer(
        id=transfer_id(tenant_id, reference),
        kind=TransferKind.EXPIRE,
        reference=reference,
        source=reference,
        debit=owner,
        credit=ENDS[to](lot.community_id),
        amount=lot.free,
        community_id=lot.community_id,
        occurred_on=lapsed_on(lot.expires_on),
        booked_at=end_of_day(lot.expires_on, CHINA),
        actor_id=NOBODY,
        reason=REASONS[to],
    )


def summed(lots: Iterable[Lot], *, on: date, until: date | None) -> list[Expiring]:
    """A schedule: by last day what can still be spent of it or is held, the soonest first.

    What has lapsed and nobody holds is in it no more. What never expires comes last, and is left
    out where the schedule ends.
    """
    days: dict[date | None, tuple[int, int]] = {}
    for lot in lots:
        amount = lot.held if lot.is_lapsed(on) else lot.remaining
        if amount and _is_within(lot.expires_on, until):
            known = days.get(lot.expires_on, (0, 0))
            days[lot.expires_on] = known[0] + amount, known[1] + lot.held
    return [
        Expiring(expires_on=day, amount=amount, held=held)
        for day, (amount, held) in sorted(days.items(), key=lambda each: each[0] or date.max)
    ]


def _is_within(day: date | None, until: date | None) -> bool:
    return until is None or (day is not None and day <= until)
