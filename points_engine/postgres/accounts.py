"""Accounts as rows: made where missing, and locked in the one order every writer uses."""

from collections.abc import Iterable

import sqlalchemy as sa

from points_engine.accounts import Account
from points_engine.postgres.database import Database, columns, one_value, run

_ENSURE = sa.text("""
    INSERT INTO account (tenant_id, id, owner_kind, owner_id, unit, code, guarded, posted)
    SELECT :tenant_id, id, owner_kind, owner_id, unit, code, guarded,
           CASE WHEN guarded THEN 0 END
    FROM unnest(
        CAST(:id AS uuid[]), CAST(:owner_kind AS text[]), CAST(:owner_id AS uuid[]),
        CAST(:unit AS text[]), CAST(:code AS text[]), CAST(:guarded AS boolean[])
    ) AS wanted(id, owner_kind, owner_id, unit, code, guarded)
    ORDER BY id
    ON CONFLICT DO NOTHING
""")

# The sort comes before the locks: two writers that share accounts meet at the first of them.
_LOCK = sa.text("""
    SELECT count(*) FROM (
        SELECT id FROM account
        WHERE tenant_id = :tenant_id AND id = ANY(CAST(:id AS uuid[]))
        ORDER BY id
        FOR NO KEY UPDATE
    ) AS locked
""")


def lock_accounts(database: Database, tenant_id: int, accounts: Iterable[Account]) -> None:
    """Make sure the accounts exist, and hold the guarded ones until the transaction ends.

    Whatever depends on their balances must be read by a later statement.
    """
    wanted = {account.id_in(tenant_id): account for account in accounts}
    run(
        database,
        _ENSURE,
        tenant_id=tenant_id,
        **columns(
            [_row(tenant_id, account) for account in wanted.values()],
            *("id", "owner_kind", "owner_id", "unit", "code", "guarded"),
        ),
    )
    guarded = [each for each, account in wanted.items() if account.guarded]
    locked = one_value(database, _LOCK, tenant_id=tenant_id, id=guarded)
    assert locked == len(guarded), "an account was neither there nor made"


def _row(tenant_id: int, account: Account) -> dict[str, object]:
    return {
        "id": account.id_in(tenant_id),
        "owner_kind": account.owner_kind.value,
        "owner_id": account.owner_id,
        "unit": account.unit.value,
        "code": account.code,
        "guarded": account.guarded,
    }
