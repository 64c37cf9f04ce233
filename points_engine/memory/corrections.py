"""Corrections and gifts in dictionaries."""

from points_engine.corrections import Correction, check_same_correction, has_lots
from points_engine.ledger import Transfer
from points_engine.lots import allocate
from points_engine.memory import pins
from points_engine.memory.spend import balance, take
from points_engine.memory.state import State


def correct(state: State, asked: Correction) -> Transfer:
    wanted = asked.as_transfer(state.tenant_id)
    first = state.transfers.get(wanted.reference)
    if first is not None:
        lot = state.lots[first.credit].get(first.id)
        last_day = lot.granted_until if lot is not None else None
        check_same_correction((first, last_day), (wanted, asked.expires_on))
        return first
    if wanted.debit.guarded:
        day, at = asked.occurred_on, wanted.booked_at
        freed = sum(hold.amount for hold in pins.overdue(state, wanted.debit, at))
        asked.check(balance(state, wanted.debit, day, freed=freed))
        pins.end_overdue(state, wanted.debit, at=at, on=day)
    booked = state.post(
        wanted, state.booking_instant(wanted.booked_at, {wanted.debit, wanted.credit})
    )
    if has_lots(booked.debit):
        lots = state.lots[booked.debit].values()
        take(state, booked, allocate(lots, booked.amount, day=asked.occurred_on))
    if has_lots(booked.credit):
        state.add_lot(booked, asked.expires_on)
    return booked
