"""Who had a part in an activity: such people do not judge whether it took place."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.activities.arrival_models import Attendance
from app.activities.models import Activity
from app.activities.proof_models import ServiceSlip


def is_of(session: Session, activity: Activity, person_id: UUID) -> bool:
    """Whether somebody prepared or led it, was there, or checked people in or out."""
    if person_id in {activity.drafted_by, activity.submitted_by, activity.verified_by}:
        return True
    attendance = sa.exists().where(
        Attendance.activity_id == activity.id,
        sa.or_(
            Attendance.person_id == person_id,
            Attendance.in_by == person_id,
            Attendance.out_by == person_id,
        ),
    )
    slip = sa.exists().where(
        ServiceSlip.activity_id == activity.id, ServiceSlip.issued_by == person_id
    )
    return bool(session.scalar(sa.select(attendance | slip)))
