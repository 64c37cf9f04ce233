"""Who came: people who signed in, and those who stay unknown."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from app.core.db import Moment, TenantRow, belongs_to
from app.stations.kinds import Service, Visitor, listed


class StationVisit(TenantRow):
    """One visit a person, station and day: the key makes a second scan harmless."""

    __tablename__ = "station_visit"
    __table_args__ = (
        belongs_to("station", "station_id"),
        belongs_to("person", "person_id"),
        sa.UniqueConstraint("tenant_id", "person_id", "station_id", "day"),
        sa.CheckConstraint("state IN ('accepted')", name="state"),
        sa.CheckConstraint(f"visitor IN ({listed(Visitor)})", name="visitor"),
        sa.Index(None, "tenant_id", "station_id", "day"),
    )

    station_id: Mapped[UUID]
    person_id: Mapped[UUID]
    day: Mapped[date]
    service: Mapped[str | None]
    visitor: Mapped[str]
    at: Mapped[Moment]
    state: Mapped[str]


class VisitService(TenantRow):
    """One more service of a visit: it counts as a visitor of that service, and earns nothing."""

    __tablename__ = "visit_service"
    __table_args__ = (
        belongs_to("station_visit", "visit_id"),
        sa.UniqueConstraint("tenant_id", "visit_id", "service"),
        sa.CheckConstraint(f"service IN ({listed(Service)})", name="service"),
    )

    visit_id: Mapped[UUID]
    service: Mapped[str]
    at: Mapped[Moment]


class StationTally(TenantRow):
    """Visitors who stay unknown: counted by themselves at the door, or by whoever is on duty."""

    __tablename__ = "station_tally"
    __table_args__ = (
        belongs_to("station", "station_id"),
        belongs_to("person", "noted_by"),
        belongs_to("station_tally", "undoes"),
        sa.UniqueConstraint("tenant_id", "undoes"),
        sa.CheckConstraint(f"visitor IN ({listed(Visitor)})", name="visitor"),
        sa.CheckConstraint(f"service IN ({listed(Service)})", name="service"),
        sa.CheckConstraint("people <> 0 AND abs(people) <= 100", name="people"),
        sa.CheckConstraint("(people < 0) = (undoes IS NOT NULL)", name="undoes"),
        sa.CheckConstraint("noted_by IS NOT NULL OR people = 1", name="guest"),
        sa.Index(None, "tenant_id", "station_id", "day"),
    )

    station_id: Mapped[UUID]
    day: Mapped[date]
    at: Mapped[Moment]
    service: Mapped[str | None]
    visitor: Mapped[str]
    people: Mapped[int]
    counted: Mapped[bool]
    noted_by: Mapped[UUID | None]  # None: the visitor
    undoes: Mapped[UUID | None]


class GuestMark(TenantRow):
    """That a phone was counted at a door: a keyed digest that means nothing on another day."""

    __tablename__ = "guest_mark"
    __table_args__ = (
        belongs_to("station", "station_id"),
        sa.Index(None, "tenant_id", "station_id", "mark", "at"),
        sa.Index(None, "tenant_id", "at"),
    )

    station_id: Mapped[UUID]
    mark: Mapped[bytes]
    at: Mapped[Moment]
