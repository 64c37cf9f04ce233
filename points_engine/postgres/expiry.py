"""Expiry in sets: a batch of any size in the same number of statements, and any number of workers.

Lots are claimed by locking the accounts they are in, in the order of an index and stepping round
accounts that somebody else has: two workers take different accounts, and nobody who waits for
another is waited for. Only when nothing else is left does a worker wait, for accounts in order.
"""

from collections.abc import Sequence
from datetime import date, datetime, tzinfo
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from points_engine.accounts import Unit, red_account
from points_engine.expiring import (
    ENDS,
    NOBODY,
    REASONS,
    Expired,
    end_of_day,
    expiry_reference,
    lapsed_on,
    summed,
)
from points_engine.identifiers import derived_hex
from points_engine.lots import Destination, Expiring, Lot
from points_engine.periods import open_quarter
from points_engine.postgres.accounts import lock_accounts, lock_known
from points_engine.postgres.arrays import numbers, plain
from points_engine.postgres.database import Database, Rows, all_rows, one_value, run

# What was booked out today and was held until just now waits until tomorrow. Asked row by row
# and not as a join, which could begin by reading every transfer there is.
_LAPSED = """
    SELECT lot.id, lot.account_id, lot.community_id, lot.expires_on
    FROM lot JOIN account ON account.tenant_id = :tenant_id AND account.id = lot.account_id
    WHERE lot.tenant_id = :tenant_id AND lot.is_open AND lot.expires_on < :day
      AND lot.remaining > lot.held
      AND (
          SELECT id FROM transfer WHERE tenant_id = :tenant_id
          AND reference = 'expire:' || CAST(lot.id AS text) || :of_the_day
      ) IS NULL
    ORDER BY lot.expires_on, lot.account_id, lot.id
    LIMIT :limit
"""
_CLAIM = sa.text(_LAPSED + "FOR NO KEY UPDATE OF account SKIP LOCKED")
_WAIT_FOR = sa.text(_LAPSED)

# By a statement that is later than the locks: what others took meanwhile is gone.
_READ = sa.text("""
    SELECT lot.id, lot.account_id, lot.community_id, lot.expires_on,
           lot.remaining - lot.held AS free, claimed.place,
           coalesce((
               SELECT goes_to FROM expiry_choice
               WHERE tenant_id = :tenant_id AND person_id = account.owner_id
                 AND chosen_at <= :now AND chosen_at < claimed.ends_at
               ORDER BY chosen_at DESC LIMIT 1
           ), 'community') AS goes_to,
           greatest(
               CAST(:now AS timestamptz),
               max(account.last_booked_at) OVER () + interval '1 microsecond'
           ) AS booked_at,
           array(
               SELECT quarter FROM period
               WHERE tenant_id = :tenant_id AND community_id = lot.community_id
           ) AS ended
    FROM unnest(CAST(:lot_id AS uuid[]), CAST(:ends_at AS timestamptz[])) WITH ORDINALITY
        AS claimed(id, ends_at, place)
    JOIN lot ON lot.tenant_id = :tenant_id AND lot.id = claimed.id
    JOIN account ON account.tenant_id = :tenant_id AND account.id = lot.account_id
    WHERE lot.remaining > lot.held
    ORDER BY claimed.place
""")

_WRITE = sa.text("""
    WITH lapsed AS (
        SELECT * FROM unnest(
            CAST(:id AS uuid[]), CAST(:lot_id AS uuid[]), CAST(:account_id AS uuid[]),
            CAST(:ends_in AS uuid[]), CAST(:community_id AS uuid[]), CAST(:amount AS bigint[]),
            CAST(:lapsed_on AS date[]), CAST(:quarter AS text[]), CAST(:goes_to AS text[])
        ) WITH ORDINALITY AS l(
            id, lot_id, account_id, ends_in, community_id, amount, lapsed_on, quarter, goes_to,
            turn
        )
    ), step AS (
        SELECT lapsed.*, account.version + row_number() OVER so_far AS version,
               account.posted - CAST(sum(amount) OVER so_far AS bigint) AS balance_after,
               'expire:' || CAST(lot_id AS text) || :of_the_day AS reference
        FROM lapsed
        JOIN account ON account.tenant_id = :tenant_id AND account.id = lapsed.account_id
        WINDOW so_far AS (PARTITION BY account_id ORDER BY turn ROWS UNBOUNDED PRECEDING)
    ), booked AS (
        INSERT INTO transfer (
            tenant_id, id, kind, reference, source, unit, debit_account_id, credit_account_id,
            amount, policy_version, community_id, quarter, occurred_on, booked_at, actor_id,
            reason, debit_version, debit_balance_after
        )
        SELECT :tenant_id, id, 'expire', reference, reference, 'points', account_id, ends_in,
               amount, '', community_id, quarter, lapsed_on, :booked_at, :nobody,
               CASE goes_to WHEN 'love_pool' THEN :given ELSE :lost END, version, balance_after
        FROM step ORDER BY turn
    ), noted AS (
        INSERT INTO lot_use (tenant_id, transfer_id, lot_id, amount)
        SELECT :tenant_id, id, lot_id, amount FROM lapsed
    ), emptied AS (
        UPDATE lot SET remaining = remaining - lapsed.amount, is_open = remaining > lapsed.amount
        FROM lapsed WHERE lot.tenant_id = :tenant_id AND lot.id = lapsed.lot_id
    )
    UPDATE account
    SET posted = account.posted - total.amount, version = account.version + total.steps,
        last_booked_at = :booked_at
    FROM (
        SELECT account_id, CAST(sum(amount) AS bigint) AS amount, count(*) AS steps
        FROM lapsed GROUP BY account_id
    ) AS total
    WHERE account.tenant_id = :tenant_id AND account.id = total.account_id
""")

_CHOOSE = sa.text("""
    INSERT INTO expiry_choice (tenant_id, person_id, chosen_at, goes_to)
    VALUES (:tenant_id, :person_id, :chosen_at, :goes_to)
    ON CONFLICT DO NOTHING
""")

_CHOSEN = sa.text("""
    SELECT coalesce((
        SELECT goes_to FROM expiry_choice
        WHERE tenant_id = :tenant_id AND person_id = :person_id AND chosen_at < :at
        ORDER BY chosen_at DESC LIMIT 1
    ), 'community')
""")

_SCHEDULED = sa.text("""
    SELECT id, community_id, earned_on, expires_on, original, remaining, held FROM lot
    WHERE tenant_id = :tenant_id AND account_id = :account_id AND is_open
""")


def expire(
    database: Database, tenant_id: int, on: date, *, now: datetime, limit: int, zone: tzinfo
) -> Expired:
    """Book out what is free of up to `limit` lots that have lapsed by that day."""
    asked = {"tenant_id": tenant_id, "day": on, "of_the_day": f":{on}", "limit": limit}
    claimed = all_rows(database, _CLAIM, **asked)
    if not claimed:
        claimed = all_rows(database, _WAIT_FOR, **asked)
        if not claimed:
            return Expired()
        _wait_for(database, tenant_id, claimed)
    _open_ends(database, tenant_id, claimed)
    lapsed = _read(database, tenant_id, claimed, now=now, zone=zone)
    if lapsed:
        _write(database, tenant_id, on, lapsed=lapsed)
    points = sum(row.free for row in lapsed)
    return Expired(claimed=len(claimed), lots=len(lapsed), points=points)


def choose_expiry(
    database: Database,
    tenant_id: int,
    person_id: UUID,
    *,
    goes_to: Destination,
    chosen_at: datetime,
) -> None:
    run(
        database,
        _CHOOSE,
        tenant_id=tenant_id,
        person_id=person_id,
        chosen_at=chosen_at,
        goes_to=goes_to.value,
    )


def chosen_expiry(
    database: Database, tenant_id: int, person_id: UUID, *, at: datetime
) -> Destination:
    found = one_value(database, _CHOSEN, tenant_id=tenant_id, person_id=person_id, at=at)
    return Destination(found)


def schedule(
    database: Database, tenant_id: int, person_id: UUID, *, on: date, until: date | None
) -> list[Expiring]:
    account_id = red_account(person_id, Unit.POINTS).id_in(tenant_id)
    rows = all_rows(database, _SCHEDULED, tenant_id=tenant_id, account_id=account_id)
    return summed([Lot(**row._asdict()) for row in rows], on=on, until=until)


def _wait_for(database: Database, tenant_id: int, claimed: Rows) -> None:
    """Lock accounts that are there already, in the order everybody waits in."""
    accounts = dict.fromkeys(row.account_id for row in claimed)
    lock_known(database, tenant_id, accounts)


def _open_ends(database: Database, tenant_id: int, claimed: Rows) -> None:
    communities = dict.fromkeys(row.community_id for row in claimed)
    ends = [end(community) for community in communities for end in ENDS.values()]
    lock_accounts(database, tenant_id, ends)


def _read(
    database: Database, tenant_id: int, claimed: Rows, *, now: datetime, zone: tzinfo
) -> Rows:
    ends_at = {row.expires_on: end_of_day(row.expires_on, zone) for row in claimed}
    return all_rows(
        database,
        _READ,
        tenant_id=tenant_id,
        lot_id=plain([row.id for row in claimed]),
        ends_at=plain([ends_at[row.expires_on].isoformat() for row in claimed]),
        now=now,
    )


def _write(database: Database, tenant_id: int, on: date, *, lapsed: Rows) -> None:
    run(
        database,
        _WRITE,
        tenant_id=tenant_id,
        of_the_day=f":{on}",
        booked_at=lapsed[0].booked_at,
        nobody=NOBODY,
        lost=REASONS[Destination.COMMUNITY],
        given=REASONS[Destination.LOVE_POOL],
        id=plain(
            [derived_hex(tenant_id, "transfer", expiry_reference(row.id, on)) for row in lapsed]
        ),
        lot_id=plain([row.id for row in lapsed]),
        account_id=plain([row.account_id for row in lapsed]),
        community_id=plain([row.community_id for row in lapsed]),
        amount=numbers([row.free for row in lapsed]),
        lapsed_on=plain([lapsed_on(row.expires_on) for row in lapsed]),
        goes_to=plain([row.goes_to for row in lapsed]),
        **_counted(tenant_id, lapsed),
    )


def _counted(tenant_id: int, lapsed: Sequence[sa.Row[Any]]) -> dict[str, object]:
    """In which account each ends and in which quarter it counts: found once for all alike."""
    ends: dict[tuple[str, UUID], UUID] = {}
    quarters: dict[tuple[date, UUID], str] = {}
    for row in lapsed:
        end = row.goes_to, row.community_id
        if end not in ends:
            ends[end] = ENDS[Destination(row.goes_to)](row.community_id).id_in(tenant_id)
        day = row.expires_on, row.community_id
        if day not in quarters:
            quarters[day] = open_quarter(lapsed_on(row.expires_on), row.ended)
    return {
        "ends_in": plain([ends[row.goes_to, row.community_id] for row in lapsed]),
        "quarter": plain([quarters[row.expires_on, row.community_id] for row in lapsed]),
    }
