"""Paying at a counter, commit by commit; the floor locks, updates and inserts one row each."""

import sqlalchemy as sa

from app.core.ids import new_id
from benchmarks import town
from points_engine import Spending
from points_engine.postgres import PostgresEngine

COUNT = 600


def run(engine):
    tenant_id, community_id, shop_id = town.tenant(engine), new_id(), new_id()
    payers = town.people(60)
    with engine.begin() as connection:
        books = PostgresEngine(connection, tenant_id)
        for fact in town.facts(len(payers) * 5, payers, community_id):
            books.report(fact)
        books.settle(community_id, town.POLICIES, now=town.NOON)

    def spend():
        for number in range(COUNT):
            with engine.begin() as connection:
                PostgresEngine(connection, tenant_id).spend(
                    Spending(
                        payer_id=payers[number % len(payers)],
                        shop_id=shop_id,
                        community_id=community_id,
                        amount=1,
                        reference=f"redemption:{new_id()}",
                        occurred_on=town.NOON.date(),
                        booked_at=town.NOON,
                        actor_id=payers[0],
                        reason="bench",
                    )
                )

    yield {
        "name": "spend",
        "figure": town.rate(COUNT, spend),
        "unit": "payments/s, one commit each",
        "floor": town.rate(COUNT, lambda: locked_updates(engine)),
    }


def locked_updates(engine):
    """The least a payment can be: one locked balance, one line."""
    with engine.begin() as connection:
        connection.execute(
            sa.text("CREATE TABLE IF NOT EXISTS purse (id int PRIMARY KEY, held int NOT NULL)")
        )
        connection.execute(sa.text("CREATE TABLE IF NOT EXISTS line (id uuid PRIMARY KEY)"))
        connection.execute(
            sa.text("INSERT INTO purse SELECT n, 100000 FROM generate_series(1, 60) n")
        )
    for number in range(COUNT):
        with engine.begin() as connection:
            purse = {"id": number % 60 + 1}
            connection.execute(sa.text("SELECT held FROM purse WHERE id = :id FOR UPDATE"), purse)
            connection.execute(sa.text("UPDATE purse SET held = held - 1 WHERE id = :id"), purse)
            connection.execute(sa.text("INSERT INTO line VALUES (:id)"), {"id": new_id()})
