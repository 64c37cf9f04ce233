"""Where a locked account stands, and what is made and booked there one movement at a time.

Accounts of people are made before anything is locked, and so are those that settlement makes
for a community. The two where points end are made after the locks, by everybody: two writers
never wait for each other, one for a new account and the other for a lock.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from points_engine.accounts import Account, receivable
from points_engine.lots import Lot
from points_engine.passbook import Balance
from points_engine.postgres.accounts import lock_accounts
from points_engine.postgres.database import Database, all_rows, columns, one_value, run

_ENDS = frozenset({"expired", "love_pool"})

_BALANCE = sa.text("""
    SELECT posted, held,
           (
               SELECT CAST(coalesce(sum(remaining - held), 0) AS bigint) FROM lot
               WHERE tenant_id = :tenant_id AND account_id = :account_id AND is_open
                 AND expires_on < :day
           ) AS lapsed,
           coalesce((
               SELECT -posted FROM account WHERE tenant_id = :tenant_id AND id = :receivable
           ), 0) AS owed
    FROM account WHERE account.tenant_id = :tenant_id AND account.id = :account_id
""")

_ENDED = sa.text("""
    SELECT array(
        SELECT quarter FROM period
        WHERE tenant_id = :tenant_id AND community_id = :community_id
    )
""")

_ADD_LOTS = sa.text("""
    INSERT INTO lot (
        tenant_id, id, account_id, community_id, earned_on, expires_on, original, remaining
    )
    SELECT :tenant_id, id, :account_id, community_id, earned_on, expires_on, amount, amount
    FROM unnest(
        CAST(:id AS uuid[]), CAST(:community_id AS uuid[]), CAST(:earned_on AS date[]),
        CAST(:expires_on AS date[]), CAST(:amount AS bigint[])
    ) AS made(id, community_id, earned_on, expires_on, amount)
""")


def hold_accounts(database: Database, tenant_id: int, accounts: Collection[Account]) -> None:
    """Make the accounts where they are missing, and lock those that are guarded."""
    lock_accounts(database, tenant_id, [each for each in accounts if each.code not in _ENDS])
    ends = [each for each in accounts if each.code in _ENDS]
    if ends:
        lock_accounts(database, tenant_id, ends)


def balance(
    database: Database, tenant_id: int, account: Account, *, day: date, freed: int = 0
) -> Balance:
    """What a locked account has, once `freed` points of holds nobody came for are let go."""
    (row,) = all_rows(
        database,
        _BALANCE,
        tenant_id=tenant_id,
        account_id=account.id_in(tenant_id),
        receivable=receivable(account.owner_id, account.unit).id_in(tenant_id),
        day=day,
    )
    found = Balance(**row._asdict())
    return replace(found, held=found.held - freed)


def ended_quarters(database: Database, tenant_id: int, community_id: UUID) -> frozenset[str]:
    """The quarters into which nothing of this community is booked any more."""
    return frozenset(one_value(database, _ENDED, tenant_id=tenant_id, community_id=community_id))


def add_lots(database: Database, tenant_id: int, account: Account, *, lots: Sequence[Lot]) -> None:
    """New lots of a locked account, nothing taken from them yet."""
    rows = [
        {
            "id": lot.id,
            "community_id": lot.community_id,
            "earned_on": lot.earned_on,
            "expires_on": lot.expires_on,
            "amount": lot.original,
        }
        for lot in lots
    ]
    if rows:
        account_id = account.id_in(tenant_id)
        run(
            database,
            _ADD_LOTS,
            tenant_id=tenant_id,
            account_id=account_id,
            **columns(rows, *rows[0]),
        )
