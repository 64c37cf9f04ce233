"""Whether a locked payer can afford something, and the refusal that stays when they cannot."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from points_engine.accounts import Account, Unit, receivable, red_account
from points_engine.postgres import known, pins
from points_engine.postgres.accounts import lock_known
from points_engine.postgres.database import Database, all_rows, run
from points_engine.redemption import Refusal, Reservation, Spending, refused

_MEANS = sa.text("""
    SELECT account.posted, account.held,
           coalesce((
               SELECT -posted FROM account WHERE tenant_id = :tenant_id AND id = :receivable
           ), 0) AS owed
    FROM account WHERE account.tenant_id = :tenant_id AND account.id = :payer
""")

# No more lots than could be needed: each holds a point at least. Fewer are all there are.
_FREE = sa.text("""
    SELECT CAST(coalesce(sum(free), 0) AS bigint) AS free FROM (
        (
            SELECT remaining - held AS free FROM lot
            WHERE tenant_id = :tenant_id AND account_id = :payer AND is_open
              AND remaining > held AND expires_on >= :day
            ORDER BY expires_on, id LIMIT :most
        ) UNION ALL (
            SELECT remaining - held FROM lot
            WHERE tenant_id = :tenant_id AND account_id = :payer AND is_open
              AND remaining > held AND expires_on IS NULL
            ORDER BY id LIMIT :most
        )
    ) AS parcel
""")

_REFUSE = sa.text("""
    INSERT INTO refusal (tenant_id, reference, content_hash, balance, needed, refused_at)
    VALUES (:tenant_id, :reference, :content_hash, :balance, :needed, :refused_at)
    ON CONFLICT DO NOTHING
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a payer has to pay with; `free` is exact up to what was asked for."""

    posted: int = 0
    held: int = 0
    owed: int = 0
    free: int = 0

    def available(self, freed: int) -> int:
        """What can be spent once `freed` points of holds nobody came for are let go."""
        return max(0, min(self.free, self.posted - self.held) + freed - self.owed)


def afford(
    database: Database,
    tenant_id: int,
    asked: Spending | Reservation,
    *,
    day: date,
    at: datetime,
) -> Means:
    """What the locked payer has; a refusal is kept before it is raised.

    A hold that is past its end counts no more, whether or not anybody has ended it.
    """
    payer = red_account(asked.payer_id, Unit.POINTS)
    before = known.refusal_of(database, tenant_id, asked.reference)
    if before is not None:
        before.repeat(asked.content_hash)
    # An account that is made just now had nothing when it would have been locked.
    locked = lock_known(database, tenant_id, [payer.id_in(tenant_id)])
    means = Means()
    if locked:
        means = _means(database, tenant_id, payer, amount=asked.amount, day=day)
    late = pins.overdue(database, tenant_id, payer, at=at) if means.held else []
    available = means.available(sum(hold.amount for hold in late))
    if available < asked.amount:
        _refuse(
            database,
            tenant_id,
            asked,
            refusal=refused(asked, available=available, at=at),
        )
    pins.end_all(database, tenant_id, late, at=at, on=day)
    return means


def _means(database: Database, tenant_id: int, payer: Account, *, amount: int, day: date) -> Means:
    ids = {"tenant_id": tenant_id, "payer": payer.id_in(tenant_id)}
    debt = receivable(payer.owner_id, payer.unit).id_in(tenant_id)
    rows = all_rows(database, _MEANS, **ids, receivable=debt)
    if not rows:
        return Means()
    (found,) = all_rows(database, _FREE, **ids, day=day, most=amount + rows[0].owed)
    return Means(**rows[0]._asdict(), free=found.free)


def _refuse(
    database: Database, tenant_id: int, asked: Spending | Reservation, *, refusal: Refusal
) -> None:
    """Keep the refusal and raise it, or the one that somebody else was quicker to keep."""
    run(
        database,
        _REFUSE,
        tenant_id=tenant_id,
        reference=refusal.reference,
        content_hash=refusal.content_hash,
        balance=refusal.balance,
        needed=refusal.needed,
        refused_at=refusal.refused_at,
    )
    kept = known.refusal_of(database, tenant_id, refusal.reference)
    assert kept is not None
    kept.repeat(asked.content_hash)
