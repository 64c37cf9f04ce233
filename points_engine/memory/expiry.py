"""Expiry in dictionaries."""

from datetime import date, datetime, tzinfo
from uuid import UUID

from points_engine.accounts import Account, Unit, red_account
from points_engine.expiring import (
    Expired,
    end_of_day,
    expiry,
    expiry_reference,
    goes_to,
    summed,
)
from points_engine.lots import Destination, Expiring, Lot, Share
from points_engine.memory.spend import take
from points_engine.memory.state import State


def expire(state: State, on: date, *, now: datetime, limit: int, zone: tzinfo) -> Expired:
    claimed = _lapsed(state, on)[:limit]
    booked_at = state.booking_instant(now, {account for account, _ in claimed})
    points = 0
    for account, lot in claimed:
        assert lot.expires_on is not None
        choices = state.choices_of(account.owner_id, until=now)
        to = goes_to(choices, end_of_day(lot.expires_on, zone))
        named = state.tenant_id, expiry_reference(lot.id, on)
        booked = state.post(expiry(lot, account, to, named=named), booked_at)
        points += booked.amount
        take(state, booked, [Share(lot_id=lot.id, amount=booked.amount)])
    return Expired(claimed=len(claimed), lots=len(claimed), points=points)


def choose_expiry(
    state: State, person_id: UUID, goes_to: Destination, *, chosen_at: datetime
) -> None:
    choices = state.choices[person_id]
    if all(chosen_at != at for at, _ in choices):
        choices.append((chosen_at, goes_to))


def chosen_expiry(state: State, person_id: UUID, *, at: datetime) -> Destination:
    return goes_to(state.choices.get(person_id, ()), at)


def schedule(state: State, person_id: UUID, *, on: date, until: date | None) -> list[Expiring]:
    account = red_account(person_id, Unit.POINTS)
    return summed(state.lots.get(account, {}).values(), on=on, until=until)


def ending(state: State, last_day: date) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    for account in sorted(state.lots, key=lambda account: account.owner_id):
        amount = sum(
            lot.remaining for lot in state.lots[account].values() if lot.expires_on == last_day
        )
        if amount:
            found[account.owner_id] = amount
    return found


def outstanding(state: State, community_id: UUID) -> int:
    return sum(
        lot.remaining
        for lots in state.lots.values()
        for lot in lots.values()
        if lot.community_id == community_id
    )


def _lapsed(state: State, on: date) -> list[tuple[Account, Lot]]:
    """In the order in which PostgreSQL finds them: it decides who shares a batch."""
    lapsed = [
        (account, lot)
        for account, lots in state.lots.items()
        for lot in lots.values()
        if lot.free and lot.is_lapsed(on) and expiry_reference(lot.id, on) not in state.transfers
    ]
    return sorted(
        lapsed, key=lambda each: (each[1].expires_on, each[0].id_in(state.tenant_id), each[1].id)
    )
