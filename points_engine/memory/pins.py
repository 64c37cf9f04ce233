"""Pins in dictionaries: what a hold keeps of each lot, until it is paid or free again."""

from dataclasses import replace
from datetime import date, datetime

from points_engine.accounts import Account, Unit, red_account
from points_engine.ledger import Transfer
from points_engine.lots import Destination, Hold, HoldState, Share
from points_engine.memory.state import State
from points_engine.pins import Ending, Pin, Unpinned, lapsing, unpin


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


def end(state: State, hold: Hold, become: HoldState, *, at: datetime, on: date) -> Hold:
    """Let go of everything that is pinned. Nothing is paid."""
    ended = unpin(_pins(state, hold), on=on)
    ending = Ending(at=at, on=on, goes_to=_choice(state, hold))
    _book(state, _lapsing(state, hold, ended, ending=ending), hold, at=at)
    return _close(state, hold, become, at=at)


def pay(state: State, hold: Hold, paid: Transfer) -> Transfer:
    """Pay from what is pinned, and let go of the rest."""
    ended = unpin(_pins(state, hold), on=paid.occurred_on, paid=paid.amount)
    ending = Ending(at=paid.booked_at, on=paid.occurred_on, goes_to=_choice(state, hold))
    lapsed = _lapsing(state, hold, ended, ending=ending)
    booked = _book(state, [(paid, ended.taken), *lapsed], hold, at=paid.booked_at)
    _close(state, hold, HoldState.CAPTURED, at=paid.booked_at, captured=paid.amount)
    return booked[0]


def _pins(state: State, hold: Hold) -> list[Pin]:
    lots = state.lots[payer_of(hold)]
    shares = state.pinned[hold.reference]
    return [Pin(lot=lots[share.lot_id], amount=share.amount) for share in shares]


def _lapsing(
    state: State, hold: Hold, ended: Unpinned, *, ending: Ending
) -> list[tuple[Transfer, list[Share]]]:
    lots = state.lots[payer_of(hold)]
    return [
        (lapsing(state.tenant_id, hold, (lots[share.lot_id], share.amount), ending=ending), [share])
        for share in ended.lapsed
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


def _choice(state: State, hold: Hold) -> Destination:
    chosen = sorted(state.choices[hold.payer_id]) if hold.payer_id in state.choices else []
    return chosen[-1][1] if chosen else Destination.COMMUNITY
