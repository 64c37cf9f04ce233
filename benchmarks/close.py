"""Closing the two quarters of 1,000,000 transfers, beside those of a tenth of them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy as sa

from benchmarks import past, town
from benchmarks.clients import Done
from benchmarks.figures import Line, Measured, at_most, in_turns, peaks, rates
from benchmarks.ground import Ground
from points_engine.postgres import PostgresEngine

TRANSFERS, FEW = 1_000_000, 100_000
QUARTERS = "2026Q1", "2026Q2"  # the past earns in the one and pays in the other
AFTER = datetime(2026, 10, 1, tzinfo=UTC)
SECRET = bytes(range(32))


def run(ground: Ground) -> Iterator[Line]:
    measured = in_turns(
        ground.pairs,
        {"many": lambda: _close(ground, TRANSFERS), "few": lambda: _close(ground, FEW)},
    )
    many, few = measured["many"], measured["few"]
    yield rates("close, against a tenth of the transfers", many, few, things="transfers")
    yield peaks("close, memory against a tenth of the transfers", many, few, promise=at_most(1.5))


def _close(ground: Ground, transfers: int) -> Measured:
    built = town.build(ground, people=2, communities=1)
    count = ground.sized(transfers // 2, least=past.UNSPENT) * 2
    past.load(ground, built.people[0], count, community_id=built.communities[0])
    return ground.measure(close, [(built.communities[0], count)])


def close(connection: sa.Connection, job: tuple[UUID, int], go: Callable[[], None]) -> Done:
    community_id, least = job
    books = PostgresEngine(connection, town.TENANT)
    leaves = 0
    go()
    for quarter in QUARTERS:
        with connection.begin():
            books.publicise(community_id, quarter, on=AFTER.date(), at=AFTER)
        with connection.begin():
            seal = books.close(community_id, quarter, at=AFTER, secret=SECRET)
        leaves += seal.leaf_count
    assert leaves >= least
    return Done(leaves)
