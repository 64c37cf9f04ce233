"""Accounts as rows: made where missing, and locked in the one order every writer uses."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from points_engine.accounts import Account
from points_engine.postgres.arrays import codes, plain
from points_engine.postgres.database import Database, all_rows, run

_OPEN = sa.text("""
    INSERT INTO account (
        tenant_id, id, owner_kind, owner_id, unit, code, guarded, may_owe, posted
    )
    SELECT :tenant_id, id, owner_kind, owner_id, unit, code, guarded, may_owe,
           CASE WHEN guarded THEN 0 END
    FROM unnest(
        CAST(:id AS uuid[]), CAST(:owner_kind AS text[]), CAST(:owner_id AS uuid[]),
        CAST(:unit AS text[]), CAST(:code AS text[]), CAST(:guarded AS boolean[]),
        CAST(:may_owe AS boolean[])
    ) AS wanted(id, owner_kind, owner_id, unit, code, guarded, may_owe)
    WHERE NOT EXISTS (
        SELECT FROM account WHERE account.tenant_id = :tenant_id AND account.id = wanted.id
    )
    ORDER BY id
    ON CONFLICT DO NOTHING
""")

# The sort comes before the locks: two writers that share accounts meet at the first of them.
# A locking read waits, and then gives the row as whoever held it has left it.
_LOCK = sa.text("""
    SELECT count(*) AS locked, max(last_booked_at) AS last_booked_at, (
        SELECT count(*) FROM account
        WHERE tenant_id = :tenant_id AND id = ANY(CAST(:others AS uuid[]))
    ) AS others
    FROM (
        SELECT last_booked_at FROM account
        WHERE tenant_id = :tenant_id AND id = ANY(CAST(:id AS uuid[]))
        ORDER BY id
        FOR NO KEY UPDATE
    ) AS held
""")


def lock_accounts(
    database: Database, tenant_id: int, accounts: Iterable[Account]
) -> datetime | None:
    """Make sure the accounts exist, and hold the guarded ones until the transaction ends.

    The latest instant at which anything was booked on them. Whatever depends on their balances
    must be read by a later statement.
    """
    wanted = {account.id_in(tenant_id): account for account in accounts}
    rows = [_row(account) for account in wanted.values()]
    return lock(
        database,
        tenant_id,
        lambda: {
            "id": plain(wanted),
            **{name: plain([row[name] for row in rows]) for name in rows[0]},
        },
        guarded=[str(each) for each, account in wanted.items() if account.guarded],
        others=[str(each) for each, account in wanted.items() if not account.guarded],
    )


def lock(
    database: Database,
    tenant_id: int,
    columns: Callable[[], Mapping[str, str]],
    *,
    guarded: Sequence[str],
    others: Sequence[str],
) -> datetime | None:
    """The same with the accounts as columns: "id" and what `_row` gives, each an array.

    Nearly always they are there. Where one is missing the locks are let go of before it is made:
    whoever made accounts while holding others could wait for somebody who waits for those.
    """
    values = {"tenant_id": tenant_id, "id": codes(guarded), "others": codes(others)}
    with database.begin_nested() as attempt:
        (found,) = all_rows(database, _LOCK, **values)
        there = (found.locked, found.others) == (len(guarded), len(others))
        if not there:
            attempt.rollback()
    if not there:
        run(database, _OPEN, tenant_id=tenant_id, **columns())
        (found,) = all_rows(database, _LOCK, **values)
    assert found.locked == len(guarded), "an account was neither there nor made"
    latest: datetime | None = found.last_booked_at
    return latest


def lock_known(database: Database, tenant_id: int, account_ids: Iterable[UUID]) -> int:
    """Hold those of the guarded accounts that are there, and make none; how many that are."""
    (found,) = all_rows(database, _LOCK, tenant_id=tenant_id, id=plain(account_ids), others="{}")
    locked: int = found.locked
    return locked


def _row(account: Account) -> dict[str, object]:
    return {
        "owner_kind": account.owner_kind.value,
        "owner_id": account.owner_id,
        "unit": account.unit.value,
        "code": account.code,
        "guarded": account.guarded,
        "may_owe": account.may_owe,
    }
