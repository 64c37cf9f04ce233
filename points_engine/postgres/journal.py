"""The journal of one tenant in the order in which it came about, for rebuilding it.

Four cursors, each sorted by its database, are read side by side: memory stays flat however long
the history. Whoever asks while others write sets REPEATABLE READ first: it is one snapshot then.
"""

from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any

import sqlalchemy as sa

from points_engine.journal import (
    DECIDED,
    FIELDS,
    PARCELLED,
    Ended,
    Event,
    GivenBack,
    LastUse,
    Moved,
    Published,
    Settled,
    Standing,
)
from points_engine.postgres.database import Database, all_rows
from points_engine.postgres.policies import read_published
from points_engine.postgres.stream import streamed
from points_engine.rebuild import Difference, differences

_CONSEQUENCE = "tenant_id = :tenant_id AND kind IN ('earn', 'penalty') AND fact_id IS NOT NULL"


def _digits(column: str) -> str:
    """An identifier that follows from names, as such identifiers are made."""
    return f"replace(CAST({column} AS text), '-', '')"


def _stored(name: str) -> str:
    """Where a field is kept: as text where it is an identifier."""
    table = "decided" if name in DECIDED else "lot" if name in PARCELLED else "booked"
    column = f"{table}.{_KEPT_AS.get(name, name)}"
    if name == "expires_on":  # what it was made with; a grace is no consequence of a fact
        return "coalesce(lot.first_expires_on, lot.expires_on)"
    if name in _DERIVED:
        return _digits(column)
    return f"CAST({column} AS text)" if name.endswith("_id") and name != "rule_id" else column


_DERIVED = {"transfer_id", "debit_account_id", "credit_account_id", "lot_account_id"}
_KEPT_AS = {
    "transfer_id": "id",
    "booked_policy_version": "policy_version",
    "words": "reason",
    "lot_account_id": "account_id",
    "lot_community_id": "community_id",
}
_FOUND = {name: _stored(name) for name in FIELDS}

# What was decided and what was booked, also where there is only one of the two. The columns that
# are compared come last, in the order of FIELDS.
_SETTLED = sa.text(f"""
    SELECT coalesce(decided.decided_at, booked.booked_at) AS at,
           coalesce(decided.unit, booked.unit) AS unit,
           CAST(fact.id AS text) AS id, fact.kind, fact.source, fact.category, fact.quantity,
           fact.planned, fact.circumstances, fact.evidence, fact.acting_as, fact.occurred_on,
           CAST(fact.beneficiary_id AS text) AS beneficiary_id,
           CAST(fact.household_id AS text) AS household_id,
           CAST(fact.activity_id AS text) AS activity_id,
           CAST(fact.community_id AS text) AS community_id,
           CAST(fact.actor_id AS text) AS actor_id,
           {", ".join(f"{column} AS found_{name}" for name, column in _FOUND.items())}
    FROM (SELECT * FROM decision WHERE tenant_id = :tenant_id) AS decided
    FULL JOIN (SELECT * FROM transfer WHERE {_CONSEQUENCE}) AS booked
        ON booked.fact_id = decided.fact_id AND booked.unit = decided.unit
    JOIN fact ON fact.tenant_id = :tenant_id
        AND fact.id = coalesce(decided.fact_id, booked.fact_id)
    LEFT JOIN lot ON lot.tenant_id = :tenant_id AND lot.id = booked.id
    ORDER BY at, fact.occurred_at, fact.id
""")  # noqa: S608  # put together from the constants above

_MOVED = sa.text(f"""
    SELECT booked_at AS at, {_digits("account.id")} AS account_id, reference, leg.amount,
           coalesce(leg.version, 0) AS version, coalesce(leg.balance_after, 0) AS balance_after
    FROM transfer
    CROSS JOIN LATERAL (
        VALUES (debit_account_id, -amount, debit_version, debit_balance_after),
               (credit_account_id, amount, credit_version, credit_balance_after)
    ) AS leg(account_id, amount, version, balance_after)
    JOIN account ON account.tenant_id = :tenant_id AND account.id = leg.account_id
        AND account.guarded
    WHERE transfer.tenant_id = :tenant_id
      AND NOT (kind IN ('earn', 'penalty') AND fact_id IS NOT NULL)
    ORDER BY booked_at, account.id, leg.version
""")  # noqa: S608  # put together from the constants above

_GIVEN_BACK = sa.text("""
    SELECT reversal.booked_at AS at, decision.caps, reversal.amount
    FROM transfer AS reversal
    JOIN transfer AS earned ON earned.tenant_id = :tenant_id AND earned.id = reversal.reverses
    JOIN decision ON decision.tenant_id = :tenant_id
        AND decision.fact_id = earned.fact_id AND decision.unit = earned.unit
    WHERE reversal.tenant_id = :tenant_id AND reversal.reverses IS NOT NULL
    ORDER BY reversal.booked_at
""")

_LAST_USE = sa.text("""
    SELECT greatest(last_booked_at, '1970-01-01Z') AS at, key, used FROM cap_usage
    WHERE tenant_id = :tenant_id
    ORDER BY last_booked_at, key
""")

_ENDED = sa.text("""
    SELECT publicised_at AS ended_at, CAST(community_id AS text) AS community_id, quarter
    FROM period WHERE tenant_id = :tenant_id
""")

_STANDING = sa.text(f"""
    SELECT {_digits("id")} AS account_id, version, posted AS balance FROM account
    WHERE tenant_id = :tenant_id AND guarded
""")  # noqa: S608  # put together from the constant above


def rebuild(
    database: Database, tenant_id: int, *, published: Iterable[Published] | None = None
) -> Iterator[Difference]:
    """Where the books differ from what follows from facts and policies; nothing when right.

    Other policies than the published ones are for asking whether they would have made the same.
    """
    if published is None:
        published = read_published(database, tenant_id)
    ended = all_rows(database, _ENDED, tenant_id=tenant_id)
    standing = streamed(database, _STANDING, tenant_id=tenant_id)
    return differences(
        _events(database, tenant_id),
        tenant_id=tenant_id,
        published=published,
        ended=[Ended._make(row) for row in ended],
        accounts=(Standing._make(row) for row in standing),
    )


def _events(database: Database, tenant_id: int) -> Iterator[Event]:
    """Everything in the order of its instant. What has one instant has nothing in common."""
    settled = groupby(streamed(database, _SETTLED, tenant_id=tenant_id), key=attrgetter("id"))
    streams: Sequence[Iterator[Event]] = (
        (_settled(list(rows)) for _, rows in settled),
        (Moved._make(row) for row in streamed(database, _MOVED, tenant_id=tenant_id)),
        (GivenBack._make(row) for row in streamed(database, _GIVEN_BACK, tenant_id=tenant_id)),
        (LastUse._make(row) for row in streamed(database, _LAST_USE, tenant_id=tenant_id)),
    )
    # At one instant the merge takes from the streams in their order.
    return merge(*streams, key=itemgetter(0))


def _settled(rows: Sequence[sa.Row[Any]]) -> Settled:
    """The rows of one fact, one for each unit."""
    found = [(row.unit, tuple(row[-len(FIELDS) :])) for row in rows]
    return Settled(rows[0].at, rows[0], found)
