"""Pins: what a hold keeps of each lot, and what becomes of it when the hold ends."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from points_engine.accounts import Unit, red_account
from points_engine.expiring import CHINA, Choice, end_of_day, expiry, goes_to
from points_engine.ledger import Transfer
from points_engine.lots import Hold, Lot, Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """So much of a lot is kept by a hold."""

    lot: Lot
    amount: int


@dataclass(slots=True, kw_only=True)
class Unpinned:
    """What was paid from which lots, and the lots that lost what was free of them, as they were."""

    taken: list[Share] = field(default_factory=list)
    lapsed: list[Lot] = field(default_factory=list)


def unpin(pins: Iterable[Pin], *, on: date, paid: int = 0) -> Unpinned:
    """Let the pinned lots go: `paid` is taken from them, the first to expire first.

    What was pinned while its lot lapsed comes back for the grace. It must not take with it what
    nobody had pinned of that lot and only nobody has booked out yet: that lapses first.
    """
    ended = Unpinned()
    for pin in sorted(pins, key=lambda pin: pin.lot.order):
        lot, taken = pin.lot, min(pin.amount, paid)
        before = replace(lot)
        paid -= taken
        lot.held -= pin.amount
        lot.remaining -= taken
        if taken:
            ended.taken.append(Share(lot_id=lot.id, amount=taken))
        if pin.amount > taken and lot.is_lapsed(on):
            lot.remaining -= before.free
            lot.live_on(on)
            if before.free:
                ended.lapsed.append(before)
    return ended


def lapsing(tenant_id: int, hold: Hold, lapsed: Lot, *, choices: Iterable[Choice]) -> Transfer:
    """What lapsed of a lot before the hold on the rest of it ended, as if booked on its day."""
    assert lapsed.expires_on is not None
    to = goes_to(choices, end_of_day(lapsed.expires_on, CHINA))
    reference = f"lapse:{hold.id}:{lapsed.id}"
    owner = red_account(hold.payer_id, Unit.POINTS)
    return replace(expiry(lapsed, owner, to, named=(tenant_id, reference)), source=hold.reference)
