"""Paying in dictionaries."""

from datetime import date, datetime

from points_engine.accounts import Account, receivable
from points_engine.errors import ReferenceConflict
from points_engine.ledger import Transfer
from points_engine.lots import Share, allocate
from points_engine.memory import pins
from points_engine.memory.state import State
from points_engine.passbook import Balance
from points_engine.redemption import Reservation, Spending, check_same, refused


def spend(state: State, spending: Spending) -> Transfer:
    wanted = spending.as_transfer(state.tenant_id)
    if wanted.reference in state.holds:
        raise ReferenceConflict(wanted.reference)
    first = state.transfers.get(wanted.reference)
    if first is not None:
        check_same(first, wanted)
        return first
    shares = afford(state, spending, wanted.debit, day=wanted.occurred_on, at=wanted.booked_at)
    booked = state.post(wanted, state.booking_instant(wanted.booked_at, {wanted.debit}))
    take(state, booked, shares)
    return booked


def afford(
    state: State, asked: Spending | Reservation, payer: Account, *, day: date, at: datetime
) -> list[Share]:
    """The shares that give what is asked for; a refusal is kept before it is raised.

    A hold that is past its end counts no more, whether or not anybody has ended it.
    """
    if asked.reference in state.refusals:
        state.refusals[asked.reference].repeat(asked.content_hash)
    late = pins.overdue(state, payer, at)
    available = balance(state, payer, day, freed=sum(hold.amount for hold in late)).available
    if available < asked.amount:
        refusal = refused(asked, available=available, at=at)
        state.refusals[asked.reference] = refusal
        refusal.repeat(asked.content_hash)
    pins.end_overdue(state, payer, at=at, on=day)
    return allocate(state.lots[payer].values(), asked.amount, day=day)


def take(state: State, booked: Transfer, shares: list[Share]) -> None:
    """Take from lots what left the account by a booked transfer."""
    lots = state.lots[booked.debit]
    for share in shares:
        lots[share.lot_id].remaining -= share.amount
    state.uses[booked.id] = shares


def balance(state: State, account: Account, day: date, *, freed: int = 0) -> Balance:
    """What an account has, without making one that was never there."""
    if account not in state.accounts:
        return Balance()
    kept = state.accounts[account]
    lapsed = sum(lot.free for lot in state.lots[account].values() if lot.is_lapsed(day))
    debt = receivable(account.owner_id, account.unit)
    owed = -state.accounts[debt].posted if debt in state.accounts else 0
    return Balance(posted=kept.posted, held=kept.held - freed, lapsed=lapsed, owed=owed)
