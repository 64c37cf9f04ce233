"""What is known already: what stands under a reference, and which quarters have ended."""

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from points_engine.errors import ReferenceConflict
from points_engine.ledger import Transfer, TransferKind
from points_engine.lots import Hold, HoldState
from points_engine.periods import open_quarter
from points_engine.postgres.database import Database, all_rows
from points_engine.postgres.standing import ended_quarters
from points_engine.redemption import Refusal

_TRANSFER = sa.text("""
    SELECT kind, debit_account_id, credit_account_id, amount, community_id, occurred_on, booked_at,
           quarter, actor_id, reason, debit_version, debit_balance_after
    FROM transfer WHERE tenant_id = :tenant_id AND reference = :reference
""")

_HOLD = sa.text("""
    SELECT id, reference, payer_id, shop_id, community_id, amount, captured, state, held_at,
           expires_at, ended_at, actor_id, reason
    FROM hold WHERE tenant_id = :tenant_id AND reference = :reference
""")

_REFUSAL = sa.text("""
    SELECT reference, content_hash, balance, needed, refused_at
    FROM refusal WHERE tenant_id = :tenant_id AND reference = :reference
""")


def transfer_like(database: Database, tenant_id: int, wanted: Transfer) -> Transfer | None:
    """The transfer that was booked under the reference, if it moved from and to where wanted.

    `ReferenceConflict` when it moved something else.
    """
    rows = all_rows(database, _TRANSFER, tenant_id=tenant_id, reference=wanted.reference)
    if not rows:
        return None
    booked = rows[0]._asdict()
    sides = (booked.pop("debit_account_id"), booked.pop("credit_account_id"))
    if sides != (wanted.debit.id_in(tenant_id), wanted.credit.id_in(tenant_id)):
        raise ReferenceConflict(wanted.reference)
    return replace(wanted, **{**booked, "kind": TransferKind(booked["kind"])})


def is_booked(database: Database, tenant_id: int, reference: str) -> bool:
    """Whether the reference already stands for a transfer."""
    return bool(all_rows(database, _TRANSFER, tenant_id=tenant_id, reference=reference))


def hold_of(database: Database, tenant_id: int, reference: str) -> Hold | None:
    rows = all_rows(database, _HOLD, tenant_id=tenant_id, reference=reference)
    return hold_from(rows[0]) if rows else None


def hold_from(row: sa.Row[Any]) -> Hold:
    columns = row._asdict()
    return Hold(**{**columns, "state": HoldState(columns["state"])})


def refusal_of(database: Database, tenant_id: int, reference: str) -> Refusal | None:
    rows = all_rows(database, _REFUSAL, tenant_id=tenant_id, reference=reference)
    return Refusal(**rows[0]._asdict()) if rows else None


def quarter(database: Database, tenant_id: int, wanted: Transfer) -> str:
    """Where it counts. Read after every lock was taken."""
    ended = ended_quarters(database, tenant_id, wanted.community_id)
    return open_quarter(wanted.occurred_on, ended)
