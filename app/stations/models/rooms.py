"""Rooms that are shared, who has them when, and the half hours that are taken."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from app.core import places
from app.core.db import Moment, TenantRow, belongs_to
from app.stations.kinds import BookingState, listed

HALF_HOURS = f"""
    0 <= from_minute AND from_minute < to_minute AND to_minute <= {24 * 60}
    AND from_minute % 30 = 0 AND to_minute % 30 = 0
"""


class StationRoom(TenantRow):
    """A room of a station that may be booked."""

    __tablename__ = "station_room"
    __table_args__ = (
        belongs_to("station", "station_id"),
        sa.UniqueConstraint("tenant_id", "station_id", "name"),
        sa.CheckConstraint(places.NAME, name="name"),
        sa.CheckConstraint("capacity BETWEEN 1 AND 1000", name="capacity"),
        sa.CheckConstraint("char_length(equipment) <= 100", name="equipment"),
    )

    station_id: Mapped[UUID]
    name: Mapped[str]
    capacity: Mapped[int]
    equipment: Mapped[str]
    closed_at: Mapped[Moment | None]


class RoomBooking(TenantRow):
    """A room for a while, for a person and what they want it for."""

    __tablename__ = "room_booking"
    __table_args__ = (
        belongs_to("station_room", "room_id"),
        belongs_to("person", "person_id"),
        belongs_to("person", "cancelled_by"),
        sa.CheckConstraint(f"state IN ({listed(BookingState)})", name="state"),
        sa.CheckConstraint(HALF_HOURS, name="span"),
        sa.CheckConstraint("people > 0", name="people"),
        sa.CheckConstraint("char_length(purpose) <= 60", name="purpose"),
        sa.CheckConstraint(
            "(state = 'cancelled') = (cancelled_at IS NOT NULL AND cancelled_by IS NOT NULL)",
            name="cancelled",
        ),
        sa.Index(None, "tenant_id", "room_id", "day"),
        sa.Index(None, "tenant_id", "person_id", "day"),
    )

    room_id: Mapped[UUID]
    person_id: Mapped[UUID]
    day: Mapped[date]
    from_minute: Mapped[int]
    to_minute: Mapped[int]
    people: Mapped[int]
    purpose: Mapped[str]
    state: Mapped[str]
    booked_at: Mapped[Moment]
    cancelled_at: Mapped[Moment | None]
    cancelled_by: Mapped[UUID | None]
    cancelled_for: Mapped[str | None]


class RoomSlot(TenantRow):
    """Half an hour of a room that is taken: its key is what makes two bookings impossible."""

    __tablename__ = "room_slot"
    __table_args__ = (
        belongs_to("station_room", "room_id"),
        belongs_to("room_booking", "booking_id"),
        sa.UniqueConstraint("tenant_id", "room_id", "day", "slot"),
        sa.CheckConstraint("slot BETWEEN 0 AND 47", name="slot"),
        sa.Index(None, "tenant_id", "booking_id"),
    )

    room_id: Mapped[UUID]
    booking_id: Mapped[UUID]
    day: Mapped[date]
    slot: Mapped[int]
