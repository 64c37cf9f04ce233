"""What the worker does with what others said: waiting attendances go on, denied ones are held.

Whoever answers holds the slip, whoever leaves their own attendance: neither waits for the other.
Both have committed when this reads them, so nothing is told twice and nothing is forgotten.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.activities import anomalies, doubting, proofs, reporting
from app.activities.arrival_models import Attendance
from app.activities.models import Activity
from app.activities.ways import Evidence, Review


def hold_denied(session: Session, *, limit: int) -> int:
    """Let somebody look at what was denied before it was told the ledger; how many.

    What is in the books stays there until somebody has looked into the denial.
    """
    not_told = sa.or_(
        Attendance.state == "checked_in",
        Attendance.review == Review.PENDING.value,
        Attendance.confirm_until.is_not(None),
        Attendance.awaits_until.is_not(None),
    )
    rows = _locked(
        session,
        Attendance.activity_id.in_(proofs.undecided()),
        not_told,
        Attendance.review.is_distinct_from(Review.REJECTED.value),
        ~Attendance.reasons.contains([anomalies.DENIED]),
        proofs.denied(),
        limit=limit,
    )
    for attendance, _activity in rows:
        doubting.doubt(attendance, [anomalies.DENIED])
    session.flush()
    return len(rows)


def tell_proved(session: Session, *, zone: str, now: datetime, limit: int) -> int:
    """Tell the ledger of what has all that was waited for, or has waited long enough; how many."""
    has_both = sa.and_(
        sa.or_(~Attendance.awaits.contains([Evidence.SERVED.value]), proofs.served()),
        sa.or_(~Attendance.awaits.contains([Evidence.DOCUMENT.value]), proofs.documented()),
    )
    rows = _locked(
        session,
        Attendance.awaits_until.is_not(None),
        sa.or_(Attendance.awaits_until <= now, has_both),
        limit=limit,
    )
    for attendance, activity in rows:
        reporting.report(session, attendance, activity, zone=zone, received_at=now, last=True)
    session.flush()
    return len(rows)


def _locked(
    session: Session, *conditions: sa.ColumnElement[bool], limit: int
) -> list[tuple[Attendance, Activity]]:
    """Some of these, held; what somebody else has in hand is left to the next time."""
    query = (
        sa.select(Attendance, Activity)
        .join(Activity, Activity.id == Attendance.activity_id)
        .where(*conditions)
        .order_by(Attendance.id)
        .limit(limit)
        .with_for_update(of=Attendance, skip_locked=True)
    )
    return [(row[0], row[1]) for row in session.execute(query)]
