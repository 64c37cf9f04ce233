"""Booking: any number of transfers in a fixed number of statements."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from points_engine.errors import ReferenceConflict
from points_engine.ledger import Transfer
from points_engine.postgres.database import Database, columns, one_value, run

_LATEST = sa.text("""
    SELECT greatest(CAST(:now AS timestamptz), max(last_booked_at) + interval '1 microsecond')
    FROM account
    WHERE tenant_id = :tenant_id AND id = ANY(CAST(:ids AS uuid[])) AND guarded
""")

# Each transfer has two legs. A leg on a guarded account takes the next version of the account,
# and the balance it leaves behind is the balance so far plus the legs up to it.
_INSERT = sa.text("""
    WITH batch AS (
        SELECT * FROM unnest(
            CAST(:id AS uuid[]), CAST(:kind AS text[]), CAST(:reference AS text[]),
            CAST(:source AS text[]), CAST(:unit AS text[]), CAST(:debit AS uuid[]),
            CAST(:credit AS uuid[]), CAST(:amount AS bigint[]), CAST(:fact_id AS uuid[]),
            CAST(:reverses AS uuid[]), CAST(:policy_version AS text[]),
            CAST(:community_id AS uuid[]), CAST(:quarter AS text[]),
            CAST(:occurred_on AS date[]), CAST(:actor_id AS uuid[]), CAST(:reason AS text[])
        ) WITH ORDINALITY AS b(
            id, kind, reference, source, unit, debit, credit, amount, fact_id, reverses,
            policy_version, community_id, quarter, occurred_on, actor_id, reason, place
        )
    ), leg AS (
        SELECT place, debit AS account_id, -amount AS moved FROM batch
        UNION ALL
        SELECT place, credit, amount FROM batch
    ), step AS (
        SELECT leg.place, leg.account_id,
               account.version + row_number() OVER so_far AS version,
               account.posted + CAST(sum(leg.moved) OVER so_far AS bigint) AS balance_after
        FROM leg
        JOIN account ON account.tenant_id = :tenant_id
            AND account.id = leg.account_id AND account.guarded
        WINDOW so_far AS (PARTITION BY leg.account_id ORDER BY leg.place ROWS UNBOUNDED PRECEDING)
    ), written AS (
        INSERT INTO transfer (
            tenant_id, id, kind, reference, source, unit, debit_account_id, credit_account_id,
            amount, fact_id, reverses, policy_version, community_id, quarter, occurred_on,
            booked_at, actor_id, reason,
            debit_version, debit_balance_after, credit_version, credit_balance_after
        )
        SELECT :tenant_id, batch.id, kind, reference, source, unit, debit, credit,
               amount, fact_id, reverses, policy_version, community_id, quarter, occurred_on,
               :booked_at, actor_id, reason,
               out.version, out.balance_after, into_.version, into_.balance_after
        FROM batch
        LEFT JOIN step AS out ON out.place = batch.place AND out.account_id = batch.debit
        LEFT JOIN step AS into_ ON into_.place = batch.place AND into_.account_id = batch.credit
        ORDER BY batch.place
        ON CONFLICT (tenant_id, reference) DO NOTHING
        RETURNING 1
    )
    SELECT count(*) FROM written
""")

# Summed before the join: an UPDATE takes only one of several rows that match.
_MOVE = sa.text("""
    UPDATE account
    SET posted = account.posted + total.moved,
        version = account.version + total.steps,
        last_booked_at = :booked_at
    FROM (
        SELECT account_id, CAST(sum(moved) AS bigint) AS moved, count(*) AS steps
        FROM unnest(CAST(:account_id AS uuid[]), CAST(:moved AS bigint[])) AS leg(account_id, moved)
        GROUP BY account_id
    ) AS total
    WHERE account.tenant_id = :tenant_id AND account.id = total.account_id AND account.guarded
""")


def latest_booking(
    database: Database, tenant_id: int, *, accounts: Sequence[UUID], now: datetime
) -> datetime:
    """`now`, or just after the latest booking on the locked accounts if that is later."""
    latest = one_value(database, _LATEST, tenant_id=tenant_id, ids=accounts, now=now)
    assert isinstance(latest, datetime)
    return latest


def post(
    database: Database, tenant_id: int, transfers: Sequence[Transfer], *, booked_at: datetime
) -> None:
    """Book the transfers in their order. Their guarded accounts are locked by the caller.

    `ReferenceConflict` when one of the references is taken; then nothing may be committed.
    """
    if not transfers:
        return
    rows = [_row(tenant_id, transfer) for transfer in transfers]
    written = one_value(
        database,
        _INSERT,
        tenant_id=tenant_id,
        booked_at=booked_at,
        **columns(rows, *rows[0]),
    )
    if written != len(transfers):
        raise ReferenceConflict(transfers[0].reference)
    run(
        database,
        _MOVE,
        tenant_id=tenant_id,
        booked_at=booked_at,
        account_id=[row[side] for side in ("debit", "credit") for row in rows],
        moved=[sign * each.amount for sign in (-1, 1) for each in transfers],
    )


def _row(tenant_id: int, transfer: Transfer) -> dict[str, object]:
    return {
        "id": transfer.id,
        "kind": transfer.kind.value,
        "reference": transfer.reference,
        "source": transfer.source,
        "unit": transfer.unit.value,
        "debit": transfer.debit.id_in(tenant_id),
        "credit": transfer.credit.id_in(tenant_id),
        "amount": transfer.amount,
        "fact_id": transfer.fact_id,
        "reverses": transfer.reverses,
        "policy_version": transfer.policy_version,
        "community_id": transfer.community_id,
        "quarter": transfer.quarter,
        "occurred_on": transfer.occurred_on,
        "actor_id": transfer.actor_id,
        "reason": transfer.reason,
    }
