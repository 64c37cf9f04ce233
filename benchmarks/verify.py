"""Verifying books of 1,000,000 transfers, in the seconds that are allowed for it.

They are one person's: the longest chain there can be, and nothing is easier for being spread.
"""

import time
from collections.abc import Callable, Iterator

import sqlalchemy as sa

from benchmarks import past, town
from benchmarks.clients import Done
from benchmarks.figures import Line, at_most
from benchmarks.ground import Ground
from points_engine.postgres import INVARIANTS, verify

TRANSFERS, ALLOWED = 1_000_000, 20.0
SLOWEST = 5  # invariants that are named


def run(ground: Ground) -> Iterator[Line]:
    count = ground.sized(TRANSFERS // 2, least=past.UNSPENT) * 2
    built = town.build(ground, people=2, communities=1)
    past.load(ground, built.people[0], count, community_id=built.communities[0])
    turns = [ground.measure(verify_all, [count]) for _ in range(ground.pairs)]
    quickest = min(turns, key=lambda turn: turn.wall)
    each = zip((invariant.name for invariant in INVARIANTS), quickest.latencies, strict=True)
    slowest = sorted(each, key=lambda named: named[1], reverse=True)[:SLOWEST]
    yield Line(
        name=f"verify, {count} transfers, against the time allowed for them",
        unit="s",
        product=quickest.wall,
        floor=ALLOWED * count / TRANSFERS,
        promise=at_most(1),
        more={"slowest": {name: round(taken, 2) for name, taken in slowest}},
    )


def verify_all(connection: sa.Connection, count: int, go: Callable[[], None]) -> Done:
    """In one snapshot, as operators do; each invariant has its own latency."""
    latencies = []
    go()
    with connection.begin():
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        for invariant in INVARIANTS:
            began = time.perf_counter()
            assert verify(connection, town.TENANT, [invariant]) == []
            latencies.append(time.perf_counter() - began)
    return Done(count, tuple(latencies))
