"""A sale at the counter over HTTP, against an endpoint of the same server that inserts one row.

Each sale is of one thing, against a fresh code of a member who has points of their own, by a
manager with a session of their own. Once every client has a shop to itself, once all of them sell
the same goods of one shop, and once a hundred thousand facts are settled meanwhile.
"""

import http.client
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from statistics import median
from uuid import UUID

import sqlalchemy as sa

from app.core.ids import new_id
from benchmarks import counters, cpu, served, town
from benchmarks.checkin import Person, insert
from benchmarks.clients import Done, measure
from benchmarks.figures import Line, Measured, at_least, at_most, in_turns, rates, wall_rates
from benchmarks.ground import Ground
from points_engine.postgres import PostgresEngine

CLIENTS, COUNT, FIRST_FEW = 8, 300, 20
FACTS, BATCH = 100_000, 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Selling:
    """What one client does: all of these sales in one shop, the first few unmeasured."""

    port: int
    shop_id: UUID
    item_id: UUID
    sales: tuple[counters.Sold, ...]
    first_few: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Flooring:
    """What a client of the floor does."""

    port: int
    people: tuple[Person, ...]
    first_few: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """A worker beside the clients: so many facts of one community."""

    community_id: UUID
    facts: int


def run(ground: Ground) -> Iterator[Line]:
    count, few = ground.sized(COUNT, least=10), ground.sized(FIRST_FEW, least=2)
    each = count + few
    total = CLIENTS * each * (2 * ground.pairs + 1)
    built = town.build(ground, people=2 * total, facts=2 * total, communities=2)
    served.lay_floor(ground)
    facts = ground.sized(FACTS, least=1000)
    _settle(ground, built.communities[0])
    members = built.people[::2][:total]
    sales, shops = counters.prepare(ground, built.communities[0], members, shops=CLIENTS)
    _more_facts(ground, built, facts)
    pool = iter(sales)
    with served.served(ground) as (port, master):
        turn = partial(_turn, ground, master=master)

        def selling(where: Sequence[tuple[UUID, UUID]]) -> list[Selling]:
            return [
                Selling(
                    port=port,
                    shop_id=where[client % len(where)][0],
                    item_id=where[client % len(where)][1],
                    sales=tuple(islice(pool, each)),
                    first_few=few,
                )
                for client in range(CLIENTS)
            ]

        people = tuple(Person(id=new_id(), token="") for _ in range(each))
        floor = [Flooring(port=port, people=people, first_few=few) for _ in range(CLIENTS)]
        measured = in_turns(
            ground.pairs,
            {
                "own": lambda: turn(sell, selling(shops)),
                "floor": lambda: turn(insert, floor),
                "hot": lambda: turn(sell, selling(shops[:1])),
            },
        )
        busy = [Settling(community_id=built.communities[1], facts=facts), *selling(shops)]
        settling = turn(beside, busy)
    yield from _lines(measured, settling)


def sell(_connection: sa.Connection, job: Selling, go: Callable[[], None]) -> Done:
    """All sales, one after the other."""
    connection, latencies = http.client.HTTPConnection(served.HOST, job.port), []
    for number, sold in enumerate(job.sales):
        if number == job.first_few:
            go()
        body = {
            "redeem_code": sold.code,
            "lines": [{"item_id": str(job.item_id), "quantity": 1}],
            "total": 1,
        }
        headers = {
            "Authorization": f"Bearer {sold.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": f"sale-{sold.code}",
        }
        path = f"/api/v1/shops/{job.shop_id}/redemptions"
        began = time.perf_counter()
        connection.request("POST", path, json.dumps(body).encode(), headers)
        answer = connection.getresponse()
        said = answer.read()
        latencies.append(time.perf_counter() - began)
        assert answer.status == http.HTTPStatus.CREATED, said
    connection.close()
    counted = latencies[job.first_few :]
    return Done(len(counted), tuple(counted))


def beside(connection: sa.Connection, job: Selling | Settling, go: Callable[[], None]) -> Done:
    """One client settles while the others sell; only what they wait for is noted."""
    if isinstance(job, Selling):
        return sell(connection, job, go)
    books, policies = PostgresEngine(connection, town.TENANT), town.policies_in_force()
    go()
    settled, more = 0, True
    while more and settled < job.facts:
        with connection.begin():
            some = books.settle(job.community_id, policies, now=town.NOW, limit=BATCH).facts
        settled, more = settled + some, some > 0
    return Done(0)


def _turn(
    ground: Ground,
    task: Callable[..., Done],
    jobs: Sequence[Selling | Flooring | Settling],
    *,
    master: int,
) -> Measured:
    """The web's processors count beside the database's."""
    ground.rest()
    before = cpu.family_seconds(master)
    measured = measure(ground.url, task, jobs, postmaster=ground.postmaster)
    web = cpu.family_seconds(master) - before
    return replace(measured, server_cpu=measured.server_cpu + web)


def _lines(measured: dict[str, list[Measured]], settling: Measured) -> Iterator[Line]:
    own, floor, hot = measured["own"], measured["floor"], measured["hot"]
    name = f"redeem, {CLIENTS} clients"
    yield wall_rates(name, own, floor, things="requests", promise=at_least(0.35))
    yield rates(f"{name}, by CPU", own, floor, things="requests")
    idle = 1000 * median(turn.latency(99) for turn in own)
    yield Line(
        name=f"{name}, p99 against the floor's",
        unit="ms",
        product=idle,
        floor=1000 * median(turn.latency(99) for turn in floor),
        promise=at_most(5),
        more={"turns": [len(own), len(floor)]},
    )
    yield wall_rates(f"{name} at one shop", hot, own, things="sales", promise=at_least(0.8))
    yield Line(
        name=f"{name}, p99 while facts are settled",
        unit="ms",
        product=1000 * settling.latency(99),
        floor=idle,
        promise=at_most(3),
        more={"turns": [1, len(own)]},
    )


def _settle(ground: Ground, community_id: UUID) -> None:
    settled, policies = 1, town.policies_in_force()
    while settled:
        with ground.engine.begin() as connection:
            books = PostgresEngine(connection, town.TENANT)
            settled = books.settle(community_id, policies, now=town.NOW, limit=BATCH).facts


def _more_facts(ground: Ground, built: town.Town, facts: int) -> None:
    """So many facts wait in the second community, whose people buy nothing."""
    waiting = built.waiting(1)
    first = built.facts
    with ground.engine.begin() as connection:
        for table in ("fact", "settle_queue"):
            town.copy_rows(
                connection,
                table,
                model=f"bench.model_{table}",
                each=f"generate_series({first}, {first + max(0, facts - waiting) - 1}) AS f(number)"
                f" JOIN bench.person AS p ON p.n = 2 * mod(f.number, {waiting}) + 1",
                but={
                    **town.fact_columns("f.number"),
                    "beneficiary_id": "p.person_id",
                    "actor_id": "p.person_id",
                    "community_id": "p.lives_in",
                },
            )
