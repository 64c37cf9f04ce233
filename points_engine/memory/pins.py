"""Pins in dictionaries: what a hold keeps of each lot, until it is paid or free again."""

from dataclasses import replace
from datetime import date, datetime

from points_engine.accounts import Account, Unit, red_account
from points_engine.ledger import Transfer
from points_engine.lots import Hold, HoldState, Share
from points_engine.memory.state import State
from points_engine.pins import Pin, Unpinned, lapsing, unpin


def payer_of(hold: Hold) -> Account:
    return red_account(hold.payer_id, Unit.POINTS)


def pin(state: State, hold: Hold, shares: list[Share]) -> None:
    """Keep the shares for whoever comes for the hold."""
    account = payer_of(hold)
    state.holds[hold.reference] = hold
    state.pinned[hold.reference] = shares
    state.accounts[account].held += hold.amount
    for share in shares:
        state.lots[account][share.lot_id].held += share.amount


def overdue(state: State, account: Account, at: datetime) -> list[Hold]:
    """The payer's holds for which nobody came in time, the first to have ended first."""
    late = [
        hold
        for hold in state.holds.values()
        if hold.state is HoldState.HELD and hold.expires_at <= at and payer_of(hold) == account
    ]
    return sorted(late, key=lambda hold: (hold.expires_at, hold.id))


def end_overdue(state: State, account: Account, *, at: datetime, on: date) -> None:
    """End the holds for which nobody came in time; what they had pinned is free again."""
    for hold in overdue(state, account, at):
        end(state, hold, HoldState.EXPIRED, at=at, on=on)


def end(state: State, hold: Hold, become: HoldState, *, at: datetime, on: date) -> Hold:
    """Let go of everything that is pinned. Nothing is paid."""
    ended = unpin(_pins(state, hold), on=on)
    _book(state, _lapsing(state, hold, ended, at=at), hold, at=at)
    return _close(state, hold, become, at=at)


def pay(state: State, hold: Hold, paid: Transfer) -> Transfer:
    """Pay from what is pinned, and let go of the rest."""
    ended = unpin(_pins(state, hold), on=paid.occurred_on, paid=paid.amount)
    lapsed = _lapsing(state, hold, ended, at=paid.booked_at)
    booked = _book(state, [(paid, ended.taken), *lapsed], hold, at=paid.booked_at)
    _close(state, hold, HoldState.CAPTURED, at=paid.booked_at, captured=paid.amount)
    return booked[0]


def _pins(state: State, hold: Hold) -> list[Pin]:
    lots = state.lots[payer_of(hold)]
    shares = state.pinned[hold.reference]
    return [Pin(lot=lots[share.lot_id], amount=share.amount) for share in shares]


def _lapsing(
    state: State, hold: Hold, ended: Unpinned, *, at: datetime
) -> list[tuple[Transfer, list[Share]]]:
    choices = state.choices_of(hold.payer_id, until=at)
    return [
        (
            lapsing(state.tenant_id, hold, lot, choices=choices),
            [Share(lot_id=lot.id, amount=lot.free)],
        )
        for lot in ended.lapsed
    ]


def _book(
    state: State, movements: list[tuple[Transfer, list[Share]]], hold: Hold, *, at: datetime
) -> list[Transfer]:
    booked_at = state.booking_instant(at, {payer_of(hold)})
    booked = []
    for transfer, shares in movements:
        booked.append(state.post(transfer, booked_at))
        state.uses[transfer.id] = shares
    return booked


def _close(state: State, hold: Hold, become: HoldState, *, at: datetime, captured: int = 0) -> Hold:
    closed = replace(hold, state=become, ended_at=at, captured=captured)
    state.accounts[payer_of(hold)].held -= hold.amount
    state.holds[hold.reference] = closed
    return closed
