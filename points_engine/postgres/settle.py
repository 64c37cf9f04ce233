"""Settlement in sets: a batch of any size in the same number of statements.

Claim, lock, and only then read: a worker that read first would judge by numbers that another
worker is about to change. Everybody locks in the same order: the queue, accounts, caps.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from points_engine.awards import Weighed, grant, weigh
from points_engine.engine import Settled
from points_engine.ledger import just_after
from points_engine.policy import Policies
from points_engine.postgres import sheets
from points_engine.postgres.accounts import lock
from points_engine.postgres.arrays import codes, texts
from points_engine.postgres.database import Database, all_rows, one_value, run
from points_engine.postgres.standing import ended_quarters

# To look at every element of a long array takes a planner longer than to run the statement. What
# is written here needs no look: each row is found by its key, and no two lists are joined.
_PLAN_ONCE = sa.text("SET LOCAL plan_cache_mode = force_generic_plan")

# In the order in which facts are judged, and waiting for who came first rather than stepping
# round them: of the last points under a cap the earlier fact gets them, whoever settles it.
# Identifiers come as text: nobody looks into them, and most of the time would go into parsing.
_CLAIM = sa.text("""
    WITH claimed AS (
        SELECT fact_id, occurred_at FROM settle_queue
        WHERE tenant_id = :tenant_id AND community_id = :community_id
          AND not_before <= :now AND quarantined_at IS NULL
        ORDER BY occurred_at, fact_id
        LIMIT :limit
        FOR UPDATE
    )
    SELECT told.* FROM claimed
    -- One by one along the key, however large the table is thought to be.
    CROSS JOIN LATERAL (
        SELECT CAST(id AS text) AS id, kind, source, category, quantity, planned, circumstances,
               evidence, acting_as, occurred_on, CAST(actor_id AS text) AS actor_id,
               CAST(beneficiary_id AS text) AS beneficiary_id,
               CAST(household_id AS text) AS household_id,
               CAST(activity_id AS text) AS activity_id
        FROM fact WHERE fact.tenant_id = :tenant_id AND fact.id = claimed.fact_id
        OFFSET 0
    ) AS told
    ORDER BY claimed.occurred_at, claimed.fact_id
""")

# A cap of one person is guarded by the lock on the account that it limits. What a household
# shares is nobody's account: it has to be there to be locked.
_OPEN_SHARED = sa.text("""
    INSERT INTO cap_usage (tenant_id, key, used, allowed, last_booked_at)
    SELECT :tenant_id, key, 0, 0, '-infinity'
    FROM unnest(CAST(:shared AS text[])) AS wanted(key)
    ORDER BY key
    ON CONFLICT DO NOTHING
""")

# A locking read waits, and then gives the row as whoever held it has left it.
_LOCK_SHARED = sa.text("""
    SELECT max(last_booked_at) FROM (
        SELECT nullif(last_booked_at, '-infinity') AS last_booked_at FROM cap_usage
        WHERE tenant_id = :tenant_id AND key = ANY(CAST(:shared AS text[]))
        ORDER BY key
        FOR NO KEY UPDATE
    ) AS held
""")

_USED = sa.text("""
    SELECT key, used FROM cap_usage
    WHERE tenant_id = :tenant_id AND key = ANY(CAST(:cap_key AS text[]))
""")

_QUARANTINE = sa.text("""
    UPDATE settle_queue
    SET attempts = attempts + 1, last_error = failed.error, quarantined_at = :now
    FROM unnest(CAST(:fact_id AS uuid[]), CAST(:error AS text[])) AS failed(fact_id, error)
    WHERE settle_queue.tenant_id = :tenant_id AND settle_queue.fact_id = failed.fact_id
""")

_OF_THE_ROWS = ("21", "22", "23")  # SQLSTATE classes: what is written is wrong, not the moment


def settle(
    database: Database,
    tenant_id: int,
    community_id: UUID,
    *,
    policies: Policies,
    now: datetime,
    limit: int,
) -> Settled:
    """Claim the first `limit` facts that wait, decide them and book what they earn."""
    run(database, _PLAN_ONCE)
    claimed = all_rows(
        database, _CLAIM, tenant_id=tenant_id, community_id=community_id, now=now, limit=limit
    )
    batch = _Batch(database, tenant_id, community_id, policies=policies, now=now)
    batch.settle(claimed)
    batch.set_apart()
    return Settled(
        facts=len(claimed) - len(batch.failed),
        transfers=batch.transfers,
        quarantined=len(batch.failed),
    )


class _Batch:
    """One claimed batch on its way into the books, and the facts that could not go there."""

    def __init__(
        self,
        database: Database,
        tenant_id: int,
        community_id: UUID,
        *,
        policies: Policies,
        now: datetime,
    ) -> None:
        self._database = database
        self._tenant_id = tenant_id
        self._community_id = community_id
        self._policies = policies
        self._now = now
        self.transfers = 0
        self.failed: dict[str, str] = {}

    def settle(self, rows: Sequence[sa.Row[Any]]) -> None:
        """Book the rows; those that the database will not take are found by halving."""
        if not rows:
            return
        try:
            with self._database.begin_nested():
                self.transfers += self._book(rows)
        except DBAPIError as problem:
            state = getattr(problem.orig, "sqlstate", None) or ""
            if not state.startswith(_OF_THE_ROWS):
                raise
            if len(rows) == 1:
                self.failed[rows[0].id] = f"{type(problem.orig).__name__}: SQLSTATE {state}"
                return
            half = len(rows) // 2
            self.settle(rows[:half])
            self.settle(rows[half:])

    def set_apart(self) -> None:
        """Keep what failed, visible and in nobody's way."""
        if self.failed:
            run(
                self._database,
                _QUARANTINE,
                tenant_id=self._tenant_id,
                fact_id=codes(self.failed),
                error=list(self.failed.values()),
                now=self._now,
            )

    def _book(self, rows: Sequence[sa.Row[Any]]) -> int:
        weighed = weigh(rows, self._policies)
        for place, error in weighed.failed.items():
            self.failed[rows[place].id] = error
        sheet = sheets.Sheet(self._tenant_id, self._community_id, rows, awards=weighed.awards)
        booked_at = self._lock(sheet, weighed)
        ended = ended_quarters(self._database, self._tenant_id, self._community_id)
        sheet.write(self._database, booked_at, ended)
        return sheet.transfers

    def _lock(self, sheet: sheets.Sheet, weighed: Weighed) -> datetime:
        """Lock what the awards depend on, then read it, and grant what the caps allow."""
        booked = [self._lock_accounts(sheet), self._lock_shared(weighed.shared())]
        sheet.limits = weighed.limits()
        if sheet.limits:
            keys = {"tenant_id": self._tenant_id, "cap_key": texts(sheet.limits)}
            sheet.used = {row.key: row.used for row in all_rows(self._database, _USED, **keys)}
        grant(weighed, sheet.used)
        return just_after(self._now, booked)

    def _lock_shared(self, keys: list[str]) -> datetime | None:
        if not keys:
            return None
        shared = {"tenant_id": self._tenant_id, "shared": texts(keys)}
        run(self._database, _OPEN_SHARED, **shared)
        latest: datetime | None = one_value(self._database, _LOCK_SHARED, **shared)
        return latest

    def _lock_accounts(self, sheet: sheets.Sheet) -> datetime | None:
        return lock(
            self._database,
            self._tenant_id,
            sheet.accounts,
            guarded=sheet.guarded,
            others=sheet.others,
        )
