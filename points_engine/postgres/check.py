"""One account, verified in a time that does not grow with its past.

`verify` folds everything; this looks at the ends: the account's row, the newest page of its
lines, its open lots and its open holds, each found by an index. A hand in what is older is
for `verify` to find.
"""

from uuid import UUID

from points_engine.accounts import Unit, red_account
from points_engine.postgres.database import Database
from points_engine.postgres.promises import Invariant, Violation, violations

PAGE = 50

# One line more than the page, for the oldest of it to follow from.
_SIDE = """
        (
            SELECT id, {side}_version AS version, {sign}amount AS moved,
                   {side}_balance_after AS balance_after, booked_at
            FROM transfer
            WHERE tenant_id = :tenant_id AND {side}_account_id = :account_id
              AND {side}_version IS NOT NULL
            ORDER BY {side}_version DESC LIMIT {count}
        )"""
_SIDES = " UNION ALL".join(
    _SIDE.format(side=side, sign=sign, count=PAGE + 1)
    for side, sign in (("debit", "-"), ("credit", ""))
)
_LINES = f"WITH line AS ({_SIDES} ORDER BY version DESC LIMIT {PAGE + 1})"


def _of_lines(name: str, sql: str) -> Invariant:
    return Invariant(name, _LINES + sql)


OF_ONE_ACCOUNT = (
    _of_lines(
        "an account stands where its newest line has left it",
        """
        SELECT account.id, account.posted, account.version, account.last_booked_at,
               newest.balance_after, newest.version AS newest_version, newest.booked_at
        FROM account
        LEFT JOIN (SELECT * FROM line ORDER BY version DESC LIMIT 1) AS newest ON true
        WHERE account.tenant_id = :tenant_id AND account.id = :account_id
          AND ((account.posted, account.version) IS DISTINCT FROM
               (coalesce(newest.balance_after, 0), coalesce(newest.version, 0))
               OR (account.last_booked_at >= newest.booked_at) IS FALSE
               OR newest.version > 0 AND account.last_booked_at IS NULL)
        """,
    ),
    _of_lines(
        "the newest lines of an account follow from each other",
        # The oldest of a page that is full is only what the next one follows from.
        f"""
        SELECT * FROM (
            SELECT line.*, row_number() OVER (ORDER BY version DESC) AS place,
                   lag(version, 1, CAST(0 AS bigint)) OVER so_far AS version_before,
                   lag(balance_after, 1, CAST(0 AS bigint)) OVER so_far AS balance_before,
                   lag(booked_at) OVER so_far AS booked_before
            FROM line WINDOW so_far AS (ORDER BY version)
        ) AS chain
        WHERE place <= {PAGE}
          AND ((version, balance_after)
               IS DISTINCT FROM (version_before + 1, balance_before + moved)
               OR booked_at < booked_before)
        """,  # noqa: S608  # put together from the constant above
    ),
    Invariant(
        "what is left in the open lots of an account is what it has",
        """
        SELECT account.id, account.posted, sum(lot.remaining) AS remaining FROM account
        LEFT JOIN lot ON lot.tenant_id = :tenant_id AND lot.account_id = :account_id
            AND lot.is_open
        WHERE account.tenant_id = :tenant_id AND account.id = :account_id
          AND account.unit = 'points'
        GROUP BY account.id, account.posted
        HAVING account.posted <> coalesce(sum(lot.remaining), 0)
        """,
    ),
    Invariant(
        "what an account and its open lots have held is what its open holds keep",
        """
        SELECT account.id, account.held, kept.amount, parcel.held AS held_of_lots
        FROM account,
             LATERAL (
                 SELECT coalesce(sum(amount), 0) AS amount FROM hold
                 WHERE tenant_id = :tenant_id AND account_id = :account_id AND state = 'held'
             ) AS kept,
             LATERAL (
                 SELECT coalesce(sum(held), 0) AS held FROM lot
                 WHERE tenant_id = :tenant_id AND account_id = :account_id AND is_open
             ) AS parcel
        WHERE account.tenant_id = :tenant_id AND account.id = :account_id
          AND (account.held, account.held) <> (kept.amount, parcel.held)
        """,
    ),
)


def check_account(
    database: Database, tenant_id: int, person_id: UUID, *, unit: Unit
) -> list[Violation]:
    """What is wrong with a person's account; an empty list when it is in order."""
    account_id = red_account(person_id, unit).id_in(tenant_id)
    return violations(database, tenant_id, OF_ONE_ACCOUNT, account_id=account_id)
