"""Holds: the payer is locked first, whatever becomes of what is held."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from points_engine.errors import HoldUnknown, ReferenceConflict
from points_engine.ledger import Transfer
from points_engine.lots import Hold, HoldState, allocate
from points_engine.postgres import known, pins
from points_engine.postgres.accounts import lock_known
from points_engine.postgres.afford import afford
from points_engine.postgres.database import Database, all_rows
from points_engine.postgres.lots import first_expiring
from points_engine.redemption import Capture, Reservation, check_same, check_same_hold

_LATE = sa.text("""
    SELECT id, account_id FROM hold
    WHERE tenant_id = :tenant_id AND state = 'held' AND expires_at <= :now
    ORDER BY expires_at, id LIMIT :limit
""")

_STILL = sa.text("""
    SELECT id, reference, payer_id, shop_id, community_id, amount, captured, state, held_at,
           expires_at, ended_at, actor_id, reason
    FROM hold
    WHERE tenant_id = :tenant_id AND id = ANY(CAST(:ids AS uuid[])) AND state = 'held'
    ORDER BY expires_at, id
""")

_OPEN = sa.text("""
    SELECT id, reference, payer_id, shop_id, community_id, amount, captured, state, held_at,
           expires_at, ended_at, actor_id, reason
    FROM hold
    WHERE tenant_id = :tenant_id AND account_id = :account_id AND state = 'held'
    ORDER BY expires_at, id
""")


def hold(database: Database, tenant_id: int, reservation: Reservation) -> Hold:
    """Nobody else can spend what is pinned here between the check and the pins."""
    wanted = reservation.as_hold(tenant_id)
    payer, day = pins.payer_of(wanted), reservation.occurred_on
    lock_known(database, tenant_id, [payer.id_in(tenant_id)])
    # A repetition waited for the lock, so by now it sees what the first one held.
    first = known.hold_of(database, tenant_id, wanted.reference)
    if first is not None:
        check_same_hold(first, reservation)
        return first
    if known.is_booked(database, tenant_id, wanted.reference):
        raise ReferenceConflict(wanted.reference)
    afford(database, tenant_id, reservation, day=day, at=reservation.held_at)
    lots = first_expiring(database, tenant_id, payer, day=day, limit=wanted.amount)
    if not pins.pin(database, tenant_id, wanted, shares=allocate(lots, wanted.amount, day=day)):
        raise ReferenceConflict(wanted.reference)  # another payer was quicker to use it
    return wanted


def capture(database: Database, tenant_id: int, asked: Capture) -> Transfer:
    held = _locked(database, tenant_id, asked.reference)
    wanted = asked.as_spending(held).as_transfer(tenant_id)
    first = known.transfer_like(database, tenant_id, wanted)
    if held.state is HoldState.CAPTURED and first is not None:
        check_same(first, wanted)
        return first
    held.check_open(asked.booked_at)
    if first is not None:
        raise ReferenceConflict(held.reference)
    return pins.pay(database, tenant_id, held, paid=wanted)


def release(database: Database, tenant_id: int, reference: str, *, at: datetime, on: date) -> Hold:
    held = _locked(database, tenant_id, reference)
    if held.is_given_up:
        return held
    return pins.end(database, tenant_id, held, become=HoldState.RELEASED, at=at, on=on)


def lapse(database: Database, tenant_id: int, *, now: datetime, on: date, limit: int) -> int:
    """Several workers find the same holds; whoever locks the payers first ends them."""
    late = all_rows(database, _LATE, tenant_id=tenant_id, now=now, limit=limit)
    lock_known(database, tenant_id, {row.account_id for row in late})
    ids = [row.id for row in late]
    still = all_rows(database, _STILL, tenant_id=tenant_id, ids=ids)
    pins.end_all(database, tenant_id, map(known.hold_from, still), at=now, on=on)
    return len(still)


def open_holds(database: Database, tenant_id: int, payer_id: UUID) -> list[Hold]:
    account_id = pins.points_of(payer_id).id_in(tenant_id)
    rows = all_rows(database, _OPEN, tenant_id=tenant_id, account_id=account_id)
    return [known.hold_from(row) for row in rows]


def _locked(database: Database, tenant_id: int, reference: str) -> Hold:
    """The hold as it is once its payer is locked."""
    found = known.hold_of(database, tenant_id, reference)
    if found is None:
        raise HoldUnknown(reference)
    lock_known(database, tenant_id, [pins.payer_of(found).id_in(tenant_id)])
    held = known.hold_of(database, tenant_id, reference)
    assert held is not None
    return held
