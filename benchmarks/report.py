"""Reporting a fact, commit by commit; the floor is one narrow insert and its commit."""

import sqlalchemy as sa

from app.core.ids import new_id
from benchmarks import town
from points_engine.postgres import PostgresEngine

COUNT = 1000


def run(engine):
    tenant_id = town.tenant(engine)
    reported = town.facts(COUNT, town.people(50), new_id())

    def report():
        for fact in reported:
            with engine.begin() as connection:
                PostgresEngine(connection, tenant_id).report(fact)

    yield {
        "name": "report",
        "figure": town.rate(COUNT, report),
        "unit": "facts/s, one commit each",
        "floor": town.rate(COUNT, lambda: narrow_inserts(engine, COUNT)),
    }


def narrow_inserts(engine, count):
    """What the server and its disk can do at all, one commit at a time."""
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE IF NOT EXISTS floor (id uuid PRIMARY KEY)"))
    for _ in range(count):
        with engine.begin() as connection:
            connection.execute(sa.text("INSERT INTO floor VALUES (:id)"), {"id": new_id()})
