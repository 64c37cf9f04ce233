"""What looks odd about what staff did for others, once it is over: its length, and its haste."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.activities import anomalies, arrival_queries
from app.activities.anomalies import AROUND, Circumstances
from app.activities.arrival_models import Attendance
from app.activities.ways import ONE_BY_ONE
from app.core import clock
from app.stations import rota


def meanwhile(
    session: Session, attendance: Attendance, *, day: date, zone: str
) -> tuple[int, bool]:
    """How many minutes somebody has with what else ended on that day, and if they were on duty.

    Whoever took their turn at a station meanwhile has the same hours counted there.
    """
    assert attendance.minutes is not None  # it has ended
    assert attendance.checked_out_at is not None
    session.flush()
    came, left = attendance.checked_in_at, attendance.checked_out_at
    asked = sa.select(
        arrival_queries.minutes_of_day(attendance, day=day, zone=zone),
        rota.on_duty(attendance.person_id, since=came, until=left),
    )
    its_own = asked.select_from(Attendance).where(Attendance.id == attendance.id)
    before, on_duty = session.execute(its_own).one()
    return before + attendance.minutes, on_duty


def too_long(session: Session, attendance: Attendance, *, zone: str) -> list[str]:
    """What looks odd about how long somebody was there, or served on that day."""
    assert attendance.minutes is not None  # it has ended
    assert attendance.checked_out_at is not None
    day = clock.civil_day(attendance.checked_out_at, zone)
    of_day, on_duty = meanwhile(session, attendance, day=day, zone=zone)
    it = Circumstances(
        at=clock.noon(day, zone),
        zone=zone,
        overlapping=on_duty,
        minutes=attendance.minutes,
        minutes_of_day=of_day,
    )
    return list(anomalies.findings(it))


def too_quick(session: Session, attendance: Attendance, *, zone: str) -> list[str]:
    """Whether the same staff checked in more people around it than anybody can receive.

    Only when they leave is it known who came after them.
    """
    if attendance.way_in not in ONE_BY_ONE or attendance.in_by is None:
        return []
    at = attendance.checked_in_at
    around = arrival_queries.by_hand_around(
        session,
        attendance.activity_id,
        by=attendance.in_by,
        since=at - AROUND,
        until=at + AROUND,
    )
    noon = clock.noon(clock.civil_day(at, zone), zone)
    shifted = [one - at + noon for one in around]
    return list(anomalies.findings(Circumstances(at=noon, zone=zone, by_hand_around=shifted)))
