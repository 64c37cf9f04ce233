"""Letting somebody look at an attendance before it counts."""

from app.activities import anomalies
from app.activities.arrival_models import Attendance
from app.activities.ways import Review


def doubt(attendance: Attendance, reasons: list[str]) -> None:
    """Let somebody look at it, for these reasons besides those there were."""
    new = [reason for reason in reasons if reason not in attendance.reasons]
    if not new or attendance.review == Review.REJECTED:
        return
    attendance.reasons = anomalies.ordered([*attendance.reasons, *new])
    attendance.review = Review.PENDING.value
    attendance.decided_by = attendance.decided_at = None
    attendance.decided_for = ""
    attendance.awaits, attendance.awaits_until = [], None
