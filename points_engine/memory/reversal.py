"""Reversal in dictionaries."""

from collections import defaultdict
from uuid import UUID

from points_engine.accounts import Account
from points_engine.corrections import has_lots
from points_engine.errors import AlreadyReversed, ReferenceConflict
from points_engine.ledger import Transfer, TransferKind
from points_engine.lots import Lot
from points_engine.memory import pins
from points_engine.memory.state import State
from points_engine.reversal import (
    Left,
    Reversal,
    Undoing,
    check_reversible,
    check_same_reversal,
    give_back,
    take_back,
)


def reverse(state: State, reversal: Reversal) -> Transfer:
    original, first = state.transfers.get(reversal.of), state.transfers.get(reversal.reference)
    if first is not None:
        if original is None:
            raise ReferenceConflict(reversal.reference)
        check_same_reversal(first, reversal.as_transfer(state.tenant_id, original))
        return first
    original = check_reversible(reversal.of, original)
    for booked in state.by_account[original.debit]:
        if state.transfers[booked].reverses == original.id:
            raise AlreadyReversed(reversal.of, by=booked)
    on, at = reversal.occurred_on, reversal.booked_at
    pins.end_overdue(state, original.credit, at=at, on=on)
    return _book(state, original, _plan(state, original, reversal))


def _plan(state: State, original: Transfer, reversal: Reversal) -> Undoing:
    wanted = reversal.as_transfer(state.tenant_id, original)
    undoing = Undoing(transfers=[wanted])
    if wanted.debit.guarded:
        undoing = take_back(wanted, _left(state, original), tenant_id=state.tenant_id)
    if has_lots(wanted.credit):
        lots = state.lots[wanted.credit]
        give_back(
            undoing, [(lots[use.lot_id], use.amount) for use in state.uses.get(original.id, ())]
        )
    return undoing


def _left(state: State, original: Transfer) -> Left:
    account = original.credit
    if not has_lots(account):
        kept = state.accounts[account]
        there = original.amount if account.may_owe else kept.posted - kept.held
        return Left(free=min(original.amount, there))
    lot, lapsed = state.lots[account][original.id], defaultdict[Account, int](int)
    for reference in state.by_account[account]:
        booked = state.transfers[reference]
        if booked.kind is TransferKind.EXPIRE:
            for use in state.uses[booked.id]:
                lapsed[booked.credit] += use.amount if use.lot_id == lot.id else 0
    went = [(each, amount) for each, amount in lapsed.items() if amount]
    return Left(free=lot.free, lapsed=sorted(went, key=lambda each: each[0].code))


def _book(state: State, original: Transfer, undoing: Undoing) -> Transfer:
    wanted = undoing.transfers[-1]
    granted, keys = _counted(state, original)
    accounts = {side for each in undoing.transfers for side in (each.debit, each.credit)}
    booked_at = state.booking_instant(wanted.booked_at, accounts, keys)
    for key in keys:
        usage = state.caps[key]
        usage.used, usage.last_booked_at = usage.used - granted, booked_at
    booked = [state.post(each, booked_at) for each in undoing.transfers]
    lots: dict[UUID, Lot] = {}
    for account, lot in undoing.made:
        state.lots[account][lot.id] = lot
    for account in (wanted.debit, wanted.credit):
        lots |= state.lots.get(account, {})
    for use in undoing.used:
        lots[use.lot_id].remaining -= use.amount
    state.uses[wanted.id] = undoing.used
    return booked[-1]


def _counted(state: State, original: Transfer) -> tuple[int, tuple[str, ...]]:
    """How much of which caps an earning had used."""
    if original.fact_id is None:
        return 0, ()
    awards = state.decided[original.fact_id].awards
    award = next(award for award in awards if award.unit is original.unit)
    return award.granted, award.cap_keys
