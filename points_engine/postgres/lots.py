"""Lots as rows: read in the order in which they expire, and only as many as are needed."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from points_engine.accounts import Account
from points_engine.lots import Lot, Share
from points_engine.postgres.database import Database, all_rows, one_value, run

# A lot holds a point at least, so a payment never needs more lots than it has points. Those with
# a last day come first by the index, and those without one after them.
_OPEN = sa.text("""
    SELECT id, community_id, earned_on, expires_on, original, remaining, held FROM lot
    WHERE tenant_id = :tenant_id AND account_id = :account_id AND is_open
      AND (expires_on IS NULL OR expires_on >= :day) AND remaining > held
    ORDER BY expires_on, id
    LIMIT :limit
""")

_TAKE = sa.text("""
    WITH share AS (
        SELECT * FROM unnest(CAST(:lot_id AS uuid[]), CAST(:amount AS bigint[]))
            AS share(lot_id, amount)
    ), noted AS (
        INSERT INTO lot_use (tenant_id, transfer_id, lot_id, amount)
        SELECT :tenant_id, :transfer_id, lot_id, amount FROM share
    )
    UPDATE lot SET remaining = remaining - share.amount, is_open = remaining > share.amount
    FROM share WHERE lot.tenant_id = :tenant_id AND lot.id = share.lot_id
""")

_ENDING = sa.text("""
    SELECT account.owner_id, CAST(sum(lot.remaining) AS bigint) AS amount FROM lot
    JOIN account ON account.tenant_id = :tenant_id AND account.id = lot.account_id
    WHERE lot.tenant_id = :tenant_id AND lot.is_open AND lot.expires_on = :day
    GROUP BY account.owner_id ORDER BY account.owner_id
""")

_OUTSTANDING = sa.text("""
    SELECT CAST(coalesce(sum(remaining), 0) AS bigint) FROM lot
    WHERE tenant_id = :tenant_id AND community_id = :community_id AND is_open
""")


def ending(database: Database, tenant_id: int, last_day: date) -> dict[UUID, int]:
    """By person, what lapses after that day. Only people's own accounts are made of lots."""
    rows = all_rows(database, _ENDING, tenant_id=tenant_id, day=last_day)
    return {row.owner_id: row.amount for row in rows}


def outstanding(database: Database, tenant_id: int, community_id: UUID) -> int:
    """What is left of all that a community gave."""
    found: int = one_value(database, _OUTSTANDING, tenant_id=tenant_id, community_id=community_id)
    return found


def first_expiring(
    database: Database, tenant_id: int, account: Account, *, day: date, limit: int
) -> list[Lot]:
    """The lots of a locked account that can be spent on that day, at most `limit` of them."""
    rows = all_rows(
        database,
        _OPEN,
        tenant_id=tenant_id,
        account_id=account.id_in(tenant_id),
        day=day,
        limit=limit,
    )
    return [Lot(**row._asdict()) for row in rows]


def take(database: Database, tenant_id: int, transfer_id: UUID, *, shares: Sequence[Share]) -> None:
    """Take from lots what leaves their account by a transfer."""
    run(
        database,
        _TAKE,
        tenant_id=tenant_id,
        transfer_id=transfer_id,
        lot_id=[share.lot_id for share in shares],
        amount=[share.amount for share in shares],
    )
