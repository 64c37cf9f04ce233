"""A past: any number of transfers of one person, written by SQL as the engine would have.

Earnings and the payments that spend them alternate, and the last fifty earnings are unspent.
"""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from app.core.ids import new_id
from benchmarks import town
from benchmarks.ground import Ground
from points_engine import Unit, red_account
from points_engine.postgres import PostgresEngine, metadata

UNSPENT, POINTS = 50, 20


def load(ground: Ground, person_id: UUID, count: int, *, community_id: UUID) -> None:
    """Give somebody so many transfers of points, in the shape in which the engine writes them.

    Foreign keys are not checked row by row, for they would take most of the time: what they
    refer to is written in the same transaction.
    """
    assert (count - UNSPENT) % 2 == 0, "every earning of the past is spent"
    model, shop_id = new_id(), new_id()
    with ground.engine.begin() as connection:
        _live(connection, model, shop_id=shop_id, community_id=community_id)
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        _tell(connection, person_id, count)
        _copy(connection, model, person_id)
        connection.exec_driver_sql("DROP TABLE bench.past")


def _live(connection: sa.Connection, person_id: UUID, *, shop_id: UUID, community_id: UUID) -> None:
    """Let the engine write one earning and one payment, to be copied."""
    books = PostgresEngine(connection, town.TENANT)
    fact = town.attendance(person_id, community_id)
    books.report(fact)
    books.settle(community_id, town.policies_in_force(), now=town.NOW)
    books.spend(town.payment(person_id, shop_id, community_id))


# Version n of the account: an earning, or the payment that spends the earning just before it.
_PAST = """
    CREATE TABLE bench.past AS
    SELECT n, earned, n <= {spent} AS spent, base + n AS number,
           CAST('{begun}' AS timestamptz) + n * interval '1 second' AS at,
           CASE WHEN n <= {spent} THEN mod(n, 2) * {points}
                ELSE (n - {spent}) * {points} END AS balance,
           CAST('01910000-0000-7000-8000-' || lpad(to_hex(base + n), 12, '0') AS uuid)
               AS transfer_id
    FROM generate_series(1, {count}) AS v(n),
         LATERAL (SELECT n > {spent} OR mod(n, 2) = 1 AS earned) AS e,
         (SELECT count(*) + 1000 AS base FROM transfer) AS b;
    ANALYZE bench.past
"""


def _tell(connection: sa.Connection, person_id: UUID, count: int) -> None:
    connection.exec_driver_sql(
        _PAST.format(
            begun=town.NOON + timedelta(days=2),
            spent=count - UNSPENT,
            points=POINTS,
            count=count,
        )
    )
    connection.execute(
        sa.text(
            "UPDATE account SET posted = :posted, version = :version,"
            " last_booked_at = (SELECT max(at) FROM bench.past)"
            " WHERE tenant_id = 1 AND id = :id"
        ),
        {
            "posted": UNSPENT * POINTS,
            "version": count,
            "id": red_account(person_id, Unit.POINTS).id_in(town.TENANT),
        },
    )


def _copy(connection: sa.Connection, model: UUID, person_id: UUID) -> None:
    his = red_account(model, Unit.POINTS).id_in(town.TENANT)
    facts = f"SELECT * FROM fact WHERE beneficiary_id = '{model}'"
    lots = f"SELECT * FROM lot WHERE account_id = '{his}'"
    models = (
        ("p.earned", "fact", facts),
        (
            "p.earned",
            "decision",
            f"SELECT d.* FROM decision AS d JOIN ({facts}) AS f ON f.id = d.fact_id",
        ),
        ("p.earned", "transfer", f"SELECT * FROM transfer WHERE credit_account_id = '{his}'"),
        ("p.earned", "lot", lots),
        ("NOT p.earned", "transfer", f"SELECT * FROM transfer WHERE debit_account_id = '{his}'"),
        (
            "NOT p.earned",
            "lot_use",
            f"SELECT u.* FROM lot_use AS u JOIN ({lots}) AS l ON l.id = u.lot_id",
        ),
    )
    changes = _earning(person_id), _payment(person_id)
    for which, table, rows in models:
        if table in metadata.tables:
            but = changes[which != "p.earned"][table]
            each = f"bench.past AS p WHERE {which}"
            town.copy_rows(connection, table, model=f"({rows})", each=each, but=but)


def _earning(person_id: UUID) -> dict[str, dict[str, str]]:
    """What is different in each row of an earning. Of the past no lot has anything left."""
    fact = town.fact_columns("p.number")
    account = f"'{red_account(person_id, Unit.POINTS).id_in(town.TENANT)}'"
    own = dict.fromkeys(("beneficiary_id", "actor_id"), f"'{person_id}'")
    granted = f"CASE t.unit WHEN 'points' THEN {POINTS} ELSE 0 END"
    return {
        "fact": fact | own,
        "decision": {
            "fact_id": fact["fact_id"],
            "raw": granted,
            "granted": granted,
            "caps": "'{}'",
        },
        "transfer": {
            **{name: fact[name] for name in ("fact_id", "source", "occurred_on")},
            "id": "p.transfer_id",
            "booked_at": "p.at",
            "amount": str(POINTS),
            **own,
            "reference": f"{fact['source']} || ':points'",
            "credit_account_id": account,
            "credit_version": "p.n",
            "credit_balance_after": "p.balance",
        },
        "lot": {
            "id": "p.transfer_id",
            "account_id": account,
            "earned_on": fact["occurred_on"],
            "original": str(POINTS),
            "remaining": f"CASE WHEN p.spent THEN 0 ELSE {POINTS} END",
            "is_open": "NOT p.spent",
        },
    }


def _payment(person_id: UUID) -> dict[str, dict[str, str]]:
    """What is different in each row of a payment: it takes the lot of the earning before it."""
    name = "'redemption:' || p.transfer_id"
    return {
        "transfer": {
            "id": "p.transfer_id",
            "source": name,
            "reference": name,
            "actor_id": f"'{person_id}'",
            "booked_at": "p.at",
            "amount": str(POINTS),
            "debit_account_id": f"'{red_account(person_id, Unit.POINTS).id_in(town.TENANT)}'",
            "debit_version": "p.n",
            "debit_balance_after": "p.balance",
        },
        "lot_use": {
            "transfer_id": "p.transfer_id",
            "lot_id": "CAST('01910000-0000-7000-8000-'"
            " || lpad(to_hex(p.number - 1), 12, '0') AS uuid)",
            "amount": str(POINTS),
        },
    }
