"""The settled facts of a span as rows, for a replay. It reads, and writes nothing."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from points_engine.accounts import Unit
from points_engine.postgres.database import Database, one_value
from points_engine.postgres.stream import streamed
from points_engine.replaying import Past

_UNITS = tuple(Unit)
_SUMS = ", ".join(
    f"CAST(coalesce(sum(granted) FILTER (WHERE unit = '{unit}'), 0) AS bigint) AS {unit}"
    for unit in Unit
)

_OF_THE_SPAN = """
    fact.tenant_id = :tenant_id AND fact.occurred_on BETWEEN :since AND :until
    AND (CAST(:community_id AS uuid) IS NULL OR fact.community_id = :community_id)
"""

# One sort for the whole span and a cursor over it. Pages by a key would need an index that every
# report had to keep up, for a question that is asked before a policy changes.
_FACTS = sa.text(f"""
    WITH granted AS (
        SELECT fact_id, {_SUMS} FROM decision WHERE tenant_id = :tenant_id GROUP BY fact_id
    ), taken_back AS (
        SELECT earned.fact_id, array_agg(earned.unit) AS units
        FROM transfer AS reversal
        JOIN transfer AS earned
            ON earned.tenant_id = :tenant_id AND earned.id = reversal.reverses
        WHERE reversal.tenant_id = :tenant_id AND reversal.reverses IS NOT NULL
          AND earned.fact_id IS NOT NULL
        GROUP BY earned.fact_id
    )
    SELECT CAST(fact.id AS text) AS id, fact.kind, fact.source, fact.category, fact.quantity,
           fact.planned, fact.circumstances, fact.evidence, fact.acting_as,
           fact.occurred_at, fact.occurred_on,
           CAST(fact.beneficiary_id AS text) AS beneficiary_id,
           CAST(fact.household_id AS text) AS household_id,
           CAST(fact.activity_id AS text) AS activity_id,
           {", ".join(f"granted.{unit} AS had_{unit}" for unit in Unit)},
           taken_back.units AS taken_back
    FROM fact
    JOIN granted ON granted.fact_id = fact.id
    LEFT JOIN taken_back ON taken_back.fact_id = fact.id
    WHERE {_OF_THE_SPAN}
    ORDER BY fact.occurred_at, fact.id
""")  # noqa: S608  # put together from the constants above

_COUNT = sa.text(f"""
    SELECT count(*) FROM fact
    WHERE {_OF_THE_SPAN} AND EXISTS (
        SELECT FROM decision WHERE decision.tenant_id = :tenant_id AND decision.fact_id = fact.id
    )
""")  # noqa: S608  # put together from the constant above

_FIRST_GRANT = -(len(_UNITS) + 1)


def settled_facts(
    database: Database,
    tenant_id: int,
    community_id: UUID | None = None,
    *,
    since: date,
    until: date,
) -> Iterator[Past]:
    """What was settled of the facts of these days, in the order in which they occurred.

    One community's, or everybody's. The transaction must stay open until the last one is read.
    """
    rows = streamed(
        database,
        _FACTS,
        tenant_id=tenant_id,
        community_id=community_id,
        since=since,
        until=until,
    )
    for row in rows:
        yield Past(row, row[_FIRST_GRANT:-1], row.taken_back or ())


def count_settled_facts(
    database: Database,
    tenant_id: int,
    community_id: UUID | None = None,
    *,
    since: date,
    until: date,
) -> int:
    """How many that are, for whoever wants to show how far a replay has come."""
    counted: int = one_value(
        database,
        _COUNT,
        tenant_id=tenant_id,
        community_id=community_id,
        since=since,
        until=until,
    )
    return counted
