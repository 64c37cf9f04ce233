"""Stations, the codes printed for them, and visits."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.core import places
from app.core.db import Moment, TenantRow, belongs_to


class Station(places.Place):
    """A place that serves people."""

    __tablename__ = "station"
    __table_args__ = (
        belongs_to("org_unit", "community_id"),
        sa.UniqueConstraint("tenant_id", "community_id", "name"),
        *places.checks(),
    )

    community_id: Mapped[UUID]
    kind: Mapped[str]
    services: Mapped[list[str]] = mapped_column(ARRAY(sa.Text))
    closed_at: Mapped[Moment | None]

    def is_open(self, *, now: datetime, zone: str) -> bool:
        """Whether the station is in service and its doors are open."""
        in_service = self.closed_at is None or now < self.closed_at
        return in_service and places.is_open(self, now=now, zone=zone)


class StationCode(TenantRow):
    """The code on a station's wall: it names the place and proves nothing."""

    __tablename__ = "station_code"
    __table_args__ = (
        belongs_to("station", "station_id"),
        sa.UniqueConstraint("tenant_id", "code"),
        sa.Index(None, "tenant_id", "station_id"),
    )

    station_id: Mapped[UUID]
    code: Mapped[str]
    issued_at: Mapped[Moment]
    revoked_at: Mapped[Moment | None]
    revoked_for: Mapped[str | None]


class StationVisit(TenantRow):
    """One visit a person, station and day: the key makes a second scan harmless."""

    __tablename__ = "station_visit"
    __table_args__ = (
        belongs_to("station", "station_id"),
        belongs_to("person", "person_id"),
        sa.UniqueConstraint("tenant_id", "person_id", "station_id", "day"),
        sa.CheckConstraint("state IN ('accepted')", name="state"),
    )

    station_id: Mapped[UUID]
    person_id: Mapped[UUID]
    day: Mapped[date]
    service: Mapped[str | None]
    at: Mapped[Moment]
    state: Mapped[str]
