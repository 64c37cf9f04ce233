"""Transfers as rows: found by their reference, with both their accounts."""

from typing import Any

import sqlalchemy as sa

from points_engine.accounts import Account, OwnerKind, Unit
from points_engine.ledger import Transfer, TransferKind
from points_engine.postgres.database import Database, all_rows

_FIND = sa.text("""
    SELECT transfer.id, kind, reference, source, transfer.unit, amount, fact_id, reverses,
           policy_version, community_id, quarter, occurred_on, booked_at, actor_id, reason,
           debit_version, debit_balance_after, credit_version, credit_balance_after,
           debit.owner_kind AS debit_owner_kind, debit.owner_id AS debit_owner_id,
           debit.code AS debit_code, debit.guarded AS debit_guarded,
           debit.may_owe AS debit_may_owe,
           credit.owner_kind AS credit_owner_kind, credit.owner_id AS credit_owner_id,
           credit.code AS credit_code, credit.guarded AS credit_guarded,
           credit.may_owe AS credit_may_owe
    FROM transfer
    JOIN account AS debit ON debit.tenant_id = :tenant_id AND debit.id = debit_account_id
    JOIN account AS credit ON credit.tenant_id = :tenant_id AND credit.id = credit_account_id
    WHERE transfer.tenant_id = :tenant_id AND reference = :reference
""")


def find(database: Database, tenant_id: int, reference: str) -> Transfer | None:
    """The movement of that name, as it was booked."""
    rows = all_rows(database, _FIND, tenant_id=tenant_id, reference=reference)
    return _transfer(rows[0]) if rows else None


def found(database: Database, tenant_id: int, reference: str) -> Transfer:
    """The same where it is known to be there."""
    transfer = find(database, tenant_id, reference)
    assert transfer is not None
    return transfer


def _transfer(row: sa.Row[Any]) -> Transfer:
    return Transfer(
        id=row.id,
        kind=TransferKind(row.kind),
        reference=row.reference,
        source=row.source,
        debit=_side(row, "debit"),
        credit=_side(row, "credit"),
        amount=row.amount,
        community_id=row.community_id,
        occurred_on=row.occurred_on,
        booked_at=row.booked_at,
        actor_id=row.actor_id,
        reason=row.reason,
        policy_version=row.policy_version,
        fact_id=row.fact_id,
        reverses=row.reverses,
        quarter=row.quarter,
        debit_version=row.debit_version,
        debit_balance_after=row.debit_balance_after,
        credit_version=row.credit_version,
        credit_balance_after=row.credit_balance_after,
    )


def _side(row: sa.Row[Any], side: str) -> Account:
    return Account(
        owner_kind=OwnerKind(getattr(row, f"{side}_owner_kind")),
        owner_id=getattr(row, f"{side}_owner_id"),
        unit=Unit(row.unit),
        code=getattr(row, f"{side}_code"),
        guarded=getattr(row, f"{side}_guarded"),
        may_owe=getattr(row, f"{side}_may_owe"),
    )
