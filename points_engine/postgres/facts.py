"""Facts as rows, and the queue in which they wait."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from points_engine.engine import Quarantined
from points_engine.errors import SourceConflict
from points_engine.facts import Fact, FactKind
from points_engine.postgres.database import Database, all_rows, among
from points_engine.postgres.tables import fact as facts
from points_engine.postgres.tables import settle_queue as queue
from points_engine.settlement import UNJUDGEABLE, describe

# One statement, so that a fact and its place in the queue exist together or not at all.
_REPORT = sa.text("""
    WITH told AS (
        INSERT INTO fact (
            tenant_id, id, kind, source, category, beneficiary_id, actor_id, household_id,
            community_id, quantity, occurred_at, occurred_on, received_at, evidence, payload_hash
        )
        VALUES (
            :tenant_id, :id, :kind, :source, :category, :beneficiary_id, :actor_id, :household_id,
            :community_id, :quantity, :occurred_at, :occurred_on, :received_at,
            CAST(:evidence AS jsonb), :payload_hash
        )
        ON CONFLICT DO NOTHING
        RETURNING tenant_id, id, community_id, beneficiary_id, received_at
    )
    INSERT INTO settle_queue (tenant_id, fact_id, community_id, beneficiary_id, not_before)
    SELECT tenant_id, id, community_id, beneficiary_id, received_at FROM told
    RETURNING fact_id
""")


def report(database: Database, tenant_id: int, fact: Fact) -> bool:
    """Claim the source; whoever comes second compares with what the first one told."""
    if all_rows(database, _REPORT, **_row(tenant_id, fact)):
        return True
    told = sa.select(facts.c.payload_hash).where(
        facts.c.tenant_id == tenant_id, facts.c.source == fact.source
    )
    if [bytes(row.payload_hash) for row in all_rows(database, told)] != [fact.payload_hash]:
        raise SourceConflict(fact.source)
    return False


def waiting(database: Database, tenant_id: int, beneficiary_id: UUID) -> list[Fact]:
    """Quarantined facts wait too. A fact this program cannot read is left to the settler."""
    statement = (
        sa.select(facts)
        .join(queue, _same_fact())
        .where(queue.c.tenant_id == tenant_id, queue.c.beneficiary_id == beneficiary_id)
        .order_by(facts.c.occurred_at, facts.c.id)
    )
    return _read(all_rows(database, statement))[0]


def of_sources(database: Database, tenant_id: int, sources: Iterable[str]) -> dict[str, Fact]:
    statement = sa.select(facts).where(
        facts.c.tenant_id == tenant_id, among(facts.c.source, list(sources))
    )
    return {fact.source: fact for fact in _read(all_rows(database, statement))[0]}


def read_facts(
    database: Database, tenant_id: int, fact_ids: Sequence[UUID]
) -> tuple[list[Fact], dict[UUID, str]]:
    """The facts, and by fact the errors of those that this program cannot read."""
    statement = sa.select(facts).where(facts.c.tenant_id == tenant_id, among(facts.c.id, fact_ids))
    return _read(all_rows(database, statement))


def communities_waiting(database: Database, tenant_id: int, now: datetime) -> list[UUID]:
    statement = (
        sa.select(queue.c.community_id)
        .where(
            queue.c.tenant_id == tenant_id,
            queue.c.quarantined_at.is_(None),
            queue.c.not_before <= now,
        )
        .distinct()
        .order_by(queue.c.community_id)
    )
    return [row.community_id for row in all_rows(database, statement)]


def quarantined(database: Database, tenant_id: int, limit: int) -> list[Quarantined]:
    statement = (
        sa.select(queue, facts.c.source)
        .join(facts, _same_fact())
        .where(queue.c.tenant_id == tenant_id, queue.c.quarantined_at.is_not(None))
        .order_by(queue.c.quarantined_at, queue.c.fact_id)
        .limit(limit)
    )
    return [
        Quarantined(
            fact_id=row.fact_id,
            source=row.source,
            community_id=row.community_id,
            beneficiary_id=row.beneficiary_id,
            attempts=row.attempts,
            error=row.last_error,
            quarantined_at=row.quarantined_at,
        )
        for row in all_rows(database, statement)
    ]


def release(database: Database, tenant_id: int, fact_id: UUID, *, not_before: datetime) -> bool:
    statement = (
        sa.update(queue)
        .where(
            queue.c.tenant_id == tenant_id,
            queue.c.fact_id == fact_id,
            queue.c.quarantined_at.is_not(None),
        )
        .values(quarantined_at=None, not_before=not_before)
        .returning(queue.c.fact_id)
    )
    return bool(all_rows(database, statement))


def _same_fact() -> sa.ColumnElement[bool]:
    return sa.and_(facts.c.tenant_id == queue.c.tenant_id, facts.c.id == queue.c.fact_id)


def _row(tenant_id: int, fact: Fact) -> dict[str, object]:
    return {
        "tenant_id": tenant_id,
        "id": fact.id,
        "kind": fact.kind.value,
        "source": fact.source,
        "category": fact.category,
        "beneficiary_id": fact.beneficiary_id,
        "actor_id": fact.actor_id,
        "household_id": fact.household_id,
        "community_id": fact.community_id,
        "quantity": fact.quantity,
        "occurred_at": fact.occurred_at,
        "occurred_on": fact.occurred_on,
        "received_at": fact.received_at,
        "evidence": json.dumps(dict(fact.evidence), ensure_ascii=False),
        "payload_hash": fact.payload_hash,
    }


def _read(rows: Sequence[sa.Row[Any]]) -> tuple[list[Fact], dict[UUID, str]]:
    read, unreadable = [], {}
    for row in rows:
        try:
            read.append(_fact(row))
        except UNJUDGEABLE as problem:  # a kind that only a newer program knows, for one
            unreadable[row.id] = describe(problem)
    return read, unreadable


def _fact(row: sa.Row[Any]) -> Fact:
    return Fact(
        id=row.id,
        kind=FactKind(row.kind),
        source=row.source,
        category=row.category,
        beneficiary_id=row.beneficiary_id,
        actor_id=row.actor_id,
        household_id=row.household_id,
        community_id=row.community_id,
        quantity=row.quantity,
        occurred_at=row.occurred_at,
        occurred_on=row.occurred_on,
        received_at=row.received_at,
        evidence=row.evidence,
    )
