"""Booking out lapsed lots: 1,000,000 of them, beside a tenth, in batches of a thousand."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

import sqlalchemy as sa

from benchmarks import town
from benchmarks.clients import Done
from benchmarks.figures import Line, Measured, at_most, in_turns, peaks, rates
from benchmarks.ground import Ground
from points_engine.postgres import PostgresEngine

LOTS, FEW = 1_000_000, 100_000
LOTS_OF_ONE, POINTS, BATCH = 100, 20, 1000
DAY = date(2040, 1, 1)
NIGHT = datetime(2040, 1, 1, tzinfo=UTC)


def run(ground: Ground) -> Iterator[Line]:
    measured = in_turns(
        ground.pairs,
        {"many": lambda: _expire(ground, LOTS), "few": lambda: _expire(ground, FEW)},
    )
    many, few = measured["many"], measured["few"]
    yield rates("expire, against a tenth of the lots", many, few, things="lots")
    yield peaks("expire, memory against a tenth of the lots", many, few, promise=at_most(1.5))


def _expire(ground: Ground, lots: int) -> Measured:
    built = town.build(ground, people=ground.sized(lots // LOTS_OF_ONE // 2) * 2)
    with ground.engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        _earn(connection)
    return ground.measure(expire, [len(built.people) * LOTS_OF_ONE])


def _earn(connection: sa.Connection) -> None:
    """Give everybody lots, in the shape in which the engine has written its only one."""
    connection.exec_driver_sql(
        f"CREATE TABLE bench.lapsing AS"
        f" SELECT a.account_id, n, CAST('01920000-0000-7000-8000-'"
        f" || lpad(to_hex(row_number() OVER ()), 12, '0') AS uuid) AS transfer_id"
        f" FROM bench.account_of AS a, generate_series(1, {LOTS_OF_ONE}) AS v(n)"
        f" WHERE a.of_unit = 'points'"  # the numbers above
    )
    each, name = "bench.lapsing AS p", "'bench:' || p.transfer_id"
    model = "SELECT transfer.* FROM transfer JOIN lot USING (tenant_id, id)"
    earned = {
        "id": "p.transfer_id",
        "reference": name,
        "source": name,
        "amount": str(POINTS),
        "credit_account_id": "p.account_id",
        "credit_version": "p.n",
        "credit_balance_after": f"p.n * {POINTS}",
    }
    kept = {
        "id": "p.transfer_id",
        "account_id": "p.account_id",
        **dict.fromkeys(("original", "remaining"), str(POINTS)),
    }
    town.copy_rows(connection, "transfer", model=f"({model})", each=each, but=earned)
    town.copy_rows(connection, "lot", model="(SELECT * FROM lot)", each=each, but=kept)
    connection.execute(
        sa.text(
            "UPDATE account SET posted = :posted, version = :version, last_booked_at = :at"
            " WHERE id IN (SELECT account_id FROM bench.lapsing)"
        ),
        {"posted": LOTS_OF_ONE * POINTS, "version": LOTS_OF_ONE, "at": town.NOW},
    )


def expire(connection: sa.Connection, least: int, go: Callable[[], None]) -> Done:
    books = PostgresEngine(connection, town.TENANT)
    lots, claimed = 0, BATCH
    go()
    while claimed:
        with connection.begin():
            done = books.expire(DAY, now=NIGHT, limit=BATCH)
        lots, claimed = lots + done.lots, done.claimed
    assert lots >= least
    return Done(lots)
