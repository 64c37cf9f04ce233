"""Reading the passbook: balances, lines and decisions, each by an index and in pages."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from points_engine.accounts import PERSONAL, Unit, receivable, red_account
from points_engine.awards import Award
from points_engine.ledger import TransferKind
from points_engine.passbook import (
    Balance,
    Decision,
    FactCursor,
    Line,
    LineCursor,
    explained,
)
from points_engine.policy import Policies
from points_engine.postgres.database import Database, Rows, all_rows
from points_engine.postgres.policies import read_policies
from points_engine.rules.verdict import Reason
from points_engine.settlement import Told, judgement

_END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)
_NEWEST_LINE = LineCursor(booked_at=_END_OF_TIME, version=0, reference="")
_NONE = Policies()
_LATEST_FACT = FactCursor(occurred_at=_END_OF_TIME, fact_id=UUID(int=0))

# Each account gives at most one page from either side, read backwards along an index from the
# cursor on; what is merged is a few pages, however long the history behind them.
_SIDE = """
    SELECT id, kind, reference, source, unit, policy_version, community_id, quarter, occurred_on,
           booked_at, actor_id, reason, fact_id, {sign} amount AS amount,
           {side}_version AS version, {side}_balance_after AS balance_after
    FROM transfer
    WHERE tenant_id = :tenant_id AND {side}_account_id = mine.account_id
      AND {side}_version IS NOT NULL
      AND (booked_at, {side}_version, reference) < (:booked_at, :version, :reference)
    ORDER BY booked_at DESC, {side}_version DESC
    LIMIT :limit
"""

# What a line of a settled fact says is put into words from what was told and decided.
_TOLD = """
    fact.kind AS fact_kind, fact.category, fact.quantity, fact.planned, fact.circumstances,
    fact.evidence, fact.acting_as, decision.rule_id, decision.raw, decision.granted,
    decision.reason AS decided, decision.bound
"""

_LINES = sa.text(f"""
    SELECT page.*, {_TOLD} FROM (
        SELECT line.* FROM unnest(CAST(:accounts AS uuid[])) AS mine(account_id)
        CROSS JOIN LATERAL (
            ({_SIDE.format(side="debit", sign="-")})
            UNION ALL
            ({_SIDE.format(side="credit", sign="+")})
        ) AS line
        ORDER BY line.booked_at DESC, line.version DESC, line.reference DESC
        LIMIT :limit
    ) AS page
    LEFT JOIN fact ON fact.tenant_id = :tenant_id AND fact.id = page.fact_id
    LEFT JOIN decision ON decision.tenant_id = :tenant_id
        AND decision.fact_id = page.fact_id AND decision.unit = page.unit
    ORDER BY page.booked_at DESC, page.version DESC, page.reference DESC
""")  # noqa: S608  # put together from the constants above

_DECISION = f"""
    SELECT fact.id AS fact_id, fact.source, fact.occurred_at, fact.occurred_on, decision.unit,
           decision.policy_version, decision.decided_at, {_TOLD}
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
        SELECT * FROM fact
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


_BALANCES = sa.text("""
    SELECT unit, code, posted, held, coalesce((
        SELECT CAST(sum(lot.remaining - lot.held) AS bigint) FROM lot
        WHERE lot.tenant_id = :tenant_id AND lot.account_id = account.id AND lot.is_open
          AND lot.expires_on < :day
    ), 0) AS lapsed
    FROM account WHERE tenant_id = :tenant_id AND id = ANY(CAST(:accounts AS uuid[]))
""")

_EARNED = sa.text("""
    SELECT account.owner_id, account.unit, CAST(sum(line.amount) AS bigint) AS amount
    FROM account CROSS JOIN LATERAL (
        SELECT amount FROM transfer
        WHERE tenant_id = :tenant_id AND credit_account_id = account.id
          AND credit_version IS NOT NULL AND kind IN ('earn', 'bonus')
          AND booked_at >= :since AND booked_at < :until
    ) AS line
    WHERE account.tenant_id = :tenant_id AND account.owner_kind = 'person'
      AND account.last_booked_at >= :since
    GROUP BY account.owner_id, account.unit ORDER BY account.owner_id
""")


def balances(
    database: Database, tenant_id: int, person_id: UUID, *, on: date
) -> dict[Unit, Balance]:
    accounts = [make(person_id, unit) for unit in PERSONAL for make in (red_account, receivable)]
    rows = all_rows(
        database,
        _BALANCES,
        tenant_id=tenant_id,
        accounts=[account.id_in(tenant_id) for account in accounts],
        day=on,
    )
    found = {(row.unit, row.code): row for row in rows}
    return {unit: _balance(found, unit) for unit in PERSONAL}


def _balance(found: Mapping[tuple[str, str], sa.Row[Any]], unit: Unit) -> Balance:
    own, debt = found.get((unit.value, "red_account")), found.get((unit.value, "receivable"))
    if own is None:
        return Balance()
    owed = 0 if debt is None else -debt.posted
    return Balance(posted=own.posted, held=own.held, lapsed=own.lapsed, owed=owed)


def lines(
    database: Database,
    tenant_id: int,
    person_id: UUID,
    *,
    unit: Unit | None,
    before: LineCursor | None,
    limit: int,
) -> list[Line]:
    units = PERSONAL if unit is None else (unit,)
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
    published = read_policies(database, tenant_id) if any(row.fact_id for row in rows) else _NONE
    return [_line(row, published) for row in rows]


def earned(
    database: Database, tenant_id: int, *, since: datetime, until: datetime
) -> dict[UUID, dict[Unit, int]]:
    """By person and unit. Whose account was not booked on since then is not looked into."""
    rows = all_rows(database, _EARNED, tenant_id=tenant_id, since=since, until=until)
    found: dict[UUID, dict[Unit, int]] = {}
    for row in rows:
        found.setdefault(row.owner_id, {})[Unit(row.unit)] = row.amount
    return found


def decisions(database: Database, tenant_id: int, source: str) -> list[Decision]:
    found = all_rows(database, _DECISIONS, tenant_id=tenant_id, source=source)
    return _explained(database, tenant_id, found)


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
    return _explained(database, tenant_id, rows)


def _explained(database: Database, tenant_id: int, rows: Rows) -> list[Decision]:
    """The latest fact first, and of one fact the units in the order they were judged."""
    published = read_policies(database, tenant_id) if rows else _NONE
    found = [_decision(row, published) for row in rows]
    place = {unit: number for number, unit in enumerate(Unit)}
    by_unit = sorted(found, key=lambda each: place[each.judgement.unit])
    return sorted(by_unit, key=lambda each: each.cursor, reverse=True)


def _line(row: sa.Row[Any], published: Policies) -> Line:
    reason = row.reason
    if row.fact_id is not None:
        words = judgement(_told(row), _award(row), published)
        reason = explained(words.explanation, row.occurred_on, row.quarter)
    return Line(
        transfer_id=row.id,
        unit=Unit(row.unit),
        amount=row.amount,
        balance_after=row.balance_after,
        version=row.version,
        kind=TransferKind(row.kind),
        reason=reason,
        source=row.source,
        reference=row.reference,
        policy_version=row.policy_version,
        occurred_on=row.occurred_on,
        booked_at=row.booked_at,
        actor_id=row.actor_id,
        community_id=row.community_id,
        quarter=row.quarter,
    )


def _decision(row: sa.Row[Any], published: Policies) -> Decision:
    return Decision(
        fact_id=row.fact_id,
        source=row.source,
        occurred_at=row.occurred_at,
        occurred_on=row.occurred_on,
        decided_at=row.decided_at,
        judgement=judgement(_told(row), _award(row), published),
    )


def _told(row: sa.Row[Any]) -> Told:
    return Told(
        kind=row.fact_kind,
        category=row.category,
        quantity=row.quantity,
        planned=row.planned,
        circumstances=row.circumstances,
        evidence=row.evidence,
        acting_as=row.acting_as,
        occurred_on=row.occurred_on,
    )


def _award(row: sa.Row[Any]) -> Award:
    return Award(
        place=0,
        unit=Unit(row.unit),
        rule_id=row.rule_id,
        policy_version=row.policy_version,
        raw=row.raw,
        granted=row.granted,
        reason=Reason(row.decided),
        bound=row.bound,
    )
