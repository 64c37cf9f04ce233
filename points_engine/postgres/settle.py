"""Settlement in sets: a batch of any size in the same number of statements.

Claim, lock, and only then read: a worker that read first would judge by balances that another
worker is about to change.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from uuid import UUID

import sqlalchemy as sa

from points_engine.accounts import Account, Unit, issuance, red_account
from points_engine.engine import Settled
from points_engine.facts import Fact
from points_engine.policy import Policies
from points_engine.postgres.accounts import lock_accounts
from points_engine.postgres.database import Database, all_rows, columns, run
from points_engine.postgres.facts import read_facts
from points_engine.postgres.post import latest_booking, post
from points_engine.settlement import Judged, earnings, judge_each

_CLAIM = sa.text("""
    SELECT fact_id FROM settle_queue
    WHERE tenant_id = :tenant_id AND community_id = :community_id
      AND not_before <= :now AND quarantined_at IS NULL
    ORDER BY not_before, fact_id
    LIMIT :limit
    FOR UPDATE SKIP LOCKED
""")

_DECIDE = sa.text("""
    INSERT INTO decision (
        tenant_id, fact_id, unit, rule_id, policy_version, raw, granted, reason, explanation,
        decided_at
    )
    SELECT :tenant_id, fact_id, unit, rule_id, policy_version, raw, granted, reason, explanation,
           :now
    FROM unnest(
        CAST(:fact_id AS uuid[]), CAST(:unit AS text[]), CAST(:rule_id AS text[]),
        CAST(:policy_version AS text[]), CAST(:raw AS bigint[]), CAST(:granted AS bigint[]),
        CAST(:reason AS text[]), CAST(:explanation AS text[])
    ) AS d(fact_id, unit, rule_id, policy_version, raw, granted, reason, explanation)
""")

_DONE = sa.text("""
    DELETE FROM settle_queue
    WHERE tenant_id = :tenant_id AND fact_id = ANY(CAST(:fact_id AS uuid[]))
""")

_QUARANTINE = sa.text("""
    UPDATE settle_queue
    SET attempts = attempts + 1, last_error = failed.error, quarantined_at = :now
    FROM unnest(CAST(:fact_id AS uuid[]), CAST(:error AS text[])) AS failed(fact_id, error)
    WHERE settle_queue.tenant_id = :tenant_id AND settle_queue.fact_id = failed.fact_id
""")


def settle(
    database: Database,
    tenant_id: int,
    community_id: UUID,
    *,
    policies: Policies,
    now: datetime,
    limit: int,
) -> Settled:
    """Claim up to `limit` facts that nobody else holds, decide them and book what they earn."""
    claimed = _claim(database, tenant_id, community_id, now=now, limit=limit)
    if not claimed:
        return Settled()
    facts, unreadable = read_facts(database, tenant_id, claimed)
    accounts = set(_accounts(facts))
    lock_accounts(database, tenant_id, accounts)
    ids = [account.id_in(tenant_id) for account in accounts]
    booked_at = latest_booking(database, tenant_id, accounts=ids, now=now)
    judged = judge_each(facts, policies)
    transfers = list(earnings(judged, tenant_id=tenant_id, now=now))
    post(database, tenant_id, transfers, booked_at=booked_at)
    _decide(database, tenant_id, judged, now=now)
    failed = {**unreadable, **judged.failed}
    _quarantine(database, tenant_id, failed, now=now)
    return Settled(facts=len(judged.decided), transfers=len(transfers), quarantined=len(failed))


def _claim(
    database: Database, tenant_id: int, community_id: UUID, *, now: datetime, limit: int
) -> list[UUID]:
    rows = all_rows(
        database, _CLAIM, tenant_id=tenant_id, community_id=community_id, now=now, limit=limit
    )
    return [row.fact_id for row in rows]


def _accounts(facts: Sequence[Fact]) -> Iterable[Account]:
    """Every account that a decision about these facts could depend on or move."""
    return chain.from_iterable(
        (red_account(fact.beneficiary_id, unit), issuance(fact.community_id, unit))
        for fact in facts
        for unit in Unit
    )


def _decide(database: Database, tenant_id: int, judged: Judged, *, now: datetime) -> None:
    rows: list[dict[str, object]] = [
        {
            "fact_id": fact.id,
            "unit": judgement.unit.value,
            "rule_id": judgement.rule_id,
            "policy_version": judgement.policy_version,
            "raw": judgement.raw,
            "granted": judgement.granted,
            "reason": judgement.reason.value,
            "explanation": judgement.explanation,
        }
        for fact, judgements in judged.decided
        for judgement in judgements
    ]
    if rows:
        run(database, _DECIDE, tenant_id=tenant_id, now=now, **columns(rows, *rows[0]))
        done = [fact.id for fact, _ in judged.decided]
        run(database, _DONE, tenant_id=tenant_id, fact_id=done)


def _quarantine(
    database: Database, tenant_id: int, failed: Mapping[UUID, str], *, now: datetime
) -> None:
    if failed:
        ids, errors = list(failed), list(failed.values())
        run(database, _QUARANTINE, tenant_id=tenant_id, fact_id=ids, error=errors, now=now)
