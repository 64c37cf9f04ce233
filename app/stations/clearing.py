"""What a day that became different leaves no room for: bookings and shifts, called off and told."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.identity.roles import Permission, Principal
from app.stations import booking, queries, rooms, rota, turns
from app.stations.booking import ends_at
from app.stations.hours import Exceptional, Span
from app.stations.kinds import BookingState
from app.stations.models import Station


def clear(
    session: Session, station: Station, different: Exceptional, *, me: Principal, now: datetime
) -> tuple[int, int]:
    """Call off what cannot be any more on that day; how many bookings and shifts those were.

    A booking has to lie within the hours there are, a shift only to meet them. What is over, or a
    shift that has begun, stays. The station is held by the caller, so that nothing new comes in.
    """
    return (
        _clear_rooms(session, station, different, me=me, now=now),
        _clear_shifts(session, station, different, me=me, now=now),
    )


def _clear_rooms(
    session: Session, station: Station, different: Exceptional, *, me: Principal, now: datetime
) -> int:
    day, hours = different.day, queries.hours_at(session, station, now=now, zone=me.zone)
    cancelled = 0
    for one in rooms.list_of_station(session, station.id, since=day, until=day):
        booked = rooms.get_booking(session, one.booking.id, lock=True)
        assert booked is not None  # nobody deletes one
        row = booked.booking
        fits = hours.holds(day, Span(row.from_minute, row.to_minute))
        if row.state != BookingState.BOOKED or fits or ends_at(row, me.zone) <= now:
            continue
        by, reason = Permission.STATION_MANAGE, different.reason
        booking.withdraw(session, booked, reason=reason, me=me, by=by, now=now)
        cancelled += 1
    return cancelled


def _clear_shifts(
    session: Session, station: Station, different: Exceptional, *, me: Principal, now: datetime
) -> int:
    day, called_off = different.day, 0
    for one in rota.list_of_stations(session, [station.id], since=day, until=day):
        rostered = rota.get_shift(session, one.shift.id, lock=True)
        assert rostered is not None  # nobody deletes one
        shift = rostered.shift
        begun = rota.begins_at(shift, me.zone) <= now
        if shift.called_off_at is not None or begun or rota.meets(shift, different.spans):
            continue
        by, reason = Permission.STATION_MANAGE, different.reason
        turns.withdraw(session, rostered, reason=reason, me=me, by=by, now=now)
        called_off += 1
    return called_off
