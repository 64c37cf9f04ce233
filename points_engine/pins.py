"""Pins: what a hold keeps of each lot, and what becomes of it when the hold ends."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from points_engine.accounts import Unit, expired, love_pool, red_account
from points_engine.ledger import Transfer, TransferKind, transfer_id
from points_engine.lots import Destination, Hold, Lot, Share, restored_until

LAPSED = "积分到期未使用"
_GOES_TO = {Destination.COMMUNITY: expired, Destination.LOVE_POOL: love_pool}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """So much of a lot is kept by a hold."""

    lot: Lot
    amount: int


@dataclass(slots=True, kw_only=True)
class Unpinned:
    """What was paid from which lots, and what of them lapsed and leaves the account for good."""

    taken: list[Share] = field(default_factory=list)
    lapsed: list[Share] = field(default_factory=list)


def unpin(pins: Iterable[Pin], *, on: date, paid: int = 0) -> Unpinned:
    """Let the pinned lots go: `paid` is taken from them, the first to expire first.

    What was pinned while its lot lapsed comes back for the grace. It must not take with it what
    nobody had pinned of that lot and only nobody has booked out yet: that lapses first.
    """
    ended = Unpinned()
    for pin in sorted(pins, key=lambda pin: pin.lot.order):
        lot, taken = pin.lot, min(pin.amount, paid)
        freed, unpinned = pin.amount - taken, lot.free
        paid -= taken
        lot.held -= pin.amount
        lot.remaining -= taken
        if taken:
            ended.taken.append(Share(lot_id=lot.id, amount=taken))
        if freed and lot.is_lapsed(on):
            lot.remaining -= unpinned
            lot.expires_on = restored_until(lot.expires_on, on)
            if unpinned:
                ended.lapsed.append(Share(lot_id=lot.id, amount=unpinned))
    return ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """When holds end, on the clock and in the calendar, and where lapsed points then go."""

    at: datetime
    on: date
    goes_to: Destination = Destination.COMMUNITY


def lapsing(tenant_id: int, hold: Hold, lapsed: tuple[Lot, int], *, ending: Ending) -> Transfer:
    """What lapsed of a lot before the hold on the rest of it ended."""
    lot, amount = lapsed
    reference = f"lapse:{hold.id}:{lot.id}"
    return Transfer(
        id=transfer_id(tenant_id, reference),
        kind=TransferKind.EXPIRE,
        reference=reference,
        source=hold.reference,
        debit=red_account(hold.payer_id, Unit.POINTS),
        credit=_GOES_TO[ending.goes_to](lot.community_id),
        amount=amount,
        community_id=lot.community_id,
        occurred_on=ending.on,
        booked_at=ending.at,
        actor_id=hold.actor_id,
        reason=LAPSED,
    )
