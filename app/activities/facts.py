"""What an attendance is worth telling: minutes, household, circumstances. Not its points."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.activities.models import Activity, Attendance
from app.core import clock
from app.core.ids import new_id
from app.households import queries as households
from points_engine import Circumstance, Fact, FactKind

MINUTE = timedelta(minutes=1)


def fact_of(
    attendance: Attendance,
    activity: Activity,
    *,
    zone: str,
    received_at: datetime,
    location_out: str = "none",
    household_id: UUID | None = None,
) -> Fact:
    """What is reported of an attendance that ends, or would end now."""
    until = attendance.checked_out_at or received_at
    is_night = clock.is_mostly_night(*_served(activity, attendance, until), zone)
    return Fact(
        id=new_id(),
        kind=FactKind.ATTENDANCE,
        source=f"attendance:{attendance.id}",
        category=activity.category,
        beneficiary_id=attendance.person_id,
        actor_id=attendance.person_id,
        household_id=household_id,
        community_id=activity.community_id,
        quantity=minutes_given(activity, attendance, until=until),
        occurred_at=until,
        occurred_on=clock.civil_day(until, zone),
        received_at=received_at,
        activity_id=activity.id,
        planned=activity.planned,
        circumstances=frozenset({Circumstance.NIGHT} if is_night else ()),
        evidence={
            "title": activity.title,
            "code": "venue",
            "qr2": "venue",  # its code was read on arrival and on leaving
            "location_in": attendance.location_in,
            "location_out": location_out,
        },
    )


def minutes_given(activity: Activity, attendance: Attendance, *, until: datetime) -> int:
    """Whole minutes present while the activity ran. Early arrival and staying on count nothing."""
    began, ended = _served(activity, attendance, until)
    return max(ended - began, timedelta(0)) // MINUTE


def household_of(session: Session, attendance: Attendance, *, zone: str) -> UUID | None:
    """The household to which somebody belonged on the day they left."""
    assert attendance.checked_out_at is not None  # only who has left is reported
    day = clock.civil_day(attendance.checked_out_at, zone)
    return households.household_on(session, attendance.person_id, day)


def _served(
    activity: Activity, attendance: Attendance, until: datetime
) -> tuple[datetime, datetime]:
    return max(attendance.checked_in_at, activity.starts_at), min(until, activity.ends_at)
