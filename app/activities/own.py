"""What one may still say of one's own attendance: that it is right, or that it was shorter."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.activities import leaving, queries, reporting, services
from app.activities.arrival_models import Attendance
from app.activities.errors import LeftLater, NothingToConfirm
from app.activities.leaving import CheckedOut
from app.core.clock import civil_text
from app.identity.roles import Principal


def confirm(
    session: Session, *, me: Principal, activity_id: UUID, left_at: datetime | None, now: datetime
) -> CheckedOut:
    """Let what was closed by itself count now; `left_at` makes it shorter, never longer."""
    activity = services.activity_of(session, activity_id)
    attendance = queries.get_attendance(
        session, person_id=me.subject_id, activity_id=activity_id, lock=True
    )
    if attendance is None or attendance.confirm_until is None:
        raise NothingToConfirm("这次签退不用确认，时长已经记下；有疑问请联系现场负责人。")
    if left_at is not None:
        _check_shorter(attendance, left_at, zone=me.zone)
        leaving.end(attendance, activity, at=left_at)
    attendance.confirm_until = None
    expected = reporting.report(session, attendance, activity, zone=me.zone, received_at=now)
    return CheckedOut(attendance=attendance, expected=expected)


def _check_shorter(attendance: Attendance, left_at: datetime, *, zone: str) -> None:
    until = attendance.checked_out_at
    assert until is not None  # it was closed
    if not attendance.checked_in_at <= left_at <= until:
        came, left = civil_text(attendance.checked_in_at, zone), civil_text(until, zone)
        raise LeftLater(
            f"离开时间只能填 {came} 到 {left} 之间；实际更晚的，请找现场负责人补录。",
            errors={"left_at": ["不在签到与签退之间。"]},
        )
