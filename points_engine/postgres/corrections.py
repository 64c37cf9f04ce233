"""Corrections and gifts: whoever gives is locked, then asked whether there is enough."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from points_engine.corrections import Correction, check_same_correction, has_lots
from points_engine.ledger import Transfer
from points_engine.lots import Lot, allocate
from points_engine.periods import open_quarter
from points_engine.postgres import pins
from points_engine.postgres.database import Database, all_rows
from points_engine.postgres.lots import first_expiring, take
from points_engine.postgres.post import latest_booking, post
from points_engine.postgres.standing import add_lots, balance, ended_quarters, hold_accounts
from points_engine.postgres.transfers import find, found

_LAST_DAY = sa.text(
    "SELECT coalesce(first_expires_on, expires_on) AS last_day"
    " FROM lot WHERE tenant_id = :tenant_id AND id = :id"
)


def correct(database: Database, tenant_id: int, asked: Correction) -> Transfer:
    """Nobody else can take from whoever gives between the check and the booking."""
    wanted = asked.as_transfer(tenant_id)
    hold_accounts(database, tenant_id, (wanted.debit, wanted.credit))
    # A repetition waited for the lock, so by now it sees what the first one booked.
    first = find(database, tenant_id, wanted.reference)
    if first is not None:
        last_day = _last_day(database, tenant_id, first.id)
        check_same_correction((first, last_day), (wanted, asked.expires_on))
        return first
    if wanted.debit.guarded:
        _check(database, tenant_id, asked, wanted=wanted)
    _book(database, tenant_id, wanted)
    if has_lots(wanted.debit):
        _take(database, tenant_id, wanted)
    if has_lots(wanted.credit):
        add_lots(database, tenant_id, wanted.credit, lots=[_lot(wanted, asked.expires_on)])
    return found(database, tenant_id, wanted.reference)


def _check(database: Database, tenant_id: int, asked: Correction, *, wanted: Transfer) -> None:
    """A hold that is past its end counts no more, whether or not anybody has ended it."""
    payer, day, at = wanted.debit, asked.occurred_on, wanted.booked_at
    late = pins.overdue(database, tenant_id, payer, at=at)
    freed = sum(hold.amount for hold in late)
    asked.check(balance(database, tenant_id, payer, day=day, freed=freed))
    pins.end_all(database, tenant_id, late, at=at, on=day)


def _book(database: Database, tenant_id: int, wanted: Transfer) -> None:
    guarded = [each.id_in(tenant_id) for each in (wanted.debit, wanted.credit) if each.guarded]
    booked_at = latest_booking(database, tenant_id, accounts=guarded, now=wanted.booked_at)
    ended = ended_quarters(database, tenant_id, wanted.community_id)
    counted = replace(wanted, quarter=open_quarter(wanted.occurred_on, ended))
    post(database, tenant_id, [counted], booked_at=booked_at)


def _take(database: Database, tenant_id: int, wanted: Transfer) -> None:
    day, amount = wanted.occurred_on, wanted.amount
    lots = first_expiring(database, tenant_id, wanted.debit, day=day, limit=amount)
    take(database, tenant_id, wanted.id, shares=allocate(lots, amount, day=day))


def _lot(booked: Transfer, expires_on: date | None) -> Lot:
    return Lot(
        id=booked.id,
        community_id=booked.community_id,
        earned_on=booked.occurred_on,
        expires_on=expires_on,
        original=booked.amount,
        remaining=booked.amount,
    )


def _last_day(database: Database, tenant_id: int, lot_id: UUID) -> date | None:
    rows = all_rows(database, _LAST_DAY, tenant_id=tenant_id, id=lot_id)
    return rows[0].last_day if rows else None
