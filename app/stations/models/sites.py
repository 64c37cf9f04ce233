"""Stations, when their doors are open, how they look, and the codes on their walls."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.core import places
from app.core.checked_photos import CheckedPhoto, kept_well
from app.core.db import Base, Moment, TenantRow, belongs_to
from app.stations.kinds import Level, Service, StationKind, listed

SPAN = f"0 <= opens_minute AND opens_minute < closes_minute AND closes_minute <= {24 * 60}"
SAID = r"reason ~ '\S' AND char_length(reason) <= 200"


class Station(places.Site):
    """A place that serves people, on the ground of a community."""

    __tablename__ = "station"
    __table_args__ = (
        belongs_to("org_unit", "community_id"),
        sa.UniqueConstraint("tenant_id", "community_id", "name"),
        *places.site_checks(),
        sa.CheckConstraint(f"kind IN ({listed(StationKind)})", name="kind"),
        sa.CheckConstraint(f"level IN ({listed(Level)})", name="level"),
        sa.CheckConstraint(f"services <@ ARRAY[{listed(Service)}]", name="services"),
        sa.CheckConstraint("char_length(contact) <= 60", name="contact"),
    )

    community_id: Mapped[UUID]
    kind: Mapped[str]
    level: Mapped[str]
    services: Mapped[list[str]] = mapped_column(ARRAY(sa.Text))
    contact: Mapped[str]  # of the desk, not of a person
    closed_at: Mapped[Moment | None]


class StationSpan(TenantRow):
    """From when to when the doors are open: on a day of the week, or on one particular day."""

    __tablename__ = "station_span"
    __table_args__ = (
        belongs_to("station", "station_id"),
        sa.UniqueConstraint("tenant_id", "station_id", "weekday", "opens_minute"),
        sa.UniqueConstraint("tenant_id", "station_id", "day", "opens_minute"),
        sa.CheckConstraint("(weekday IS NULL) <> (day IS NULL)", name="weekday_or_day"),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        sa.CheckConstraint(SPAN, name="span"),
    )

    station_id: Mapped[UUID]
    weekday: Mapped[int | None]  # Monday is 0
    day: Mapped[date | None]
    opens_minute: Mapped[int]
    closes_minute: Mapped[int]


class StationException(TenantRow):
    """A day on which the week does not hold: closed, unless the day has spans of its own."""

    __tablename__ = "station_exception"
    __table_args__ = (
        belongs_to("station", "station_id"),
        belongs_to("person", "noted_by"),
        sa.UniqueConstraint("tenant_id", "station_id", "day"),
        sa.CheckConstraint(SAID, name="reason"),
    )

    station_id: Mapped[UUID]
    day: Mapped[date]
    reason: Mapped[str]
    noted_by: Mapped[UUID]


class StationPhoto(CheckedPhoto):
    """How a station looks from the street, as we have drawn it anew from what was uploaded."""

    __tablename__ = "station_photo"
    __table_args__ = (
        belongs_to("station", "station_id"),
        belongs_to("person", "uploaded_by"),
        sa.UniqueConstraint("tenant_id", "station_id"),
        *kept_well(),
    )

    station_id: Mapped[UUID]


class StationSign(Base):
    """Whose station a code on a wall is: somebody who has not signed in names no tenant."""

    __tablename__ = "station_sign"

    code: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(sa.BigInteger)


class StationCode(TenantRow):
    """The code on a station's wall: it names the place and proves nothing."""

    __tablename__ = "station_code"
    __table_args__ = (
        belongs_to("station", "station_id"),
        belongs_to("person", "issued_by"),
        belongs_to("person", "revoked_by"),
        sa.UniqueConstraint("tenant_id", "code"),
        sa.Index(None, "tenant_id", "station_id"),
        sa.Index(
            "uq_station_code_live",
            "tenant_id",
            "station_id",
            unique=True,
            postgresql_where=sa.text("revoked_at IS NULL"),
        ),
        sa.CheckConstraint("(revoked_at IS NULL) = (revoked_for IS NULL)", name="revoked"),
    )

    station_id: Mapped[UUID]
    code: Mapped[str]
    issued_at: Mapped[Moment]
    issued_by: Mapped[UUID | None]
    revoked_at: Mapped[Moment | None]
    revoked_for: Mapped[str | None]
    revoked_by: Mapped[UUID | None]
