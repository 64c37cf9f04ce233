"""Paying, commit by commit, through the engine; the floor is one hand-written function.

The function inserts one transfer and changes two balances in a fixed order, and is called through
the same client library. It inserts the row that the product inserts, into a table with the same
columns, checks, indexes and references: a ledger that keeps less is not a floor of this one, and
what its constraints cost is no fault of whoever pays. It knows no lots, refuses nothing and reads
nothing. The clients are processes, each with payers of its own.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from statistics import median
from uuid import UUID

import sqlalchemy as sa

from app.core.ids import new_id
from benchmarks import stage, town
from benchmarks.clients import Done, Task
from benchmarks.figures import Line, Measured, at_least, at_most, in_turns, rates, wall_rates
from benchmarks.ground import Ground
from benchmarks.town import Town
from points_engine import Unit
from points_engine.accounts import red_account, till
from points_engine.periods import quarter_of
from points_engine.postgres import PostgresEngine, metadata

PEOPLE, FEW, CROWD = 10_000, 8, 32
COUNT, COUNT_OF_FEW, COUNT_IN_CROWD, FIRST_FEW = 2000, 400, 120, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Paying:
    """What one client does: so many payments of one point, its payers and shops in turn."""

    community_id: UUID
    payers: tuple[UUID, ...]
    shops: tuple[UUID, ...]
    count: int


def run(ground: Ground) -> Iterator[Line]:
    people = CROWD * ground.sized(PEOPLE // CROWD, least=2)
    built = town.build(ground, people=people, facts=people, communities=1)
    town.settle_all(ground, built)
    stage.keep(ground)
    with ground.engine.begin() as connection:
        for statement in (_FLOOR, *_references(), _FUNCTION):
            connection.exec_driver_sql(statement)
    shops = [new_id() for _ in range(CROWD)]
    yield from _alone(ground, _jobs(built, 1, shops=shops, count=ground.sized(COUNT, least=10)))
    few = _jobs(built, FEW, shops=shops, count=ground.sized(COUNT_OF_FEW, least=10))
    yield from _together(ground, few)
    count = ground.sized(COUNT_IN_CROWD, least=5)
    yield from _in_a_crowd(
        ground,
        own=_jobs(built, CROWD, shops=shops, count=count),
        same=_jobs(built, CROWD, shops=shops[:1], count=count),
    )


def _alone(ground: Ground, jobs: list[Paying]) -> Iterator[Line]:
    measured = in_turns(
        ground.pairs,
        {
            "product": partial(_pay, ground, pay, jobs),
            "floor": partial(_pay, ground, call_function, jobs),
        },
    )
    yield rates(
        "spend, 1 client",
        measured["product"],
        measured["floor"],
        things="payments",
        promise=at_least(0.5),
    )


def _together(ground: Ground, jobs: list[Paying]) -> Iterator[Line]:
    turns = in_turns(ground.pairs, {"product": partial(_pay, ground, pay, jobs)})["product"]
    yield Line(
        name=f"spend, {len(jobs)} clients, p99 against p50",
        unit="ms",
        product=1000 * median(turn.latency(99) for turn in turns),
        floor=1000 * median(turn.latency(50) for turn in turns),
        promise=at_most(3),
        more={"turns": [len(turns), len(turns)]},
    )


def _in_a_crowd(ground: Ground, *, own: list[Paying], same: list[Paying]) -> Iterator[Line]:
    """By the clock too: who waits for a lock uses no processor."""
    measured = in_turns(
        ground.pairs,
        {"same": partial(_pay, ground, pay, same), "own": partial(_pay, ground, pay, own)},
    )
    for compare, by in ((rates, "by CPU"), (wall_rates, "by the clock")):
        yield compare(
            f"spend, {len(own)} clients at one till, {by}",
            measured["same"],
            measured["own"],
            things="payments",
            promise=at_least(0.85),
        )


def pay(connection: sa.Connection, job: Paying, go: Callable[[], None]) -> Done:
    books = PostgresEngine(connection, town.TENANT)

    def once(number: int) -> None:
        with connection.begin():
            books.spend(
                town.payment(
                    job.payers[number % len(job.payers)],
                    job.shops[number % len(job.shops)],
                    job.community_id,
                )
            )

    return _repeat(once, job.count, go)


def call_function(connection: sa.Connection, job: Paying, go: Callable[[], None]) -> Done:
    payers = [red_account(each, Unit.POINTS).id_in(town.TENANT) for each in job.payers]
    tills = [till(each).id_in(town.TENANT) for each in job.shops]

    def once(number: int) -> None:
        payer = number % len(job.payers)
        id_ = new_id()
        with connection.begin():
            connection.exec_driver_sql(
                f"SELECT bench.pay({', '.join(['%s'] * 12)})",
                (
                    town.TENANT,
                    id_,
                    f"redemption:{id_}",
                    payers[payer],
                    tills[number % len(tills)],
                    1,
                    job.community_id,
                    quarter_of(town.NOW.date()),
                    town.NOW.date(),
                    town.NOW,
                    job.payers[payer],
                    "bench",
                ),
            )

    return _repeat(once, job.count, go)


def _repeat(once: Callable[[int], None], count: int, go: Callable[[], None]) -> Done:
    """The first few are not measured: statements are compiled and prepared in them."""
    latencies = []
    for number in range(FIRST_FEW):
        once(number)
    go()
    for number in range(count):
        began = time.perf_counter()
        once(number)
        latencies.append(time.perf_counter() - began)
    return Done(count, tuple(latencies))


# What the two tables are made of is the product's; that a table leaves room is not copied.
_FLOOR = """
    CREATE TABLE bench.balance (LIKE account INCLUDING ALL) WITH (fillfactor = 70);
    CREATE TABLE bench.ledger (LIKE transfer INCLUDING ALL)
"""
_FUNCTION = """
    CREATE FUNCTION bench.pay(
        tenant bigint, line uuid, named text, payer uuid, shop uuid, points bigint,
        community uuid, counts_in text, day date, at timestamptz, actor uuid, why text
    ) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
        number bigint;
        after bigint;
    BEGIN
        IF payer < shop THEN
            UPDATE bench.balance
            SET posted = posted - points, version = version + 1, last_booked_at = at
            WHERE tenant_id = tenant AND id = payer RETURNING version, posted INTO number, after;
            UPDATE bench.balance SET posted = posted + points
            WHERE tenant_id = tenant AND id = shop;
        ELSE
            UPDATE bench.balance SET posted = posted + points
            WHERE tenant_id = tenant AND id = shop;
            UPDATE bench.balance
            SET posted = posted - points, version = version + 1, last_booked_at = at
            WHERE tenant_id = tenant AND id = payer RETURNING version, posted INTO number, after;
        END IF;
        INSERT INTO bench.ledger (
            tenant_id, id, kind, reference, source, unit, debit_account_id, credit_account_id,
            amount, policy_version, community_id, quarter, occurred_on, booked_at, actor_id,
            reason, debit_version, debit_balance_after
        ) VALUES (
            tenant, line, 'redeem', named, named, 'points', payer, shop, points, '', community,
            counts_in, day, at, actor, why, number, after
        );
    END
    $$
"""
# The product's accounts, but tills that keep a balance.
_FILL = """
    TRUNCATE bench.ledger, bench.balance;
    INSERT INTO bench.balance
    SELECT * FROM account WHERE code = 'red_account' AND unit = 'points'
"""
_TILL = """
    INSERT INTO bench.balance (tenant_id, id, owner_kind, owner_id, unit, code, guarded, posted)
    VALUES (%s, %s, 'shop', %s, 'points', 'till', true, 0)
"""


def _references() -> Iterator[str]:
    """What a transfer refers to, which `LIKE` does not copy."""
    own = {"account": "bench.balance", "transfer": "bench.ledger"}
    for each in metadata.tables["transfer"].foreign_key_constraints:
        table = each.referred_table.name
        theirs = ", ".join(element.column.name for element in each.elements)
        yield (
            f"ALTER TABLE bench.ledger ADD FOREIGN KEY ({', '.join(each.column_keys)})"
            f" REFERENCES {own.get(table, table)} ({theirs})"
        )


def _pay(ground: Ground, task: Task, jobs: list[Paying]) -> Measured:
    stage.restore(ground)
    with ground.engine.begin() as connection:
        connection.exec_driver_sql(_FILL)
        for shop in {shop for job in jobs for shop in job.shops}:
            connection.exec_driver_sql(_TILL, (town.TENANT, till(shop).id_in(town.TENANT), shop))
    return ground.measure(task, jobs)


def _jobs(built: Town, clients: int, *, shops: list[UUID], count: int) -> list[Paying]:
    """Payers of its own for each client, and shops too where there are enough."""
    return [
        Paying(
            community_id=built.communities[0],
            payers=built.people[place::clients],
            shops=tuple(shops[place::clients] or shops),
            count=count,
        )
        for place in range(clients)
    ]
