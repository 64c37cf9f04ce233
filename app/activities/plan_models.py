"""The plan of the year: series of activities, themes of seasons and months, service days."""

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.activities.kinds import Rhythm, ThemeSpan
from app.activities.models import (
    AT_STATION,
    AUDIENCE,
    AUDIENCE_UNIT,
    GUARANTEED,
    RADIUS,
    WHERE,
)
from app.core.closed import listed
from app.core.db import Moment, TenantRow, belongs_to


class ActivitySeries(TenantRow):
    """Activities that come back: what they have in common, and when they are.

    `starts_minute` counts from midnight by the clock on the wall; `weekday` is 1 for Monday.
    """

    __tablename__ = "activity_series"
    __table_args__ = (
        belongs_to("org_unit", "community_id"),
        belongs_to("org_unit", "audience_unit_id"),
        belongs_to("person", "created_by"),
        belongs_to("station", "station_id"),
        sa.UniqueConstraint("tenant_id", "community_id", "title"),
        sa.CheckConstraint(f"rhythm IN ({listed(Rhythm)})", name="rhythm"),
        sa.CheckConstraint(GUARANTEED, name="guarantees"),
        sa.CheckConstraint(AUDIENCE, name="audience"),
        sa.CheckConstraint(AUDIENCE_UNIT, name="audience_unit"),
        sa.CheckConstraint(
            "(rhythm = 'service_day') = (weekday IS NULL) AND weekday BETWEEN 1 AND 7",
            name="weekday",
        ),
        sa.CheckConstraint("(rhythm = 'monthly') = (nth IS NOT NULL)", name="nth_of_month"),
        sa.CheckConstraint("nth BETWEEN 1 AND 5", name="nth"),
        sa.CheckConstraint("starts_minute BETWEEN 0 AND 1439", name="starts_minute"),
        sa.CheckConstraint("minutes BETWEEN 10 AND 720", name="minutes"),
        sa.CheckConstraint("until_day >= from_day", name="span"),
        sa.CheckConstraint(WHERE, name="where"),
        sa.CheckConstraint(RADIUS, name="radius_m"),
        sa.CheckConstraint(AT_STATION, name="at_station"),
    )

    community_id: Mapped[UUID]
    title: Mapped[str]
    category: Mapped[str]
    place: Mapped[str]
    station_id: Mapped[UUID | None]
    lat: Mapped[float | None]
    lng: Mapped[float | None]
    crs: Mapped[str] = mapped_column(server_default="gcj02")
    radius_m: Mapped[int | None]
    summary: Mapped[str]
    guarantees: Mapped[list[str]] = mapped_column(ARRAY(sa.Text))
    insurance_no: Mapped[str]
    audience: Mapped[str]
    audience_unit_id: Mapped[UUID | None]
    calling: Mapped[bool]
    tasks: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    rhythm: Mapped[str]
    weekday: Mapped[int | None]
    nth: Mapped[int | None]
    starts_minute: Mapped[int]
    minutes: Mapped[int]
    from_day: Mapped[date]
    until_day: Mapped[date | None]
    created_by: Mapped[UUID]
    created_at: Mapped[Moment]


class CalendarTheme(TenantRow):
    """What a season or a month of a year is about, in a unit and all below it."""

    __tablename__ = "calendar_theme"
    __table_args__ = (
        belongs_to("org_unit", "unit_id"),
        belongs_to("person", "set_by"),
        sa.UniqueConstraint("tenant_id", "unit_id", "year", "span", "number"),
        sa.CheckConstraint(f"span IN ({listed(ThemeSpan)})", name="span"),
        sa.CheckConstraint(
            "number BETWEEN 1 AND (CASE span WHEN 'season' THEN 4 ELSE 12 END)", name="number"
        ),
        sa.CheckConstraint(r"char_length(theme) <= 40 AND theme ~ '\S'", name="theme"),
    )

    unit_id: Mapped[UUID]
    year: Mapped[int]
    span: Mapped[str]
    number: Mapped[int]
    theme: Mapped[str]
    set_by: Mapped[UUID]
    set_at: Mapped[Moment]


class ServiceDay(TenantRow):
    """The service day of a month where it is another one than computed, in a unit and below."""

    __tablename__ = "service_day"
    __table_args__ = (
        belongs_to("org_unit", "unit_id"),
        belongs_to("person", "set_by"),
        sa.UniqueConstraint("tenant_id", "unit_id", "month"),
        sa.CheckConstraint("extract(day FROM month) = 1", name="month"),
        sa.CheckConstraint(r"char_length(reason) <= 200 AND reason ~ '\S'", name="reason"),
    )

    unit_id: Mapped[UUID]
    month: Mapped[date]
    day: Mapped[date]
    reason: Mapped[str]
    set_by: Mapped[UUID]
    set_at: Mapped[Moment]
