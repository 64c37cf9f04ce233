"""Reporting a fact, commit by commit; the floor is one narrow insert and its commit."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.ids import new_id
from benchmarks import town
from benchmarks.clients import Done
from benchmarks.figures import Line, in_turns, rates
from benchmarks.ground import Ground
from points_engine.postgres import PostgresEngine

COUNT = 2000


def run(ground: Ground) -> Iterator[Line]:
    count = ground.sized(COUNT)
    people = town.build(ground, people=ground.sized(100, least=2) * 2).people
    with ground.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE bench.narrow (id uuid PRIMARY KEY)")
    measured = in_turns(
        ground.pairs,
        {
            "product": lambda: ground.measure(report, [(count, people)]),
            "floor": lambda: ground.measure(narrow_inserts, [count]),
        },
    )
    yield rates("report", measured["product"], measured["floor"], things="facts")


def report(
    connection: sa.Connection, job: tuple[int, tuple[UUID, ...]], go: Callable[[], None]
) -> Done:
    count, people = job
    community_id = new_id()
    facts = [town.attendance(people[n % len(people)], community_id) for n in range(count)]
    books = PostgresEngine(connection, town.TENANT)
    go()
    for fact in facts:
        with connection.begin():
            books.report(fact)
    return Done(count)


def narrow_inserts(connection: sa.Connection, count: Any, go: Callable[[], None]) -> Done:
    """What the server and its disk can do at all, one commit at a time."""
    go()
    for _ in range(count):
        with connection.begin():
            connection.exec_driver_sql("INSERT INTO bench.narrow VALUES (%s)", (new_id(),))
    return Done(count)
