"""Quarters as rows: publicised by one transaction, sealed by a later one.

A quarter that is sealed must be complete, and whoever books must not pay for that. So nobody
locks a quarter. Everybody who books locks an account or a row of the queue first, and reads
in a later statement which quarters have ended:

* The statement began after the publicising was committed: it sees the row, and what is booked
  counts in a later quarter.
* It began before: it saw no row and may book into the quarter until its transaction ends. But
  to read `period` it took the table's lightest lock, before it took its snapshot, and
  PostgreSQL keeps that until the transaction ends. So it is among those that hold this lock and,
  since it locked rows before, a heavier one: on their table, whether or not any row was found.

`close` sees the committed row, and only then asks who holds both. Those it waits for, each by
the name of its transaction; whoever comes later is of the first kind. When they are gone, a
statement that begins then sees all there will ever be. The number of the publicising transaction
would not do as a horizon: one that got its own a moment later, and read before that was
committed, is younger than the horizon and still to be waited for.

What is closed cannot be changed, because no role may change a transfer, a period or a seal. That
nothing is added no constraint can say: a CHECK sees one row, a reference says that something is
there and not that it is not. What the engine keeps from happening, `verify` would find.
"""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from points_engine.accounts import OwnerKind
from points_engine.closing import Standing, check_may_close, check_may_end, not_closed
from points_engine.errors import NothingToProve, PeriodBusy
from points_engine.postgres.database import Database, Rows, all_rows, one_value, run
from points_engine.postgres.seals import sealed, transfers
from points_engine.proofs import Document, Period, Seal

_LOOKS = 40  # for a second, more than nearly every transaction takes

_STANDING = sa.text("""
    WITH ended AS (
        SELECT quarter FROM period WHERE tenant_id = :tenant_id AND community_id = :community_id
    )
    SELECT EXISTS (SELECT FROM ended WHERE quarter = :quarter) AS ended,
           EXISTS (SELECT FROM ended WHERE quarter > :quarter) AS later_ended,
           coalesce(bool_or(quarter = :quarter), false) AS booked,
           min(quarter) FILTER (
               WHERE quarter < :quarter AND quarter NOT IN (SELECT quarter FROM ended)
           ) AS earlier
    FROM transfer WHERE tenant_id = :tenant_id AND community_id = :community_id
""")

_PUBLICISE = sa.text("""
    INSERT INTO period (tenant_id, community_id, quarter, publicised_at, stopped_by)
    SELECT :tenant_id, :community_id, :quarter, :at,
           CAST(CAST(pg_current_xact_id() AS text) AS bigint)
    ON CONFLICT DO NOTHING
    RETURNING 1
""")

_ENDED = sa.text("""
    SELECT stopped_by = CAST(CAST(pg_current_xact_id_if_assigned() AS text) AS bigint) AS by_us
    FROM period
    WHERE tenant_id = :tenant_id AND community_id = :community_id AND quarter = :quarter
""")

# Whoever has read which quarters have ended, and locked or wrote rows: by transaction. Who
# vacuums or counts the rows holds another lock on the table, and books nothing.
_BOOKING = sa.text("""
    SELECT virtualtransaction AS name
    FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
    WHERE pg_database.datname = current_database() AND locktype = 'relation'
      AND granted AND pid <> pg_backend_pid()
    GROUP BY virtualtransaction
    HAVING bool_or(relation = CAST('period' AS regclass) AND mode = 'AccessShareLock')
       AND bool_or(mode <> 'AccessShareLock')
""")

_A_MOMENT = sa.text("SELECT pg_sleep(0.025)")

_EARLIER = sa.text("""
    SELECT min(quarter) FROM (
        SELECT quarter FROM period WHERE tenant_id = :tenant_id AND community_id = :community_id
        UNION ALL
        SELECT quarter FROM transfer WHERE tenant_id = :tenant_id AND community_id = :community_id
    ) AS known
    WHERE quarter < :quarter AND quarter NOT IN (
        SELECT quarter FROM seal WHERE tenant_id = :tenant_id AND community_id = :community_id
    )
""")

_SEAL = sa.text("""
    INSERT INTO seal (
        tenant_id, community_id, quarter, closed_at, secret, root, leaf_count,
        first_transfer_id, last_transfer_id, previous_root
    ) VALUES (
        :tenant_id, :community_id, :quarter, :at, :secret, :root, :leaf_count,
        :first_transfer, :last_transfer, :previous_root
    )
    ON CONFLICT DO NOTHING
""")

_OF_PERSON = sa.text("""
    SELECT transfer.id FROM transfer
    JOIN account ON account.tenant_id = transfer.tenant_id
        AND account.id IN (transfer.debit_account_id, transfer.credit_account_id)
    WHERE account.tenant_id = :tenant_id AND account.owner_kind = :person
      AND account.owner_id = :person_id
      AND transfer.community_id = :community_id AND transfer.quarter = :quarter
""")


def publicise(
    database: Database,
    tenant_id: int,
    community_id: UUID,
    *,
    quarter: str,
    on: date,
    at: datetime,
) -> bool:
    here = {"tenant_id": tenant_id, "community_id": community_id, "quarter": quarter}
    (found,) = all_rows(database, _STANDING, **here)
    if found.ended:
        return False
    standing = Standing(booked=found.booked, earlier=found.earlier, later_ended=found.later_ended)
    check_may_end(quarter, standing, on=on)
    return bool(all_rows(database, _PUBLICISE, at=at, **here))


def close(
    database: Database,
    tenant_id: int,
    community_id: UUID,
    *,
    quarter: str,
    at: datetime,
    secret: bytes,
) -> Seal:
    here = {"tenant_id": tenant_id, "community_id": community_id, "quarter": quarter}
    closed = sealed(database, tenant_id, community_id)
    if (community_id, quarter) in closed:
        return closed[community_id, quarter].seal
    ended = all_rows(database, _ENDED, **here)
    check_may_close(quarter, publicised=bool(ended), earlier=None)
    _wait_for_bookings(database, quarter, ended)
    earlier = one_value(database, _EARLIER, **here)
    check_may_close(quarter, publicised=True, earlier=earlier)
    period = Period(tenant_id=tenant_id, community_id=community_id, quarter=quarter, secret=secret)
    before = [
        each.root for each in seals(database, tenant_id, community_id) if each.quarter < quarter
    ]
    with transfers(database, tenant_id, community_id, quarter=quarter) as rows:
        seal = period.seal(rows, previous_root=before[-1] if before else None, sealed_at=at)
    return _keep(database, seal, secret)


def seals(database: Database, tenant_id: int, community_id: UUID) -> list[Seal]:
    return [each.seal for each in sealed(database, tenant_id, community_id).values()]


def prove(
    database: Database, tenant_id: int, community_id: UUID, *, quarter: str, person_id: UUID
) -> Document:
    kept = sealed(database, tenant_id, community_id).get((community_id, quarter))
    if kept is None:
        raise not_closed(quarter)
    wanted = all_rows(
        database,
        _OF_PERSON,
        tenant_id=tenant_id,
        community_id=community_id,
        quarter=quarter,
        person=OwnerKind.PERSON.value,
        person_id=person_id,
    )
    if not wanted:
        raise NothingToProve(quarter)
    with transfers(database, tenant_id, community_id, quarter=quarter) as rows:
        return kept.prove(rows, {row.id for row in wanted})


def _wait_for_bookings(database: Database, quarter: str, ended: Rows) -> None:
    """Until everybody who may have read that the quarter is open is gone, or it takes too long."""
    if any(row.by_us for row in ended):
        raise PeriodBusy(quarter)  # not committed: others will read that it is open
    running = _booking(database)
    for _ in range(_LOOKS):
        if not running:
            return
        run(database, _A_MOMENT)
        running &= _booking(database)
    raise PeriodBusy(quarter)


def _booking(database: Database) -> set[str]:
    return {row.name for row in all_rows(database, _BOOKING)}


def _keep(database: Database, seal: Seal, secret: bytes) -> Seal:
    """Keep the seal; the first one where two closed the same quarter."""
    run(
        database,
        _SEAL,
        tenant_id=seal.tenant_id,
        community_id=seal.community_id,
        quarter=seal.quarter,
        at=seal.sealed_at,
        secret=secret,
        root=seal.root,
        leaf_count=seal.leaf_count,
        first_transfer=seal.first_transfer,
        last_transfer=seal.last_transfer,
        previous_root=seal.previous_root,
    )
    kept = sealed(database, seal.tenant_id, seal.community_id)
    return kept[seal.community_id, seal.quarter].seal
