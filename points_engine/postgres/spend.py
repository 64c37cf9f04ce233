"""Spending: the payer is locked, then read, then asked for the points."""

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from points_engine.errors import ReferenceConflict
from points_engine.ledger import Transfer, TransferKind
from points_engine.passbook import Balance
from points_engine.postgres.accounts import lock_accounts
from points_engine.postgres.database import Database, all_rows
from points_engine.postgres.post import post
from points_engine.redemption import Spending, check_affordable, check_same

_READ = sa.text("""
    SELECT account.posted, account.held, account.version,
           greatest(CAST(:now AS timestamptz), account.last_booked_at) AS booked_at
    FROM account WHERE account.tenant_id = :tenant_id AND account.id = :payer
""")

_FIRST = sa.text("""
    SELECT kind, debit_account_id, credit_account_id, amount, community_id, occurred_on, booked_at,
           actor_id, reason, debit_version, debit_balance_after
    FROM transfer WHERE tenant_id = :tenant_id AND reference = :reference
""")


def spend(database: Database, tenant_id: int, spending: Spending) -> Transfer:
    """Nobody else can spend from the payer between the check and the booking."""
    wanted = spending.as_transfer(tenant_id)
    lock_accounts(database, tenant_id, [wanted.debit, wanted.credit])
    # A repetition waited for the lock, so by now it sees what the first one booked.
    first = all_rows(database, _FIRST, tenant_id=tenant_id, reference=wanted.reference)
    if first:
        return _repeated(tenant_id, wanted, first[0])
    payer = _payer(database, tenant_id, wanted)
    check_affordable(wanted.amount, Balance(posted=payer.posted, held=payer.held))
    post(database, tenant_id, [wanted], booked_at=payer.booked_at)
    return replace(
        wanted,
        booked_at=payer.booked_at,
        debit_version=payer.version + 1,
        debit_balance_after=payer.posted - wanted.amount,
    )


def _payer(database: Database, tenant_id: int, wanted: Transfer) -> sa.Row[Any]:
    (row,) = all_rows(
        database,
        _READ,
        tenant_id=tenant_id,
        payer=wanted.debit.id_in(tenant_id),
        now=wanted.booked_at,
    )
    return row


def _repeated(tenant_id: int, wanted: Transfer, row: sa.Row[Any]) -> Transfer:
    """The first transfer as it was booked, if it moved what is wanted again."""
    sides = (row.debit_account_id, row.credit_account_id)
    if sides != (wanted.debit.id_in(tenant_id), wanted.credit.id_in(tenant_id)):
        raise ReferenceConflict(wanted.reference)
    first = replace(
        wanted,
        kind=TransferKind(row.kind),
        amount=row.amount,
        community_id=row.community_id,
        occurred_on=row.occurred_on,
        booked_at=row.booked_at,
        actor_id=row.actor_id,
        reason=row.reason,
        debit_version=row.debit_version,
        debit_balance_after=row.debit_balance_after,
    )
    check_same(first, wanted)
    return first
