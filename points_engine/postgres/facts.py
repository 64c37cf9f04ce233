"""Facts as rows, and the queue in which they wait."""

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from points_engine.awards import UNJUDGEABLE
from points_engine.engine import Quarantined
from points_engine.errors import SourceConflict
from points_engine.facts import Circumstance, Fact, FactKind
from points_engine.postgres.database import Database, all_rows, among, columns, one_value
from points_engine.postgres.tables import fact as facts
from points_engine.postgres.tables import settle_queue as queue

# One statement, so that a fact and its place in the queue exist together or not at all.
_REPORT = sa.text("""
    WITH told AS (
        INSERT INTO fact (
            tenant_id, id, kind, source, category, beneficiary_id, actor_id, household_id,
            community_id, quantity, occurred_at, occurred_on, received_at, evidence, payload_hash,
            activity_id, planned, circumstances, acting_as
        )
        VALUES (
            :tenant_id, :id, :kind, :source, :category, :beneficiary_id, :actor_id, :household_id,
            :community_id, :quantity, :occurred_at, :occurred_on, :received_at,
            CAST(:evidence AS jsonb), :payload_hash,
            :activity_id, :planned, :circumstances, :acting_as
        )
        ON CONFLICT DO NOTHING
        RETURNING tenant_id, id, community_id, beneficiary_id, occurred_at, received_at
    )
    INSERT INTO settle_queue (
        tenant_id, fact_id, community_id, beneficiary_id, occurred_at, not_before
    )
    SELECT tenant_id, id, community_id, beneficiary_id, occurred_at, received_at FROM told
    RETURNING fact_id
""")

_REPORT_MANY = sa.text("""
    WITH told AS (
        INSERT INTO fact (
            tenant_id, id, kind, source, category, beneficiary_id, actor_id, household_id,
            community_id, quantity, occurred_at, occurred_on, received_at, evidence, payload_hash,
            activity_id, planned, acting_as, circumstances
        )
        SELECT :tenant_id, id, kind, source, category, beneficiary_id, actor_id, household_id,
               community_id, quantity, occurred_at, occurred_on, received_at, evidence,
               payload_hash, activity_id, planned, acting_as, string_to_array(circumstances, ' ')
        FROM unnest(
            CAST(:id AS uuid[]), CAST(:kind AS text[]), CAST(:source AS text[]),
            CAST(:category AS text[]), CAST(:beneficiary_id AS uuid[]),
            CAST(:actor_id AS uuid[]), CAST(:household_id AS uuid[]),
            CAST(:community_id AS uuid[]), CAST(:quantity AS bigint[]),
            CAST(:occurred_at AS timestamptz[]), CAST(:occurred_on AS date[]),
            CAST(:received_at AS timestamptz[]), CAST(:evidence AS jsonb[]),
            CAST(:payload_hash AS bytea[]), CAST(:activity_id AS uuid[]),
            CAST(:planned AS int[]), CAST(:acting_as AS text[]), CAST(:circumstances AS text[])
        ) AS t(
            id, kind, source, category, beneficiary_id, actor_id, household_id, community_id,
            quantity, occurred_at, occurred_on, received_at, evidence, payload_hash, activity_id,
            planned, acting_as, circumstances
        )
        ON CONFLICT DO NOTHING
        RETURNING tenant_id, id, community_id, beneficiary_id, occurred_at, received_at
    ), queued AS (
        INSERT INTO settle_queue (
            tenant_id, fact_id, community_id, beneficiary_id, occurred_at, not_before
        )
        SELECT tenant_id, id, community_id, beneficiary_id, occurred_at, received_at FROM told
        RETURNING 1
    )
    SELECT count(*) FROM queued
""")

_TOLD_DIFFERENTLY = sa.text("""
    SELECT again.source
    FROM unnest(CAST(:source AS text[]), CAST(:payload_hash AS bytea[])) WITH ORDINALITY
        AS again(source, payload_hash, place)
    LEFT JOIN fact ON fact.tenant_id = :tenant_id AND fact.source = again.source
    WHERE fact.payload_hash IS DISTINCT FROM again.payload_hash
    ORDER BY again.place
    LIMIT 1
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


def report_many(database: Database, tenant_id: int, told: Sequence[Fact]) -> int:
    """Claim all sources at once, and compare only when some of them were known already."""
    if not told:
        return 0
    rows = [_row(tenant_id, fact) for fact in told]
    arrays = columns(rows, *(name for name in rows[0] if name != "tenant_id"))
    # An array of lists would be one list: each goes as its words.
    arrays["circumstances"] = [" ".join(sorted(fact.circumstances)) for fact in told]
    new: int = one_value(database, _REPORT_MANY, tenant_id=tenant_id, **arrays)
    if new < len(rows):
        known = columns(rows, "source", "payload_hash")
        for conflict in all_rows(database, _TOLD_DIFFERENTLY, tenant_id=tenant_id, **known):
            raise SourceConflict(conflict.source)
    return new


def waiting(database: Database, tenant_id: int, beneficiary_id: UUID) -> list[Fact]:
    """Quarantined facts wait too. A fact this program cannot read is left to the settler."""
    statement = (
        sa.select(facts)
        .join(queue, _same_fact())
        .where(queue.c.tenant_id == tenant_id, queue.c.beneficiary_id == beneficiary_id)
        .order_by(facts.c.occurred_at, facts.c.id)
    )
    return _read(all_rows(database, statement))


def of_sources(database: Database, tenant_id: int, sources: Iterable[str]) -> dict[str, Fact]:
    statement = sa.select(facts).where(
        facts.c.tenant_id == tenant_id, among(facts.c.source, list(sources))
    )
    return {fact.source: fact for fact in _read(all_rows(database, statement))}


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


def retry(database: Database, tenant_id: int, fact_id: UUID, *, not_before: datetime) -> bool:
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
        "activity_id": fact.activity_id,
        "planned": fact.planned,
        "circumstances": sorted(fact.circumstances),
        "acting_as": fact.acting_as,
    }


def _read(rows: Sequence[sa.Row[Any]]) -> list[Fact]:
    """The facts that this program can read: a kind may be known to a newer one only."""
    read = []
    for row in rows:
        with suppress(*UNJUDGEABLE):
            read.append(_fact(row))
    return read


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
        activity_id=row.activity_id,
        planned=row.planned,
        circumstances=frozenset(map(Circumstance, row.circumstances)),
        acting_as=row.acting_as,
    )
