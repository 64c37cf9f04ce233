"""Balances of the past as rows: of either side of an account one row, found by an index.

Nothing is folded and nothing is stored for it. The versions of an account are in the order of
their bookings and each says what it left behind, so the last one that counts is the answer.
"""

from datetime import datetime

import sqlalchemy as sa

from points_engine.accounts import Account
from points_engine.as_of import AsOf, check_asked
from points_engine.postgres.database import Database, all_rows

_SIDE = """
    SELECT {side}_version AS version, {side}_balance_after AS balance, booked_at FROM transfer
    WHERE tenant_id = :tenant_id AND {side}_account_id = :account_id
      AND {side}_version IS NOT NULL AND {limit}
    ORDER BY {order} LIMIT 1
"""


def _last(limit: str, order: str) -> sa.TextClause:
    sides = [
        _SIDE.format(side=side, limit=limit.format(side=side), order=order.format(side=side))
        for side in ("debit", "credit")
    ]
    return sa.text(f"({sides[0]}) UNION ALL ({sides[1]}) ORDER BY version DESC LIMIT 1")


_AT = _last("booked_at <= CAST(:at AS timestamptz)", "booked_at DESC, {side}_version DESC")
_VERSION = _last("{side}_version <= :version", "{side}_version DESC")


def as_of(
    database: Database,
    tenant_id: int,
    account: Account,
    *,
    at: datetime | None,
    version: int | None,
) -> AsOf:
    check_asked(account, at=at, version=version)
    asked = {"tenant_id": tenant_id, "account_id": account.id_in(tenant_id)}
    if version is None:
        rows = all_rows(database, _AT, **asked, at="infinity" if at is None else at)
    else:
        rows = all_rows(database, _VERSION, **asked, version=version)
    return AsOf(**rows[0]._asdict()) if rows else AsOf()
