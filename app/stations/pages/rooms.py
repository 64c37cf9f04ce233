"""Booking a room, and one's own bookings."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app.core import clock
from app.core.db import transaction
from app.core.forms import FieldWrong, day_in, text_in, whole_in
from app.identity.access import current_principal, page_requires
from app.identity.roles import Permission
from app.stations import booking, queries, rooms
from app.stations.booking import AHEAD, Wish
from app.stations.errors import NO_ROOM, RoomUnknown
from app.stations.hours import DAY_MINUTES, Hours, Span, clock_text, day_text, span_text
from app.stations.kinds import BookingState
from app.stations.pages.blueprint import bp
from app.stations.pages.deeds import done
from app.stations.rooms import SLOT, Booked

SHOWN_BOOKINGS = 50


@bp.get("/rooms/<uuid:room_id>")
@page_requires(Permission.ROOM_BOOK)
def show_room(room_id: UUID) -> ResponseReturnValue:
    """A room, and which half hours of a day are free."""
    return _room(room_id, problem=None)


@bp.post("/rooms/<uuid:room_id>")
@page_requires(Permission.ROOM_BOOK)
def book_room(room_id: UUID) -> ResponseReturnValue:
    """Book a room for a while."""
    me = current_principal()

    def page(problem: str) -> ResponseReturnValue:
        return _room(room_id, problem=problem)

    return done(
        lambda session: booking.book(session, _wish(room_id), me=me, now=clock.now()),
        page,
        "/bookings",
    )


@bp.get("/bookings")
@page_requires(Permission.ROOM_BOOK)
def show_bookings() -> ResponseReturnValue:
    """One's own bookings."""
    return _bookings(problem=None)


@bp.post("/bookings/<uuid:booking_id>/cancel")
@page_requires(Permission.ROOM_BOOK)
def cancel_booking(booking_id: UUID) -> ResponseReturnValue:
    """Give a booking back before it begins."""
    me = current_principal()
    return done(
        lambda session: booking.cancel(session, me=me, booking_id=booking_id, now=clock.now()),
        lambda problem: _bookings(problem=problem),
        "/bookings",
    )


def _wish(room_id: UUID) -> Wish:
    return Wish(
        room_id=room_id,
        day=day_in("day"),
        span=Span(whole_in("from", most=DAY_MINUTES), whole_in("to", most=DAY_MINUTES)),
        people=whole_in("people", most=1000) or 1,
        purpose=text_in("purpose", most=60, needed="请写一下用来做什么，例如读书会。"),
    )


def _room(room_id: UUID, *, problem: str | None) -> ResponseReturnValue:
    me, now = current_principal(), clock.now()
    today = clock.civil_day(now, me.zone)
    day = _day_asked(today)
    with transaction(me.tenant_id) as session:
        found = rooms.get_room(session, room_id)
        if found is None or found[0].closed_at is not None:
            raise RoomUnknown(NO_ROOM)
        room, station = found
        hours = queries.hours_at(session, station, now=now, zone=me.zone)
        taken = rooms.taken_on(session, room_id, day)
    passed = 0 if day != today else _minute(now, me.zone)
    slots = _slots(hours, day, taken, passed=passed)
    return render_template(
        "stations/room.html",
        room=room,
        station_name=station.name,
        station_id=station.id,
        day=day,
        days=[(one, day_text(one)) for one in _days(today)],
        slots=slots,
        starts=[(minute, clock_text(minute)) for minute, free in slots if free],
        ends=[(minute + SLOT, clock_text(minute + SLOT)) for minute, free in slots if free],
        clock_text=clock_text,
        problem=problem,
    )


def _bookings(*, problem: str | None) -> ResponseReturnValue:
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        found = rooms.list_own(session, me.person_id, limit=SHOWN_BOOKINGS)
    shown = [_booked(one) for one in found]
    return render_template("stations/bookings.html", bookings=shown, problem=problem, now=now)


def _booked(one: Booked) -> dict[str, Any]:
    me, now = current_principal(), clock.now()
    row = one.booking
    cancelled = row.state == BookingState.CANCELLED
    over = booking.ends_at(row, me.zone) <= now
    return {
        "id": row.id,
        "place": f"{one.station.name} {one.room.name}",
        "when": f"{day_text(row.day)} {span_text(row.from_minute, row.to_minute)}",
        "purpose": row.purpose,
        "people": row.people,
        "address": one.station.address,
        "state": "已取消" if cancelled else "已结束" if over else "约好了",
        "kind": "" if cancelled or over else "ok",
        "why": row.cancelled_for,
        "may_cancel": not cancelled and booking.begins_at(row, me.zone) > now,
    }


def _slots(hours: Hours, day: date, taken: set[int], *, passed: int) -> list[tuple[int, bool]]:
    """The half hours in which the doors are open, and whether each can still be had."""
    every = range(0, DAY_MINUTES, SLOT)
    in_hours = [one for one in every if hours.holds(day, Span(one, one + SLOT))]
    return [(one, one // SLOT not in taken) for one in in_hours if one > passed or passed == 0]


def _days(today: date) -> list[date]:
    return [today + timedelta(days=ahead) for ahead in range(AHEAD + 1)]


def _day_asked(today: date) -> date:
    """The day somebody looks at: the form's, or the address's; today unless it is one of those."""
    said = request.form.get("day") or request.args.get("day") or str(today)
    try:
        day = date.fromisoformat(said)
    except ValueError as error:
        if request.method == "POST":
            return today
        raise FieldWrong("日期无效，请从页面上选择。") from error
    return day if day in _days(today) else today


def _minute(now: datetime, zone: str) -> int:
    local = (now - clock.midnight(clock.civil_day(now, zone), zone)).total_seconds()
    return int(local) // 60
