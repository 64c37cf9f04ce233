"""Holds in dictionaries."""

from datetime import date, datetime
from uuid import UUID

from points_engine.errors import HoldUnknown, ReferenceConflict
from points_engine.ledger import Transfer
from points_engine.lots import Hold, HoldState
from points_engine.memory import pins
from points_engine.memory.spend import afford
from points_engine.memory.state import State
from points_engine.redemption import Capture, Reservation, check_same, check_same_hold


def hold(state: State, reservation: Reservation) -> Hold:
    wanted = reservation.as_hold(state.tenant_id)
    first = state.holds.get(wanted.reference)
    if first is not None:
        check_same_hold(first, reservation)
        return first
    if wanted.reference in state.transfers:
        raise ReferenceConflict(wanted.reference)
    day, at = reservation.occurred_on, reservation.held_at
    pins.pin(state, wanted, afford(state, reservation, pins.payer_of(wanted), day=day, at=at))
    return wanted


def capture(state: State, asked: Capture) -> Transfer:
    held = _known(state, asked.reference)
    wanted = asked.as_spending(held).as_transfer(state.tenant_id)
    if held.state is HoldState.CAPTURED:
        first = state.transfers[held.reference]
        check_same(first, wanted)
        return first
    held.check_open(asked.booked_at)
    if held.reference in state.transfers:
        raise ReferenceConflict(held.reference)
    return pins.pay(state, held, wanted)


def release(state: State, reference: str, *, at: datetime, on: date) -> Hold:
    held = _known(state, reference)
    if held.is_given_up:
        return held
    return pins.end(state, held, HoldState.RELEASED, at=at, on=on)


def lapse(state: State, *, now: datetime, on: date, limit: int) -> int:
    late = [
        held
        for held in state.holds.values()
        if held.state is HoldState.HELD and held.expires_at <= now
    ]
    late = sorted(late, key=lambda held: (held.expires_at, held.id))[:limit]
    for held in late:
        pins.end(state, held, HoldState.EXPIRED, at=now, on=on)
    return len(late)


def open_holds(state: State, payer_id: UUID) -> list[Hold]:
    mine = [
        held
        for held in state.holds.values()
        if held.state is HoldState.HELD and held.payer_id == payer_id
    ]
    return sorted(mine, key=lambda held: (held.expires_at, held.id))


def _known(state: State, reference: str) -> Hold:
    if reference not in state.holds:
        raise HoldUnknown(reference)
    return state.holds[reference]
