"""Pins as rows: what a hold keeps of each lot of a locked payer, until it is paid or free again."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

import sqlalchemy as sa

from points_engine.accounts import Account, Unit, red_account
from points_engine.ledger import Transfer
from points_engine.lots import Destination, Hold, HoldState, Lot, Share
from points_engine.pins import Pin, Unpinned, lapsing, unpin
from points_engine.postgres import known
from points_engine.postgres.accounts import lock_accounts
from points_engine.postgres.arrays import numbers, plain
from points_engine.postgres.database import Database, all_rows, one_value, run
from points_engine.postgres.post import latest_booking, post

Movement: TypeAlias = tuple[Transfer, list[Share]]  # and from which lots it takes

_PIN = sa.text("""
    WITH share AS (
        SELECT * FROM unnest(CAST(:lot_id AS uuid[]), CAST(:share AS bigint[]))
            AS share(lot_id, amount)
    ), kept AS (
        INSERT INTO hold (
            tenant_id, id, reference, account_id, payer_id, shop_id, community_id, amount, state,
            held_at, expires_at, actor_id, reason
        )
        VALUES (
            :tenant_id, :id, :reference, :account_id, :payer_id, :shop_id, :community_id, :amount,
            'held', :held_at, :expires_at, :actor_id, :reason
        )
        ON CONFLICT DO NOTHING
        RETURNING id
    ), pinned AS (
        INSERT INTO hold_lot (tenant_id, hold_id, lot_id, amount)
        SELECT :tenant_id, kept.id, share.lot_id, share.amount FROM kept, share
    ), held_of_lots AS (
        UPDATE lot SET held = held + share.amount FROM kept, share
        WHERE lot.tenant_id = :tenant_id AND lot.id = share.lot_id
    ), held_of_account AS (
        UPDATE account SET held = held + :amount FROM kept
        WHERE account.tenant_id = :tenant_id AND account.id = :account_id
    )
    SELECT count(*) FROM kept
""")

_OVERDUE = sa.text("""
    SELECT id, reference, payer_id, shop_id, community_id, amount, captured, state, held_at,
           expires_at, ended_at, actor_id, reason
    FROM hold
    WHERE tenant_id = :tenant_id AND account_id = :account_id AND state = 'held'
      AND expires_at <= :at
    ORDER BY expires_at, id
""")

_PINS = sa.text("""
    SELECT hold_lot.amount AS pinned, lot.id, lot.community_id, lot.earned_on, lot.expires_on,
           lot.original, lot.remaining, lot.held, lot.first_expires_on
    FROM hold_lot JOIN lot ON lot.tenant_id = hold_lot.tenant_id AND lot.id = hold_lot.lot_id
    WHERE hold_lot.tenant_id = :tenant_id AND hold_lot.hold_id = :hold_id
""")

_CLOSE = sa.text("""
    WITH closed AS (
        UPDATE hold SET state = :state, ended_at = :at, captured = :captured
        WHERE tenant_id = :tenant_id AND id = :id AND state = 'held'
        RETURNING account_id, amount
    ), freed AS (
        UPDATE account SET held = held - closed.amount FROM closed
        WHERE account.tenant_id = :tenant_id AND account.id = closed.account_id
    )
    SELECT count(*) FROM closed
""")

_LOTS = sa.text("""
    UPDATE lot
    SET remaining = now.remaining, held = now.held, is_open = now.remaining > 0,
        expires_on = now.expires_on, first_expires_on = now.first_expires_on
    FROM unnest(
        CAST(:id AS uuid[]), CAST(:remaining AS bigint[]), CAST(:held AS bigint[]),
        CAST(:expires_on AS date[]), CAST(:first_expires_on AS date[])
    ) AS now(id, remaining, held, expires_on, first_expires_on)
    WHERE lot.tenant_id = :tenant_id AND lot.id = now.id
""")

_USED = sa.text("""
    INSERT INTO lot_use (tenant_id, transfer_id, lot_id, amount)
    SELECT :tenant_id, transfer_id, lot_id, amount FROM unnest(
        CAST(:transfer_id AS uuid[]), CAST(:lot_id AS uuid[]), CAST(:amount AS bigint[])
    ) AS used(transfer_id, lot_id, amount)
""")

_CHOICES = sa.text("""
    SELECT chosen_at, goes_to FROM expiry_choice
    WHERE tenant_id = :tenant_id AND person_id = :person_id AND chosen_at <= :until
""")


def points_of(person_id: UUID) -> Account:
    return red_account(person_id, Unit.POINTS)


def payer_of(hold: Hold) -> Account:
    return points_of(hold.payer_id)


def pin(database: Database, tenant_id: int, hold: Hold, *, shares: Sequence[Share]) -> bool:
    """Keep the shares for whoever comes for the hold. False when its reference is taken."""
    kept = one_value(
        database,
        _PIN,
        tenant_id=tenant_id,
        account_id=payer_of(hold).id_in(tenant_id),
        lot_id=plain(share.lot_id for share in shares),
        share=numbers(share.amount for share in shares),
        **{name: getattr(hold, name) for name in _OF_HOLD},
    )
    return bool(kept)


_OF_HOLD = (
    "id", "reference", "payer_id", "shop_id", "community_id", "amount", "held_at", "expires_at",
    "actor_id", "reason",
)  # fmt: skip


def overdue(database: Database, tenant_id: int, payer: Account, *, at: datetime) -> list[Hold]:
    """The payer's holds for which nobody came in time, the first to have ended first."""
    account_id = payer.id_in(tenant_id)
    rows = all_rows(database, _OVERDUE, tenant_id=tenant_id, account_id=account_id, at=at)
    return [known.hold_from(row) for row in rows]


def end_all(
    database: Database, tenant_id: int, late: Iterable[Hold], *, at: datetime, on: date
) -> None:
    """End holds of locked payers for which nobody came in time."""
    for hold in late:
        end(database, tenant_id, hold, become=HoldState.EXPIRED, at=at, on=on)


def end(
    database: Database, tenant_id: int, hold: Hold, *, become: HoldState, at: datetime, on: date
) -> Hold:
    """Let go of everything that is pinned. Nothing is paid."""
    pins = _pins(database, tenant_id, hold)
    ended = unpin(pins, on=on)
    closed = replace(hold, state=become, ended_at=at)
    _close(database, tenant_id, closed)
    lapsed = _lapsing(database, tenant_id, closed, ended=ended)
    _book(database, tenant_id, lapsed, at=at)
    _write(database, tenant_id, pins)
    return closed


def pay(database: Database, tenant_id: int, hold: Hold, *, paid: Transfer) -> Transfer:
    """Pay from what is pinned, and let go of the rest."""
    pins, on = _pins(database, tenant_id, hold), paid.occurred_on
    ended = unpin(pins, on=on, paid=paid.amount)
    closed = replace(hold, state=HoldState.CAPTURED, ended_at=paid.booked_at, captured=paid.amount)
    _close(database, tenant_id, closed)
    lapsed = _lapsing(database, tenant_id, closed, ended=ended)
    _book(database, tenant_id, [(paid, ended.taken), *lapsed], at=paid.booked_at)
    _write(database, tenant_id, pins)
    booked = known.transfer_like(database, tenant_id, paid)
    assert booked is not None
    return booked


def _pins(database: Database, tenant_id: int, hold: Hold) -> list[Pin]:
    pins = []
    for row in all_rows(database, _PINS, tenant_id=tenant_id, hold_id=hold.id):
        columns = row._asdict()
        pinned = columns.pop("pinned")
        pins.append(Pin(lot=Lot(**columns), amount=pinned))
    return pins


def _lapsing(
    database: Database, tenant_id: int, closed: Hold, *, ended: Unpinned
) -> list[Movement]:
    if not ended.lapsed:
        return []
    chosen = {"person_id": closed.payer_id, "until": closed.ended_at}
    rows = all_rows(database, _CHOICES, tenant_id=tenant_id, **chosen)
    choices = [(row.chosen_at, Destination(row.goes_to)) for row in rows]
    return [
        (
            lapsing(tenant_id, closed, lot, choices=choices),
            [Share(lot_id=lot.id, amount=lot.free)],
        )
        for lot in ended.lapsed
    ]


def _close(database: Database, tenant_id: int, closed: Hold) -> None:
    """First of all: what is held must never be more than what is there."""
    done = one_value(
        database,
        _CLOSE,
        tenant_id=tenant_id,
        id=closed.id,
        state=closed.state.value,
        at=closed.ended_at,
        captured=closed.captured,
    )
    assert done == 1, "a hold ends once"


def _book(
    database: Database, tenant_id: int, movements: Sequence[Movement], *, at: datetime
) -> None:
    if not movements:
        return
    transfers = [transfer for transfer, _ in movements]
    lock_accounts(database, tenant_id, {transfer.credit for transfer in transfers})
    payer = transfers[0].debit.id_in(tenant_id)
    booked_at = latest_booking(database, tenant_id, accounts=[payer], now=at)
    dated = [
        replace(transfer, quarter=known.quarter(database, tenant_id, transfer))
        for transfer in transfers
    ]
    post(database, tenant_id, dated, booked_at=booked_at)
    used = [(transfer.id, share) for transfer, shares in movements for share in shares]
    run(
        database,
        _USED,
        tenant_id=tenant_id,
        transfer_id=plain(id_ for id_, _ in used),
        lot_id=plain(share.lot_id for _, share in used),
        amount=numbers(share.amount for _, share in used),
    )


def _write(database: Database, tenant_id: int, pins: Sequence[Pin]) -> None:
    lots = [pin.lot for pin in pins]
    run(
        database,
        _LOTS,
        tenant_id=tenant_id,
        id=plain(lot.id for lot in lots),
        remaining=numbers(lot.remaining for lot in lots),
        held=numbers(lot.held for lot in lots),
        expires_on=plain(lot.expires_on for lot in lots),
        first_expires_on=plain(lot.first_expires_on for lot in lots),
    )
