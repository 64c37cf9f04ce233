"""A city in which everything has happened, so that every table has rows to guard."""

import json
from dataclasses import dataclass
from uuid import uuid4

import pytest
import sqlalchemy as sa

from tests.support.world import tenant_tables

SPARED = "password-of-the-lived-in-city"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Questions to the database's own description of itself."""

    engine: sa.Engine

    def rows(self, query: str) -> list[tuple]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(query))]

    def column(self, query: str) -> list:
        return [row[0] for row in self.rows(query)]


@pytest.fixture(scope="session")
def catalogue(owner):
    return Catalogue(owner.engine)


@pytest.fixture
def lived_in(world, api, hands):
    """Somebody came, gave time, took goods, was refused and waits for points."""
    lin, manager = world.person(points=20), world.staff("shop_manager")
    world.employ(manager, password=SPARED)
    station, activity, shop = world.station(), world.activity(), world.shop()
    rice = world.item(shop, points=16)
    api.post(f"/activities/{activity.id}/enrolments", as_=lin)
    api.post(f"/activities/{activity.id}/check-ins", as_=lin, code=world.venue_code(activity))
    api.post("/scans", as_=lin, text="S" + "x" * 22)
    api.post(
        f"/shops/{shop.id}/redemptions",
        as_=manager,
        key=uuid4().hex,
        redeem_code=api.post("/me/redeem-codes", as_=lin).json["code"],
        lines=[{"item_id": str(rice.id), "quantity": 1}],
    )
    api.post("/station-visits", as_=lin, code=world.code_of(station))
    return world


@pytest.fixture
def samples(lived_in):
    """One row of each tenant table, as the database writes it."""
    found = {}
    with lived_in.own() as session:
        for table in tenant_tables():
            query = f"SELECT to_jsonb(row)::text FROM {table} AS row WHERE tenant_id = :t LIMIT 1"
            row = session.execute(sa.text(query), {"t": lived_in.tenant_id}).scalar()
            found[table] = json.loads(row) if row else None
    return found
