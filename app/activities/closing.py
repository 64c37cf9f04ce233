"""Who forgot to check out: closed by itself at the end, told so, and counted if nobody objects."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.activities import anomalies, doubting, leaving, reporting
from app.activities.anomalies import Circumstances
from app.activities.arrival_models import Attendance, RefusedScan
from app.activities.models import Activity
from app.activities.ways import Way, Whereabouts
from app.core.clock import civil_text
from app.core.telling import Telling, notify
from points_engine import Checkin

CHECKIN = Checkin()
GRACE = timedelta(minutes=CHECKIN.auto_close_after_end_min)
TO_CONFIRM = timedelta(hours=CHECKIN.confirm_within_hours)
KEPT = timedelta(days=CHECKIN.retain_days)
AT_THE_END = {"long_record"}  # of all rules, those that what closes by itself can meet


def close_forgotten(session: Session, *, zone: str, now: datetime, limit: int) -> int:
    """Check out who is still there a quarter of an hour after the end, as of the end; how many.

    They have two days to say that they left earlier. It counts after that, or once they agree.
    """
    rows = _with_activities(
        session, Attendance.state == "checked_in", Activity.ends_at <= now - GRACE, limit=limit
    )
    for attendance, activity in rows:
        leaving.end(attendance, activity, at=activity.ends_at)
        attendance.way_out = Way.CLOSING.value
        attendance.location_out = Whereabouts.NONE.value
        attendance.confirm_until = now + TO_CONFIRM
        assert attendance.minutes is not None  # it has ended
        length = Circumstances(at=activity.ends_at, zone=zone, minutes=attendance.minutes)
        found = anomalies.findings(length)
        doubting.doubt(attendance, [one for one in found if one in AT_THE_END])
        notify(session, _telling(attendance, activity, zone=zone), now=now)
    session.flush()
    return len(rows)


def count_unconfirmed(session: Session, *, zone: str, now: datetime, limit: int) -> int:
    """Let count what nobody has objected to in time; how many."""
    rows = _with_activities(session, Attendance.confirm_until <= now, limit=limit)
    for attendance, activity in rows:
        attendance.confirm_until = None
        reporting.report(session, attendance, activity, zone=zone, received_at=now)
    session.flush()
    return len(rows)


def forget_refused(session: Session, *, now: datetime, limit: int) -> int:
    """Let go of some tries that came to nothing long ago."""
    some = sa.select(RefusedScan.id).where(RefusedScan.received_at < now - KEPT).limit(limit)
    gone = sa.delete(RefusedScan).where(RefusedScan.id.in_(some)).returning(RefusedScan.id)
    return len(session.scalars(gone).all())


def _with_activities(
    session: Session, *conditions: sa.ColumnElement[bool], limit: int
) -> Sequence[tuple[Attendance, Activity]]:
    """Some of these, locked; what somebody else has in hand is left to them."""
    query = (
        sa.select(Attendance, Activity)
        .join(Activity, Activity.id == Attendance.activity_id)
        .where(*conditions)
        .order_by(Attendance.id)
        .limit(limit)
        .with_for_update(of=Attendance, skip_locked=True)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def _telling(attendance: Attendance, activity: Activity, *, zone: str) -> Telling:
    assert attendance.confirm_until is not None  # it waits for its owner
    return Telling(
        person_id=attendance.person_id,
        template="attendance_closed",
        about=f"attendance:{attendance.id}:closed",
        words={
            "title": activity.title,
            "left": civil_text(activity.ends_at, zone),
            "until": civil_text(attendance.confirm_until, zone),
        },
        path=f"/activities/{activity.id}",
    )
