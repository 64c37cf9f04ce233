"""Reading rooms and who has them when. Nothing here writes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.db import get
from app.stations.hours import DAY_MINUTES, Hours, Span
from app.stations.kinds import BookingState
from app.stations.models import RoomBooking, RoomSlot, Station, StationRoom

SLOT = 30  # minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """A booking with its room and station."""

    booking: RoomBooking
    room: StationRoom
    station: Station


def get_room(session: Session, room_id: UUID) -> tuple[StationRoom, Station] | None:
    """A room and the station it is in."""
    query = _with_station(sa.select(StationRoom, Station)).where(StationRoom.id == room_id)
    found = session.execute(query).first()
    return (found[0], found[1]) if found else None


def list_rooms(session: Session, station_ids: Collection[UUID]) -> list[StationRoom]:
    """The rooms of these stations that may be booked, by name."""
    query = sa.select(StationRoom).where(
        StationRoom.station_id.in_(station_ids), StationRoom.closed_at.is_(None)
    )
    return list(session.scalars(query.order_by(StationRoom.name, StationRoom.id)))


def taken_on(session: Session, room_id: UUID, day: date) -> set[int]:
    """The half hours of a day that somebody has, each by its number in the day."""
    query = sa.select(RoomSlot.slot).where(RoomSlot.room_id == room_id, RoomSlot.day == day)
    return set(session.scalars(query))


def rooms_on(session: Session, station_id: UUID, day: date) -> list[tuple[StationRoom, set[int]]]:
    """The rooms of a station, and which half hours of a day somebody has."""
    found = list_rooms(session, [station_id])
    return [(room, taken_on(session, room.id, day)) for room in found]


def free_slots(hours: Hours, day: date, taken: set[int]) -> list[int]:
    """The minutes at which a half hour begins in which the doors are open and nobody has it."""
    every = (one for one in range(0, DAY_MINUTES, SLOT) if one // SLOT not in taken)
    return [one for one in every if hours.holds(day, Span(one, one + SLOT))]


def get_booking(session: Session, booking_id: UUID, *, lock: bool = False) -> Booked | None:
    if get(session, RoomBooking, booking_id, lock=lock) is None:
        return None
    query = _booked().where(RoomBooking.id == booking_id)
    return next(iter(_each(session, query)), None)


def same_booking(session: Session, wished: RoomBooking) -> RoomBooking | None:
    """What somebody has booked already, where they ask for the very same."""
    return session.scalar(
        sa.select(RoomBooking).filter_by(
            room_id=wished.room_id,
            person_id=wished.person_id,
            day=wished.day,
            from_minute=wished.from_minute,
            to_minute=wished.to_minute,
            state=BookingState.BOOKED.value,
        )
    )


def list_own(session: Session, person_id: UUID, *, limit: int) -> list[Booked]:
    """A person's bookings, the latest day first."""
    query = _booked().where(RoomBooking.person_id == person_id)
    latest = (RoomBooking.day.desc(), RoomBooking.from_minute.desc(), RoomBooking.id)
    return _each(session, query.order_by(*latest).limit(limit))


def count_open(session: Session, person_id: UUID, *, since: date) -> int:
    """How many bookings somebody has from a day on."""
    query = sa.select(sa.func.count()).where(
        RoomBooking.person_id == person_id,
        RoomBooking.day >= since,
        RoomBooking.state == BookingState.BOOKED.value,
    )
    return session.scalars(query).one()


def list_of_station(
    session: Session, station_id: UUID, *, since: date, until: date
) -> list[Booked]:
    """What is booked at a station in a span of days, in the order of the clock."""
    query = _booked().where(
        StationRoom.station_id == station_id,
        RoomBooking.day.between(since, until),
        RoomBooking.state == BookingState.BOOKED.value,
    )
    order = (RoomBooking.day, RoomBooking.from_minute, StationRoom.name, RoomBooking.id)
    return _each(session, query.order_by(*order))


def _booked() -> sa.Select[RoomBooking, StationRoom, Station]:
    return (
        sa.select(RoomBooking, StationRoom, Station)
        .join(StationRoom, StationRoom.id == RoomBooking.room_id)
        .join(Station, Station.id == StationRoom.station_id)
    )


def _with_station(
    query: sa.Select[StationRoom, Station],
) -> sa.Select[StationRoom, Station]:
    return query.join(Station, Station.id == StationRoom.station_id)


def _each(session: Session, query: sa.Select[RoomBooking, StationRoom, Station]) -> list[Booked]:
    rows = session.execute(query).all()
    return [Booked(booking=row[0], room=row[1], station=row[2]) for row in rows]
