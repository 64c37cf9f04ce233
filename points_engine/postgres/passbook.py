"""Reading the passbook: balances, lines and decisions, each by an index and in pages."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from points_engine.accounts import Unit, red_account
from points_engine.ledger import TransferKind
from points_engine.passbook import Balance, Decision, FactCursor, Line, LineCursor
from points_engine.postgres.database import Database, all_rows, among
from points_engine.postgres.tables import account as accounts
from points_engine.rules.verdict import Reason
from points_engine.settlement import Judgement

_END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)
_NEWEST_LINE = LineCursor(booked_at=_END_OF_TIME, version=0, reference="")
_LATEST_FACT = FactCursor(occurred_at=_END_OF_TIME, fact_id=UUID(int=0))

# Each account gives at most one page from either side, read backwards along an index from the
# cursor on; what is merged is a few pages, however long the history behind them.
_SIDE = """
    SELECT id, kind, reference, source, unit, policy_version, community_id, occurred_on,
           booked_at, actor_id, reason, {sign} amount AS amount,
           {side}_version AS version, {side}_balance_after AS balance_after
    FROM transfer
    WHERE tenant_id = :tenant_id AND {side}_account_id = mine.account_id
      AND {side}_version IS NOT NULL
      AND (booked_at, {side}_version, reference) < (:booked_at, :version, :reference)
    ORDER BY booked_at DESC, {side}_version DESC
    LIMIT :limit
"""

_LINES = sa.text(f"""
    SELECT line.* FROM unnest(CAST(:accounts AS uuid[])) AS mine(account_id)
    CROSS JOIN LATERAL (
        ({_SIDE.format(side="debit", sign="-")})
        UNION ALL
        ({_SIDE.format(side="credit", sign="+")})
    ) AS line
    ORDER BY line.booked_at DESC, line.version DESC, line.reference DESC
    LIMIT :limit
""")  # noqa: S608  # put together from the two constants above

_DECISION = """
    SELECT fact.id AS fact_id, fact.source, fact.occurred_at, fact.occurred_on, decision.unit,
           decision.rule_id, decision.policy_version, decision.raw, decision.granted,
           decision.reason, decision.explanation, decision.decided_at
"""

_DECISIONS = sa.text(f"""
    {_DECISION}
    FROM fact
    JOIN decision ON decision.tenant_id = fact.tenant_id AND decision.fact_id = fact.id
    WHERE fact.tenant_id = :tenant_id AND fact.source = :source
""")  # put together from the constant above

_DECISIONS_OF = sa.text(f"""
    {_DECISION}
    FROM (
        SELECT tenant_id, id, source, occurred_at, occurred_on FROM fact
        WHERE tenant_id = :tenant_id AND beneficiary_id = :person_id
          AND (occurred_at, id) < (:occurred_at, :fact_id)
          AND EXISTS (
              SELECT FROM decision
              WHERE decision.tenant_id = fact.tenant_id AND decision.fact_id = fact.id
          )
        ORDER BY occurred_at DESC, id DESC
        LIMIT :limit
    ) AS fact
    JOIN decision ON decision.tenant_id = fact.tenant_id AND decision.fact_id = fact.id
""")  # noqa: S608  # put together from the constant above


def balances(database: Database, tenant_id: int, person_id: UUID) -> dict[Unit, Balance]:
    mine = {red_account(person_id, unit).id_in(tenant_id): unit for unit in Unit}
    statement = sa.select(accounts.c.id, accounts.c.posted, accounts.c.held).where(
        accounts.c.tenant_id == tenant_id, among(accounts.c.id, list(mine))
    )
    found = {
        mine[row.id]: Balance(posted=row.posted, held=row.held)
        for row in all_rows(database, statement)
    }
    return {unit: found.get(unit, Balance()) for unit in Unit}


def lines(
    database: Database,
    tenant_id: int,
    person_id: UUID,
    *,
    unit: Unit | None,
    before: LineCursor | None,
    limit: int,
) -> list[Line]:
    units = Unit if unit is None else (unit,)
    start = before or _NEWEST_LINE
    rows = all_rows(
        database,
        _LINES,
        tenant_id=tenant_id,
        accounts=[red_account(person_id, each).id_in(tenant_id) for each in units],
        booked_at=start.booked_at,
        version=start.version,
        reference=start.reference,
        limit=limit,
    )
    return [_line(row) for row in rows]


def decisions(database: Database, tenant_id: int, source: str) -> list[Decision]:
    found = all_rows(database, _DECISIONS, tenant_id=tenant_id, source=source)
    return _in_order([_decision(row) for row in found])


def decisions_of(
    database: Database, tenant_id: int, person_id: UUID, *, before: FactCursor | None, limit: int
) -> list[Decision]:
    start = before or _LATEST_FACT
    rows = all_rows(
        database,
        _DECISIONS_OF,
        tenant_id=tenant_id,
        person_id=person_id,
        occurred_at=start.occurred_at,
        fact_id=start.fact_id,
        limit=limit,
    )
    return _in_order([_decision(row) for row in rows])


def _in_order(found: list[Decision]) -> list[Decision]:
    """The latest fact first, and of one fact the units in the order they were judged."""
    place = {unit: number for number, unit in enumerate(Unit)}
    by_unit = sorted(found, key=lambda each: place[each.judgement.unit])
    return sorted(by_unit, key=lambda each: each.cursor, reverse=True)


def _line(row: sa.Row[Any]) -> Line:
    return Line(
        transfer_id=row.id,
        unit=Unit(row.unit),
        amount=row.amount,
        balance_after=row.balance_after,
        version=row.version,
        kind=TransferKind(row.kind),
        reason=row.reason,
        source=row.source,
        reference=row.reference,
        policy_version=row.policy_version,
        occurred_on=row.occurred_on,
        booked_at=row.booked_at,
        actor_id=row.actor_id,
        community_id=row.community_id,
    )


def _decision(row: sa.Row[Any]) -> Decision:
    judgement = Judgement(
        unit=Unit(row.unit),
        rule_id=row.rule_id,
        policy_version=row.policy_version,
        raw=row.raw,
        granted=row.granted,
        reason=Reason(row.reason),
        explanation=row.explanation,
    )
    return Decision(
        fact_id=row.fact_id,
        source=row.source,
        occurred_at=row.occurred_at,
        occurred_on=row.occurred_on,
        decided_at=row.decided_at,
        judgement=judgement,
    )
