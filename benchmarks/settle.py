"""Settling in batches; the floor copies the same transfers, decided and balanced, row for row."""

import sqlalchemy as sa

from app.core.ids import new_id
from benchmarks import town
from points_engine.postgres import PostgresEngine

COUNT = 6000


def run(engine):
    for batch in (100, 1000):
        tenant_id, community_id = town.tenant(engine), new_id()
        with engine.begin() as connection:
            books = PostgresEngine(connection, tenant_id)
            for fact in town.facts(COUNT, town.people(500), community_id):
                books.report(fact)

        def settle(tenant_id=tenant_id, community_id=community_id, batch=batch):
            settled = 0
            while settled < COUNT:
                with engine.begin() as connection:
                    books = PostgresEngine(connection, tenant_id)
                    settled += books.settle(
                        community_id, town.POLICIES, now=town.NOON, limit=batch
                    ).facts

        figure = town.rate(COUNT, settle)
        yield {
            "name": f"settle, batches of {batch}",
            "figure": figure,
            "unit": "facts/s",
            "floor": town.rate(COUNT, lambda tenant_id=tenant_id: copy_of(engine, tenant_id)),
        }


def copy_of(engine, tenant_id):
    """Write the rows that settlement wrote once more, in one statement without thought."""
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE IF EXISTS transfer_floor, decision_floor"))
        for table in ("transfer", "decision"):
            connection.execute(
                sa.text(f"CREATE TABLE {table}_floor (LIKE {table} INCLUDING INDEXES)")
            )
            connection.execute(
                sa.text(f"INSERT INTO {table}_floor SELECT * FROM {table} WHERE tenant_id = :t"),
                {"t": tenant_id},
            )
