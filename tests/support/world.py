"""A city of one's own for each test: say only what the test is about.

Every test has its own tenant, so its commits are real and disturb nobody.
"""

import base64
import itertools
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from app.activities import codes as venue_codes
from app.activities.codes import Direction
from app.activities.models import Activity
from app.core.db import Database, add, transaction
from app.core.ids import new_id
from app.core.keys import Keyring
from app.core.tenancy import CONTROL_TABLES, REFERENCE_TABLES, Tenant
from app.identity import services as identity
from app.identity.models import Person, SuperAppRow
from app.identity.services import Known
from app.ledger import jobs, policies
from app.ledger import services as ledger
from app.organisation import services as organisation
from app.schema import METADATA
from app.stations import services as stations
from app.stations.models import Station
from app.supermarket import services as supermarket
from app.supermarket.models import Item, Shop, Stock
from points_engine import Fact, FactKind
from tests.support.hands import NOON

ALL_DAY = {"opens_minute": 0, "closes_minute": 24 * 60, "crs": "gcj02"}

_tenants = itertools.count(os.getpid() * 1_000_000 + 1)


def tenant_tables() -> list[str]:
    """The tables that hold rows of tenants, as the models say."""
    tables = {table.name: table for metadata in METADATA for table in metadata.tables.values()}
    shared = REFERENCE_TABLES | CONTROL_TABLES
    return sorted(tables.keys() - shared)


@dataclass(kw_only=True)
class World:
    """One tenant: a city, a street, a community, and ways to add to it."""

    app: Flask
    owner: Database
    now: Callable[[], datetime]
    tenant_id: int = field(default_factory=lambda: next(_tenants))
    units: dict[str, UUID] = field(default_factory=dict)
    staff_ids: set[UUID] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.appid = f"wx{secrets.token_hex(8)}"
        with self.own(None) as session:
            name = f"City {self.tenant_id}"
            session.add(Tenant(id=self.tenant_id, slug=f"t{self.tenant_id}", name=name))
        with self.own() as session:
            city = organisation.create_unit(session, parent_id=None, kind="city", name="City")
            self.units["city"] = city.id
        self.unit("street", "East Street", under="city")
        self.unit("community", "Mingde", under="East Street")
        with self.own() as session:
            landing = {"tenant_id": self.tenant_id, "landing_community_id": self.units["Mingde"]}
            session.add(SuperAppRow(platform="wechat", appid=self.appid, **landing))
            ledger.publish(session, policies.shipped("hours10"), now=NOON)

    @contextmanager
    def own(self, tenant_id: int | None = -1) -> Iterator[Session]:
        """A unit of work as the owner of the tables, for what no feature does yet."""
        with self.app.app_context():
            mine = self.app.extensions["database"]
            self.app.extensions["database"] = self.owner
            try:
                with transaction(self.tenant_id if tenant_id == -1 else tenant_id) as session:
                    yield session
            finally:
                self.app.extensions["database"] = mine

    @contextmanager
    def work(self) -> Iterator[Session]:
        """A unit of work as the application."""
        with self.app.app_context(), transaction(self.tenant_id) as session:
            yield session

    def unit(self, kind: str, name: str, *, under: str) -> UUID:
        with self.own() as session:
            unit = organisation.create_unit(
                session, parent_id=self.units[under], kind=kind, name=name
            )
        self.units[name] = unit.id
        return unit.id

    def person(self, name: str = "陈嘉怡", *, points: int = 0, community: str = "Mingde") -> Person:
        """A resident, with so many settled points."""
        with self.work() as session:
            person = identity.register_person(
                session,
                name=name,
                kinds=["resident"],
                community_id=self.units[community],
                now=self.now(),
            )
        self.vouch(person)
        if points:
            self.give(person, points)
        return person

    def people(self, number: int, *, points: int = 0) -> list[Person]:
        """Many residents, each with so many settled points, settled in one go."""
        people = [self.person(f"居民{place}") for place in range(number)]
        with self.work() as session:
            for person in people * (points // 2):
                ledger.report(session, self.visit_fact(person))
        self.settle()
        return people

    def vouch(self, person: Person) -> str:
        """Give the person a WeChat account; answers its openid."""
        openid = self.openid_of(person)
        known = Known(platform="wechat", appid=self.appid, subject=openid)
        with self.work() as session:
            identity.vouch(session, person_id=person.id, known=known)
        return openid

    def staff(self, role: str, *, at: str = "Mingde", name: str = "汤店长") -> Person:
        """A member of staff with one role in one subtree."""
        person = self.person(name)
        self.grant(person, role, at=at, days_from_now=-1)
        return person

    def grant(
        self, person: Person, role: str, *, at: str = "Mingde", days_from_now: int = 0
    ) -> None:
        """A role in a subtree, from a day on. From now on the person signs in as staff."""
        with self.own() as session:
            identity.grant_role(
                session,
                person_id=person.id,
                role=role,
                org_unit_id=self.units[at],
                now=self.now() + timedelta(days=days_from_now),
            )
        self.staff_ids.add(person.id)

    def end_roles(self, person: Person) -> None:
        """Take every role away from today on."""
        query = "UPDATE role_grant SET valid_to = :today WHERE person_id = :person"
        with self.own() as session:
            today = self.now().date()
            session.execute(sa.text(query), {"person": person.id, "today": today})

    def token_for(self, tenant_id: int, token: str) -> str:
        """The same token, made to say that it is of another tenant."""
        raw = base64.urlsafe_b64decode(token.removeprefix("st_") + "==")
        forged = tenant_id.to_bytes(8, "big") + raw[8:]
        return "st_" + base64.urlsafe_b64encode(forged).decode().rstrip("=")

    def holds_text(self, text: str) -> bool:
        """Whether any row of any table of this tenant has the text in it."""
        parts = [
            f"SELECT 1 FROM {table} AS row WHERE tenant_id = :t AND strpos(row::text, :text) > 0"
            for table in tenant_tables()
        ]
        with self.own() as session:
            query = sa.text(" UNION ALL ".join(parts))
            found = session.execute(query, {"t": self.tenant_id, "text": text}).first()
        return found is not None

    def employ(self, person: Person, *, password: str) -> str:
        """A name the person can sign in with as staff; answers it."""
        username = f"staff-{person.id.hex}"
        with self.own() as session:
            identity.employ(session, person_id=person.id, username=username)
            passwords = self.app.extensions["passwords"]
            identity.set_password(
                session, usernames=[username], password=password, passwords=passwords
            )
        return username

    def openid_of(self, person: Person) -> str:
        return f"o{person.id.hex}"

    def give(self, person: Person, points: int) -> None:
        """Settled points, earned honestly: two for each visit, so an even number."""
        assert points % 2 == 0
        with self.work() as session:
            for _ in range(points // 2):
                ledger.report(session, self.visit_fact(person))
        self.settle()

    def visit_fact(self, person: Person, *, community: str = "Mingde") -> Fact:
        return Fact(
            id=new_id(),
            kind=FactKind.STATION_VISIT,
            source=f"visit:{new_id()}",
            beneficiary_id=person.id,
            actor_id=person.id,
            community_id=self.units[community],
            quantity=1,
            occurred_at=self.now(),
            occurred_on=self.now().date(),
            received_at=self.now(),
        )

    def settle(self) -> int:
        """What the worker does when the bell has rung."""
        with self.app.app_context():
            return jobs.settle_tenant(self.tenant_id)

    def station(self, *, name: str = "East gate", **fields: Any) -> Station:
        values = {
            "community_id": self.units["Mingde"],
            "kind": "neighborhood_pioneer",
            "address": "1 Mingde Road",
            "services": ["rest", "water"],
            **ALL_DAY,
            **fields,
        }
        with self.work() as session:
            station = add(session, Station(name=name, **values))
            stations.issue_code(session, station_id=station.id, now=self.now())
        return station

    def code_of(self, station: Station) -> str:
        """The text on the station's wall."""
        query = "SELECT code FROM station_code WHERE station_id = :id AND revoked_at IS NULL"
        with self.own() as session:
            return str(session.execute(sa.text(query), {"id": station.id}).scalar_one())

    def revoke_code(self, station: Station) -> None:
        """Take the code off the wall, as when it was damaged."""
        query = "UPDATE station_code SET revoked_at = :now WHERE station_id = :id"
        with self.own() as session:
            session.execute(sa.text(query), {"id": station.id, "now": self.now()})

    def activity(self, *, hours: int = 4, **fields: Any) -> Activity:
        """An activity that began ten minutes ago."""
        began = self.now() - timedelta(minutes=10)
        values = {
            "community_id": self.units["Mingde"],
            "title": "River clean-up",
            "category": "environment",
            "place": "East bank",
            "starts_at": began,
            "ends_at": began + timedelta(hours=hours),
            "capacity": 200,
            "state": "published",
            **fields,
        }
        with self.work() as session:
            return add(session, Activity(**values))

    def venue_code(
        self, activity: Activity, direction: str = "in", *, at: datetime | None = None
    ) -> str:
        """The code on the venue's screen at an instant."""
        return self.venue_code_of(self.tenant_id, activity, direction, at=at)

    def venue_code_of(
        self,
        tenant_id: int,
        activity: Activity,
        direction: str = "in",
        *,
        at: datetime | None = None,
    ) -> str:
        """What another city with the same secret would show for an activity of that id."""
        text, _until = venue_codes.issue(
            self.keyring,
            tenant_id=tenant_id,
            activity_id=activity.id,
            direction=Direction(direction),
            now=at or self.now(),
        )
        return text

    @property
    def keyring(self) -> Keyring:
        return Keyring(self.app.config["SETTINGS"].secret_key)

    def shop(self, *, name: str = "Mingde shop", community: str = "Mingde", **fields: Any) -> Shop:
        values = {"community_id": self.units[community], "address": "3 Mingde Road"}
        with self.work() as session:
            return add(session, Shop(name=name, **{**values, **ALL_DAY, **fields}))

    def item(self, shop: Shop, *, name: str = "大米", points: int = 30, stock: int = 10) -> Item:
        sku = secrets.token_hex(4)
        with self.work() as session:
            item = add(session, Item(shop_id=shop.id, sku=sku, name=name, points=points))
            add(session, Stock(id=item.id, on_hand=0))
            if stock:
                supermarket.stock_in(
                    session, item_id=item.id, quantity=stock, reference="opening", now=self.now()
                )
        return item

    def facts_of(self, person: Person) -> int:
        """How many facts were reported about the person."""
        query = "SELECT count(*) FROM fact WHERE tenant_id = :t AND beneficiary_id = :person"
        with self.own() as session:
            values = {"t": self.tenant_id, "person": person.id}
            return int(session.execute(sa.text(query), values).scalar_one())

    def on_hand(self, item: Item) -> int:
        with self.own() as session:
            query = sa.select(Stock.on_hand).where(Stock.id == item.id)
            return session.execute(query).scalar_one()

    def points_of(self, person: Person) -> int:
        with self.work() as session:
            return ledger.numbers(session, person_id=person.id).points.available

    def violations(self) -> list[Any]:
        """Every invariant that does not hold."""
        from app.commands import violations_of  # noqa: PLC0415 - the commands import the features

        with self.app.app_context():
            return violations_of(self.tenant_id)

    def row_counts(self) -> dict[str, int]:
        """How many rows each table has for this tenant."""
        return {table: len(rows) for table, rows in self._rows().items()}

    @contextmanager
    def changes(self) -> Iterator[dict[str, int]]:
        """What happens inside, as tables and how many of their rows are new, changed or gone.

        Sessions are left aside: every request may note when its own was last seen.
        """
        changed: dict[str, int] = {}
        before = self._rows()
        yield changed
        after = self._rows()
        for table in sorted(before.keys() - {"session"}):
            new, gone = after[table] - before[table], before[table] - after[table]
            if new or gone:
                changed[table] = max(len(new), len(gone))

    def _rows(self) -> dict[str, set[str]]:
        """Every row of this tenant, as a digest, by table."""
        parts = [
            f"SELECT '{table}', md5(row::text) FROM {table} AS row WHERE tenant_id = :tenant_id"
            for table in tenant_tables()
        ]
        found: dict[str, set[str]] = {table: set() for table in tenant_tables()}
        with self.own() as session:
            query = sa.text(" UNION ALL ".join(parts))
            for table, digest in session.execute(query, {"tenant_id": self.tenant_id}):
                found[table].add(digest)
        return found
