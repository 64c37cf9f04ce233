"""Booking a room: by half hours, within the opening hours, one at a time and no two at once."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.db import add, tenant_of
from app.core.ids import new_id
from app.core.telling import Telling, notify
from app.identity import queries as identity
from app.identity.roles import Permission, Principal
from app.organisation import queries as organisation
from app.stations import issuing, queries, rooms
from app.stations.errors import (
    NO_BOOKING,
    NO_ROOM,
    BookingBegun,
    BookingsTooMany,
    BookingUnknown,
    BookingWrong,
    RoomTaken,
    RoomUnknown,
    RoomWrong,
)
from app.stations.hours import Span, span_text
from app.stations.kinds import BookingState
from app.stations.models import RoomBooking, RoomSlot, Station, StationRoom
from app.stations.rooms import SLOT, Booked

AHEAD = 14  # days
LONGEST = 8  # half hours
MOST_OPEN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A room, when, for how many, and what for."""

    room_id: UUID
    day: date
    span: Span
    people: int
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Furnished:
    """What a room is: its name, for how many, and what is in it."""

    name: str
    capacity: int
    equipment: str


def book(session: Session, wish: Wish, *, me: Principal, now: datetime) -> RoomBooking:
    """Let somebody have a room. The very same asked for again is the booking there is."""
    found = rooms.get_room(session, wish.room_id)
    if found is None or found[0].closed_at is not None:
        raise RoomUnknown(NO_ROOM)
    room = found[0]
    queries.hold_station(session, found[1].id)  # its hours stay as they are read now
    session.refresh(found[1])
    if found[1].closed_at is not None:
        raise RoomUnknown(NO_ROOM)
    _refuse_unfit(session, wish, found, me=me, now=now)
    identity.lock_person(session, me.person_id)
    wished = RoomBooking(
        room_id=room.id,
        person_id=me.person_id,
        day=wish.day,
        from_minute=wish.span.opens,
        to_minute=wish.span.closes,
        people=wish.people,
        purpose=wish.purpose,
        state=BookingState.BOOKED,
        booked_at=now,
    )
    same = rooms.same_booking(session, wished)
    if same is not None:
        return same
    today = clock.civil_day(now, me.zone)
    if rooms.count_open(session, me.person_id, since=today) >= MOST_OPEN:
        raise BookingsTooMany(f"同时最多预约 {MOST_OPEN} 次，请先用完或取消一次再约。")
    booking = add(session, wished)
    _take_slots(session, booking)
    return booking


def cancel(session: Session, *, me: Principal, booking_id: UUID, now: datetime) -> RoomBooking:
    """Give one's booking back, until it begins. Given back again it stays as it is."""
    booked = rooms.get_booking(session, booking_id, lock=True)
    if booked is None or booked.booking.person_id != me.person_id:
        raise BookingUnknown(NO_BOOKING)
    booking = booked.booking
    if booking.state == BookingState.BOOKED:
        if begins_at(booking, me.zone) <= now:
            raise BookingBegun("已经到了预约的时间，不能再取消。")
        _give_back(session, booking, by=me.person_id, reason=None, now=now)
    return booking


def cancel_for_station(
    session: Session, *, me: Principal, booking_id: UUID, reason: str, now: datetime
) -> Booked:
    """Cancel somebody's booking at one's station, for a reason they are told."""
    booked = at_my_station(session, me, booking_id, lock=True)
    booking = booked.booking
    if booking.state != BookingState.BOOKED or ends_at(booking, me.zone) <= now:
        raise BookingBegun("这次预约已经取消或结束，请刷新页面。")
    withdraw(session, booked, reason=reason, me=me, by=Permission.STATION_DAY, now=now)
    return booked


def withdraw(
    session: Session, booked: Booked, *, reason: str, me: Principal, by: Permission, now: datetime
) -> None:
    """Cancel a booking that is held, and tell whoever booked why."""
    booking = booked.booking
    path = organisation.path_of(session, booked.station.community_id)
    _give_back(session, booking, by=me.person_id, reason=reason, now=now)
    notify(session, _told(booked, reason=reason, zone=me.zone), now=now)
    audit.record(
        session,
        actor=me.actor(by, path),
        action="room_booking.cancel",
        subject=("person", booking.person_id),
        scope=booked.station.community_id,
        reason=reason,
        at=now,
    )


def at_my_station(
    session: Session, me: Principal, booking_id: UUID, *, lock: bool = False
) -> Booked:
    """A booking at a station this member of staff looks after; another does not exist for them."""
    booked = rooms.get_booking(session, booking_id, lock=lock)
    path = organisation.path_of(session, booked.station.community_id) if booked else ()
    if booked is None or not me.may(Permission.STATION_DAY, path):
        raise BookingUnknown(NO_BOOKING)
    return booked


def add_room(
    session: Session, furnished: Furnished, *, me: Principal, station_id: UUID
) -> StationRoom:
    """Let a room of a station be booked; one of the same name that was closed opens anew."""
    issuing.managed(session, me, station_id, to=Permission.STATION_MANAGE, lock=True)
    named = sa.select(StationRoom).filter_by(station_id=station_id, name=furnished.name)
    room = session.scalar(named)
    if room is not None and room.closed_at is None:
        raise RoomWrong("这个驿站已经有同名的活动室，请换一个名称。")
    room = room or StationRoom(station_id=station_id, name=furnished.name)
    room.capacity, room.equipment = furnished.capacity, furnished.equipment
    room.closed_at = None
    return add(session, room)


def close_room(session: Session, *, me: Principal, room_id: UUID, now: datetime) -> StationRoom:
    """Let a room be booked no more. What is booked stays, until somebody cancels it."""
    found = rooms.get_room(session, room_id)
    path = organisation.path_of(session, found[1].community_id) if found else ()
    if found is None or not me.may(Permission.STATION_MANAGE, path):
        raise RoomUnknown(NO_ROOM)
    room = found[0]
    room.closed_at = room.closed_at or now
    session.flush()
    return room


def begins_at(booking: RoomBooking, zone: str) -> datetime:
    return clock.midnight(booking.day, zone) + timedelta(minutes=booking.from_minute)


def ends_at(booking: RoomBooking, zone: str) -> datetime:
    return clock.midnight(booking.day, zone) + timedelta(minutes=booking.to_minute)


def _refuse_unfit(
    session: Session,
    wish: Wish,
    where: tuple[StationRoom, Station],
    *,
    me: Principal,
    now: datetime,
) -> None:
    room, station = where
    span, today = wish.span, clock.civil_day(now, me.zone)
    if span.opens % SLOT or span.closes % SLOT or span.closes <= span.opens:
        raise BookingWrong("请按整点或半点选择开始和结束时间，结束要晚于开始。")
    if span.closes - span.opens > LONGEST * SLOT:
        raise BookingWrong(f"一次最多预约 {LONGEST * SLOT // 60} 小时，请缩短时间。")
    begins = clock.midnight(wish.day, me.zone) + timedelta(minutes=span.opens)
    if begins <= now or wish.day > today + timedelta(days=AHEAD):
        raise BookingWrong(f"只能预约今后 {AHEAD} 天内的时间，请重新选择。")
    if wish.people > room.capacity:
        raise BookingWrong(f"{room.name}最多 {room.capacity} 人，请减少人数或换一间。")
    hours = queries.hours_at(session, station, now=now, zone=me.zone)
    if not hours.holds(wish.day, span):
        raise BookingWrong(f"这个时间{station.name}不开放，开放时间：{hours.text()}。请重新选择。")


def _take_slots(session: Session, booking: RoomBooking) -> None:
    """Take each half hour, by the clock: who wants the same waits for who was first."""
    slots = range(booking.from_minute // SLOT, booking.to_minute // SLOT)
    rows = [
        {
            "tenant_id": tenant_of(session),
            "id": new_id(),
            "room_id": booking.room_id,
            "booking_id": booking.id,
            "day": booking.day,
            "slot": slot,
        }
        for slot in slots
    ]
    taking = insert(RoomSlot).values(rows).on_conflict_do_nothing().returning(RoomSlot.slot)
    if len(session.scalars(taking).all()) < len(slots):
        when = span_text(booking.from_minute, booking.to_minute)
        raise RoomTaken(f"{when} 已经有人约了，请换一个时间。")


def _give_back(
    session: Session, booking: RoomBooking, *, by: UUID, reason: str | None, now: datetime
) -> None:
    booking.state, booking.cancelled_at = BookingState.CANCELLED, now
    booking.cancelled_by, booking.cancelled_for = by, reason
    session.flush()
    session.execute(sa.delete(RoomSlot).where(RoomSlot.booking_id == booking.id))


def _told(booked: Booked, *, reason: str, zone: str) -> Telling:
    words = {
        "place": f"{booked.station.name}{booked.room.name}",
        "at": clock.moment_text(begins_at(booked.booking, zone), zone),
        "reason": reason,
    }
    return Telling(
        person_id=booked.booking.person_id,
        template="room_cancelled",
        about=f"room_booking:{booked.booking.id}",
        words=words,
        path="/bookings",
    )
