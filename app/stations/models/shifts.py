"""Shifts at a station, and whose turn they are."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from app.core.db import Moment, TenantRow, belongs_to
from app.stations.kinds import TurnState, listed
from app.stations.models.rooms import HALF_HOURS


class DutyShift(TenantRow):
    """A while in which people look after a station, by turns."""

    __tablename__ = "duty_shift"
    __table_args__ = (
        belongs_to("station", "station_id"),
        sa.UniqueConstraint("tenant_id", "station_id", "day", "from_minute"),
        sa.CheckConstraint(HALF_HOURS, name="span"),
        sa.CheckConstraint("wanted BETWEEN 1 AND 20", name="wanted"),
        sa.CheckConstraint("char_length(task) <= 60", name="task"),
    )

    station_id: Mapped[UUID]
    day: Mapped[date]
    from_minute: Mapped[int]
    to_minute: Mapped[int]
    wanted: Mapped[int]
    task: Mapped[str]
    called_off_at: Mapped[Moment | None]


class DutyTurn(TenantRow):
    """Somebody's part in a shift. Who cannot come says why, and another may take it over.

    Served is what has minutes: by the station's code at both ends, or by the word of somebody else
    who looks after the station. What is served is reported, once.
    """

    __tablename__ = "duty_turn"
    __table_args__ = (
        belongs_to("duty_shift", "shift_id"),
        belongs_to("person", "person_id"),
        belongs_to("person", "entered_by"),
        belongs_to("person", "confirmed_by"),
        belongs_to("duty_turn", "taken_from"),
        sa.UniqueConstraint("tenant_id", "shift_id", "person_id"),
        sa.UniqueConstraint("tenant_id", "taken_from"),
        sa.CheckConstraint(f"state IN ({listed(TurnState)})", name="state"),
        sa.CheckConstraint("(state = 'on_duty') = (reason IS NULL)", name="reason"),
        sa.CheckConstraint(
            "(left_at IS NULL) = (minutes IS NULL)"
            " AND (left_at IS NULL OR came_at IS NOT NULL)"
            " AND left_at >= came_at AND minutes BETWEEN 0 AND 1440",
            name="served",
        ),
        sa.CheckConstraint(
            "came_at IS NULL OR state IN ('on_duty', 'offered')", name="came_on_duty"
        ),
        sa.CheckConstraint(
            "(confirmed_by IS NULL) = (confirmed_at IS NULL)"
            " AND (confirmed_by IS NULL OR left_at IS NOT NULL)",
            name="confirmed",
        ),
        sa.CheckConstraint("confirmed_by <> person_id", name="confirmed_by_another"),
        sa.Index(None, "tenant_id", "person_id"),
    )

    shift_id: Mapped[UUID]
    person_id: Mapped[UUID]
    state: Mapped[str]
    reason: Mapped[str | None]
    taken_from: Mapped[UUID | None]
    entered_by: Mapped[UUID]
    changed_at: Mapped[Moment]
    came_at: Mapped[Moment | None]
    left_at: Mapped[Moment | None]
    minutes: Mapped[int | None]  # whole ones within the shift that counted nowhere else
    confirmed_by: Mapped[UUID | None]
    confirmed_at: Mapped[Moment | None]
