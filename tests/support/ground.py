"""What a world stands on: a city with a street and a community, and units of work in it."""

import itertools
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from app.core.db import Database, transaction
from app.core.tenancy import Tenant
from app.identity.models import SuperAppRow
from app.ledger import policies
from app.ledger import services as ledger
from app.organisation import services as organisation
from tests.support.hands import NOON

POLICY = policies.shipped("hours10")  # read once: every test founds a city
FOUNDED = NOON.date() - timedelta(days=365)
ALL_DAY = {"opens_minute": 0, "closes_minute": 24 * 60, "crs": "gcj02"}

_tenants = itertools.count(os.getpid() * 1_000_000 + 1)


@dataclass(kw_only=True)
class Ground:
    """One tenant, with a policy and a mini-program of its own."""

    app: Flask
    owner: Database
    now: Callable[[], datetime]
    tenant_id: int = field(default_factory=lambda: next(_tenants))
    units: dict[str, UUID] = field(default_factory=dict)
    staff_ids: set[UUID] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.appid = f"wx{secrets.token_hex(8)}"
        with self._as_owner(None) as session:
            name = f"City {self.tenant_id}"
            tenant = Tenant(id=self.tenant_id, slug=f"t{self.tenant_id}", name=name)
            tenant.second_factor = False  # most tests of signing in are about something else
            session.add(tenant)
        with self.own() as session:
            city = organisation.create_unit(
                session, parent_id=None, kind="city", name="City", on=FOUNDED
            )
            self.units["city"] = city.id
            self._add_unit(session, "street", "East Street", under="city")
            home = self._add_unit(session, "community", "Mingde", under="East Street")
            landing = {"tenant_id": self.tenant_id, "landing_community_id": home}
            session.add(SuperAppRow(platform="wechat", appid=self.appid, **landing))
            ledger.publish(session, POLICY, now=NOON)

    def demand_second_factor(self) -> None:
        """Have staff sign in with a second factor, as everywhere but in a demo."""
        with self._as_owner(None) as session:
            session.execute(
                sa.update(Tenant).filter_by(id=self.tenant_id).values(second_factor=True)
            )

    @contextmanager
    def own(self) -> Iterator[Session]:
        """A unit of work as the owner of the tables, for what no feature does yet."""
        with self._as_owner(self.tenant_id) as session:
            yield session

    @contextmanager
    def work(self) -> Iterator[Session]:
        """A unit of work as the application."""
        with self.app.app_context(), transaction(self.tenant_id) as session:
            yield session

    def unit(self, kind: str, name: str, *, under: str) -> UUID:
        with self.own() as session:
            return self._add_unit(session, kind, name, under=under)

    def _add_unit(self, session: Session, kind: str, name: str, *, under: str) -> UUID:
        above = self.units[under]
        unit = organisation.create_unit(session, parent_id=above, kind=kind, name=name, on=FOUNDED)
        self.units[name] = unit.id
        return unit.id

    @contextmanager
    def _as_owner(self, tenant_id: int | None) -> Iterator[Session]:
        with self.app.app_context():
            mine = self.app.extensions["database"]
            self.app.extensions["database"] = self.owner
            try:
                with transaction(tenant_id) as session:
                    yield session
            finally:
                self.app.extensions["database"] = mine
