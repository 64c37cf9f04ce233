"""Settling in batches of 1,000 with 100,000 accounts, by one worker and by two.

The floor puts the same rows into the same tables from where they are ready: batches of the same
size, one transaction each, and no rule, no cap and no lock to wait for. Beside it stand the
barest settlement there can be, and the engine settling one fact at a time.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import sqlalchemy as sa

from benchmarks import stage, town
from benchmarks.clients import Done
from benchmarks.figures import Line, Measured, at_least, in_turns, rates
from benchmarks.ground import Ground
from benchmarks.town import Town
from points_engine.postgres import PostgresEngine

PEOPLE, FACTS, SINGLES, BATCH = 33_334, 30_000, 400, 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """How many facts of which communities one worker settles."""

    shares: tuple[tuple[UUID, int], ...]
    limit: int = BATCH


@dataclass(frozen=True, slots=True, kw_only=True)
class Copying:
    """Which steps of what the product wrote one worker writes again."""

    statements: tuple[str, ...]
    steps: tuple[int, ...]
    facts: int


def run(ground: Ground) -> Iterator[Line]:
    built = town.build(
        ground, people=2 * ground.sized(PEOPLE // 2, least=20), facts=ground.sized(FACTS, least=40)
    )
    stage.keep(ground)
    shares = [(each, built.waiting(place)) for place, each in enumerate(built.communities)]
    copies = written_down(ground, built)
    singles = ground.sized(SINGLES, least=5)
    measured = in_turns(
        ground.pairs,
        {
            "one": partial(_settle, ground, [Settling(shares=tuple(shares))]),
            "floor of one": partial(_copy, ground, [_together(copies)]),
            "two": partial(_settle, ground, [Settling(shares=(each,)) for each in shares]),
            "floor of two": partial(_copy, ground, copies),
            "bare": partial(_settle_barely, ground, built),
            "singly": partial(
                _settle, ground, [Settling(shares=((shares[0][0], singles),), limit=1)]
            ),
        },
    )
    for workers in ("one", "two"):
        yield rates(
            f"settle, {workers} at work, against writing the same rows",
            measured[workers],
            measured[f"floor of {workers}"],
            things="facts",
            promise=at_least(0.6),
        )
    yield rates(
        "settle, against one fact at a time",
        measured["one"],
        measured["singly"],
        things="facts",
        promise=at_least(10),
    )
    yield rates(
        "settle, against the barest settlement", measured["one"], measured["bare"], things="facts"
    )


def settle(connection: sa.Connection, job: Settling, go: Callable[[], None]) -> Done:
    books, policies = PostgresEngine(connection, town.TENANT), town.policies_in_force()
    go()
    for community_id, count in job.shares:
        settled = 0
        while settled < count:
            with connection.begin():
                settled += books.settle(community_id, policies, now=town.NOW, limit=job.limit).facts
    return Done(sum(count for _, count in job.shares))


def copy(connection: sa.Connection, job: Copying, go: Callable[[], None]) -> Done:
    statements = [sa.text(each) for each in job.statements]
    go()
    for step in job.steps:
        with connection.begin():
            for statement in statements:
                connection.execute(statement, {"step": step})
    return Done(job.facts)


def settle_barely(connection: sa.Connection, count: int, go: Callable[[], None]) -> Done:
    """Claim, one narrow line a fact, one update a balance, done."""
    settled = 0
    go()
    while settled < count:
        with connection.begin():
            claimed = connection.exec_driver_sql(_CLAIM, (BATCH,)).scalar_one()
            for statement in (_LINES, _BALANCES, _DONE):
                connection.exec_driver_sql(statement, (claimed,))
        settled += len(claimed)
    return Done(settled)


_CLAIM = """
    SELECT array_agg(fact_id) FROM (
        SELECT fact_id FROM bench.bare_queue ORDER BY fact_id LIMIT %s FOR UPDATE SKIP LOCKED
    ) AS claimed
"""
_LINES = """
    INSERT INTO bench.bare_line
    SELECT id, beneficiary_id, quantity FROM fact WHERE tenant_id = 1 AND id = ANY(%s)
"""
_BALANCES = """
    UPDATE bench.bare_balance AS b SET posted = b.posted + total.moved
    FROM (
        SELECT person_id, sum(amount) AS moved FROM bench.bare_line
        WHERE fact_id = ANY(%s) GROUP BY person_id
    ) AS total
    WHERE b.person_id = total.person_id
"""
_DONE = "DELETE FROM bench.bare_queue WHERE fact_id = ANY(%s)"
_BARE = """
    DROP TABLE IF EXISTS bench.bare_queue, bench.bare_line, bench.bare_balance;
    CREATE TABLE bench.bare_queue AS SELECT fact_id FROM settle_queue;
    ALTER TABLE bench.bare_queue ADD PRIMARY KEY (fact_id);
    CREATE TABLE bench.bare_line (fact_id uuid PRIMARY KEY, person_id uuid, amount bigint);
    CREATE TABLE bench.bare_balance (person_id uuid PRIMARY KEY, posted bigint)
        WITH (fillfactor = 70);
    INSERT INTO bench.bare_balance SELECT person_id, 0 FROM bench.person
"""


def _settle(ground: Ground, jobs: list[Settling]) -> Measured:
    stage.restore(ground)
    return ground.measure(settle, jobs)


def _copy(ground: Ground, jobs: list[Copying]) -> Measured:
    stage.restore(ground)
    return ground.measure(copy, jobs)


def _settle_barely(ground: Ground, built: Town) -> Measured:
    stage.restore(ground)
    with ground.engine.begin() as connection:
        connection.exec_driver_sql(_BARE)
    return ground.measure(settle_barely, [built.facts])


def written_down(ground: Ground, built: Town, *, batch: int = BATCH) -> list[Copying]:
    """Let the product settle once, and note for each community what every batch has written."""
    steps = [
        place
        for place, _ in enumerate(built.communities)
        for _ in range(0, built.waiting(place), batch)
    ]
    known = town.policies_in_force()

    def step(number: int) -> bool:
        with ground.engine.begin() as connection:
            books = PostgresEngine(connection, town.TENANT)
            books.settle(built.communities[steps[number]], known, now=town.NOW, limit=batch)
        return number + 1 < len(steps)

    stage.record(ground, step)
    statements = tuple(stage.statements(ground))
    return [
        Copying(
            statements=statements,
            steps=tuple(number for number, of in enumerate(steps) if of == place),
            facts=built.waiting(place),
        )
        for place, _ in enumerate(built.communities)
    ]


def _together(copies: list[Copying]) -> Copying:
    return Copying(
        statements=copies[0].statements,
        steps=tuple(step for each in copies for step in each.steps),
        facts=sum(each.facts for each in copies),
    )
