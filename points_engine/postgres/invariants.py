"""What must hold of the books at every moment, each with what finds whatever breaks it.

The statements read the base tables and trust nothing that the engine computes, so they find a
fault of the engine as well as a hand in the tables.
"""

from collections.abc import Iterable

import sqlalchemy as sa

from points_engine.postgres import seals
from points_engine.postgres.database import Database, run
from points_engine.postgres.hold_invariants import OF_HOLDS
from points_engine.postgres.lot_invariants import OF_LOTS
from points_engine.postgres.promises import Invariant, Violation, violations
from points_engine.postgres.undoing_invariants import OF_UNDOING

_ROOM = sa.text("SET LOCAL work_mem = '256MB'")


def verify(
    database: Database, tenant_id: int, invariants: Iterable[Invariant] | None = None
) -> list[Violation]:
    """Every broken invariant of one tenant; an empty list when the books are in order.

    Who keeps more than the books, and lets rows of their own stand beside them, passes a longer
    list than the engine's own `INVARIANTS`.

    Every statement sees what was there when it began. Books that are written meanwhile have to
    be read in one snapshot: the caller's transaction must be REPEATABLE READ (it may be READ
    ONLY), and for the rest of it sorts and hash joins have the memory for a million transfers.
    """
    run(database, _ROOM)
    asked = INVARIANTS if invariants is None else invariants
    return violations(database, tenant_id, asked)


# The legs of every transfer: what it takes from one account and brings to the other.
_LEGS = """
        WITH leg AS (
            SELECT id, unit, debit_account_id AS account_id, -amount AS moved,
                   debit_version AS version, debit_balance_after AS balance_after, booked_at
            FROM transfer WHERE tenant_id = :tenant_id
            UNION ALL
            SELECT id, unit, credit_account_id, amount,
                   credit_version, credit_balance_after, booked_at
            FROM transfer WHERE tenant_id = :tenant_id
        )"""


def _of_legs(name: str, sql: str) -> Invariant:
    return Invariant(name, _LEGS + sql)


INVARIANTS = (
    Invariant(
        "a transfer moves a positive amount of one unit between two accounts of its tenant",
        """
        SELECT transfer.id FROM transfer
        LEFT JOIN account AS debit
            ON debit.tenant_id = transfer.tenant_id AND debit.id = transfer.debit_account_id
        LEFT JOIN account AS credit
            ON credit.tenant_id = transfer.tenant_id AND credit.id = transfer.credit_account_id
        WHERE transfer.tenant_id = :tenant_id
          AND (transfer.amount > 0 AND debit.id <> credit.id
               AND debit.unit = transfer.unit AND credit.unit = transfer.unit) IS NOT TRUE
        """,
    ),
    _of_legs(
        "all accounts of a unit sum to zero",
        # What guarded accounts keep, against what the transfers say left the unguarded ones.
        """
        SELECT unit, sum(amount) AS total FROM (
            SELECT unit, posted AS amount FROM account
            WHERE tenant_id = :tenant_id AND guarded
            UNION ALL
            SELECT leg.unit, leg.moved FROM leg
            JOIN account ON account.tenant_id = :tenant_id AND account.id = leg.account_id
            WHERE NOT account.guarded
        ) AS everything
        GROUP BY unit HAVING sum(amount) <> 0
        """,
    ),
    _of_legs(
        "a guarded account is the fold of its transfers",
        """
        SELECT account.id, account.posted, account.version, fold.moved, fold.steps
        FROM account
        LEFT JOIN (
            SELECT account_id, sum(moved) AS moved, count(*) AS steps,
                   max(version) AS latest, max(booked_at) AS last_booked_at
            FROM leg GROUP BY account_id
        ) AS fold ON fold.account_id = account.id
        WHERE account.tenant_id = :tenant_id AND account.guarded
          AND (account.posted, account.version, account.version)
              IS DISTINCT FROM
              (coalesce(fold.moved, 0), coalesce(fold.steps, 0), coalesce(fold.latest, 0))
        """,
    ),
    _of_legs(
        "the versions of a guarded account have no gap and its balances chain",
        """
        SELECT * FROM (
            SELECT leg.id, leg.account_id, leg.version, leg.balance_after, leg.booked_at,
                   row_number() OVER so_far AS place,
                   sum(leg.moved) OVER so_far AS balance,
                   lag(leg.booked_at) OVER so_far AS booked_before
            FROM leg
            JOIN account ON account.tenant_id = :tenant_id AND account.id = leg.account_id
            WHERE account.guarded
            WINDOW so_far AS (PARTITION BY leg.account_id ORDER BY leg.version)
        ) AS chain
        WHERE (version, balance_after) IS DISTINCT FROM (place, balance)
           OR booked_at < booked_before
        """,
    ),
    _of_legs(
        "no guarded account was below zero at any version",
        """
        SELECT leg.id, leg.account_id, leg.version, leg.balance_after FROM leg
        JOIN account ON account.tenant_id = :tenant_id AND account.id = leg.account_id
        WHERE leg.balance_after < 0 AND NOT account.may_owe
        UNION ALL
        SELECT NULL, id, version, posted FROM account
        WHERE tenant_id = :tenant_id AND guarded
          AND (posted < 0 AND NOT may_owe OR NOT held BETWEEN 0 AND greatest(posted, 0))
        """,
    ),
    _of_legs(
        "an unguarded account keeps neither balance nor version",
        """
        SELECT account.id FROM account
        WHERE tenant_id = :tenant_id AND NOT guarded
          AND (posted IS NOT NULL OR version <> 0 OR held <> 0)
        UNION ALL
        SELECT leg.account_id FROM leg
        JOIN account ON account.tenant_id = :tenant_id AND account.id = leg.account_id
        WHERE NOT account.guarded AND (leg.version, leg.balance_after) IS DISTINCT FROM (NULL, NULL)
        """,
    ),
    Invariant(
        "a fact waits, or has one decision for every unit",
        """
        SELECT fact.id, fact.source, count(decision.unit) AS decisions
        FROM fact
        LEFT JOIN decision ON decision.tenant_id = fact.tenant_id AND decision.fact_id = fact.id
        LEFT JOIN settle_queue
            ON settle_queue.tenant_id = fact.tenant_id AND settle_queue.fact_id = fact.id
        WHERE fact.tenant_id = :tenant_id
        GROUP BY fact.id, fact.source
        HAVING CASE WHEN count(settle_queue.fact_id) > 0 THEN count(decision.unit) > 0
                    ELSE (array_agg(decision.unit) @> ARRAY['minutes', 'score', 'points'])
                         IS NOT TRUE
               END
        """,
    ),
    Invariant(
        "what was granted is what was booked",
        """
        SELECT fact_id, unit, sum(granted) AS granted, sum(booked) AS booked FROM (
            SELECT fact_id, unit, granted, 0 AS booked FROM decision
            WHERE tenant_id = :tenant_id AND granted <> 0
            UNION ALL
            SELECT fact_id, unit, 0, CASE kind WHEN 'earn' THEN amount ELSE -amount END
            FROM transfer
            WHERE tenant_id = :tenant_id AND kind IN ('earn', 'penalty') AND fact_id IS NOT NULL
        ) AS either
        GROUP BY fact_id, unit HAVING sum(granted) <> sum(booked)
        """,
    ),
    Invariant(
        "an earning is that of its fact: beneficiary, community, source and reference",
        # A penalty for a fact goes the other way.
        """
        SELECT transfer.id, transfer.reference FROM transfer
        LEFT JOIN fact ON fact.tenant_id = transfer.tenant_id AND fact.id = transfer.fact_id
        LEFT JOIN account AS theirs ON theirs.tenant_id = transfer.tenant_id AND theirs.id =
            CASE transfer.kind WHEN 'earn' THEN credit_account_id ELSE debit_account_id END
        LEFT JOIN account AS ours ON ours.tenant_id = transfer.tenant_id AND ours.id =
            CASE transfer.kind WHEN 'earn' THEN debit_account_id ELSE credit_account_id END
        WHERE transfer.tenant_id = :tenant_id
          AND (transfer.kind = 'earn'
               OR transfer.kind = 'penalty' AND transfer.fact_id IS NOT NULL)
          AND (transfer.source = fact.source
               AND transfer.reference = fact.source || ':' || transfer.unit
               AND transfer.community_id = fact.community_id
               AND ours.owner_id = fact.community_id
               AND theirs.owner_id = CASE transfer.unit
                   WHEN 'household' THEN fact.household_id ELSE fact.beneficiary_id
               END) IS NOT TRUE
        """,
    ),
    Invariant(
        "what waits is a fact, and stands under its own community and person",
        """
        SELECT settle_queue.fact_id FROM settle_queue
        LEFT JOIN fact ON fact.tenant_id = settle_queue.tenant_id AND fact.id = settle_queue.fact_id
        WHERE settle_queue.tenant_id = :tenant_id
          AND (settle_queue.community_id, settle_queue.beneficiary_id)
              IS DISTINCT FROM (fact.community_id, fact.beneficiary_id)
        """,
    ),
    Invariant(
        "what is quarantined says why",
        """
        SELECT fact_id FROM settle_queue
        WHERE tenant_id = :tenant_id AND quarantined_at IS NOT NULL
          AND (attempts = 0 OR coalesce(last_error, '') = '')
        """,
    ),
    *OF_HOLDS,
    *OF_LOTS,
    *OF_UNDOING,
    Invariant(
        "the transfers of a closed quarter give the root that was published", seals.find_broken
    ),
)
