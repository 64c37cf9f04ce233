"""Telling the ledger of an attendance, once it counts."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.activities.arrival_models import Attendance
from app.activities.facts import fact_of, household_of
from app.activities.models import Activity
from app.ledger import services as ledger
from app.ledger.expected import Expected


def report(
    session: Session,
    attendance: Attendance,
    activity: Activity,
    *,
    zone: str,
    received_at: datetime,
) -> tuple[Expected, ...]:
    """Report a finished attendance if it counts already; what it earns, or would earn."""
    household_id = household_of(session, attendance, zone=zone)
    fact = fact_of(
        attendance, activity, zone=zone, received_at=received_at, household_id=household_id
    )
    if attendance.counts:
        ledger.report(session, fact)
    return ledger.expect(session, fact)
