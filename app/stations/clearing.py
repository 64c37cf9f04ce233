"""What other hours leave no room for: bookings and shifts, called off and told."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from app.identity.roles import Permission, Principal
from app.stations import booking, rooms, rota, turns
from app.stations.booking import ends_at
from app.stations.hours import Hours, Span
from app.stations.kinds import BookingState
from app.stations.models import DutyShift, Station


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """From when until when the doors are open otherwise, and why; `before` where that matters.

    A shift at hours at which the doors were shut before was meant to be so, and stays.
    """

    since: date
    until: date = date.max
    reason: str
    before: Hours | None = None
    after: Hours

    def leaves_out(self, shift: DutyShift) -> bool:
        """Whether nobody is let in any more at any minute of a shift."""
        if rota.meets(shift, self.after.spans_on(shift.day)):
            return False
        return self.before is None or rota.meets(shift, self.before.spans_on(shift.day))


def clear(
    session: Session, station: Station, change: Change, *, me: Principal, now: datetime
) -> tuple[int, int]:
    """Call off what cannot be any more in those days; how many bookings and shifts those were.

    A booking has to lie within the hours there are, a shift only to meet them. What is over, or a
    shift that has begun, stays. The station is held by the caller, so that nothing new comes in.
    """
    return (
        _clear_rooms(session, station, change, me=me, now=now),
        _clear_shifts(session, station, change, me=me, now=now),
    )


def _clear_rooms(
    session: Session, station: Station, change: Change, *, me: Principal, now: datetime
) -> int:
    cancelled = 0
    for one in rooms.list_of_station(session, station.id, since=change.since, until=change.until):
        booked = rooms.get_booking(session, one.booking.id, lock=True)
        assert booked is not None  # nobody deletes one
        row = booked.booking
        fits = change.after.holds(row.day, Span(row.from_minute, row.to_minute))
        if row.state != BookingState.BOOKED or fits or ends_at(row, me.zone) <= now:
            continue
        by, reason = Permission.STATION_MANAGE, change.reason
        booking.withdraw(session, booked, reason=reason, me=me, by=by, now=now)
        cancelled += 1
    return cancelled


def _clear_shifts(
    session: Session, station: Station, change: Change, *, me: Principal, now: datetime
) -> int:
    called_off = 0
    for one in rota.list_of_stations(session, [station.id], since=change.since, until=change.until):
        rostered = rota.get_shift(session, one.shift.id, lock=True)
        assert rostered is not None  # nobody deletes one
        shift = rostered.shift
        begun = rota.begins_at(shift, me.zone) <= now
        if shift.called_off_at is not None or begun or not change.leaves_out(shift):
            continue
        by, reason = Permission.STATION_MANAGE, change.reason
        turns.withdraw(session, rostered, reason=reason, me=me, by=by, now=now)
        called_off += 1
    return called_off
