"""Reading who came to an activity, for those who lead it. Nothing here writes."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.activities.arrival_models import Attendance
from app.activities.ways import BY_NAME, ONE_BY_ONE


def lock_present(session: Session, activity_id: UUID) -> list[Attendance]:
    """Everybody who has come and not left, held in one order for whoever checks them out."""
    query = sa.select(Attendance).filter_by(activity_id=activity_id, state="checked_in")
    locked = query.order_by(Attendance.id).with_for_update()
    return list(session.scalars(locked.execution_options(populate_existing=True)))


def list_attendances(session: Session, activity_id: UUID) -> list[Attendance]:
    """Everybody who has come."""
    return list(session.scalars(sa.select(Attendance).filter_by(activity_id=activity_id)))


def count_by_hand(
    session: Session,
    *,
    since: datetime,
    until: datetime,
    by: UUID | None = None,
    of: UUID | None = None,
) -> int:
    """How many staff checked in: `by` one of them with cards or names, or `of` one by name."""
    query = sa.select(sa.func.count()).where(Attendance.checked_in_at.between(since, until))
    if by is not None:
        query = query.where(Attendance.in_by == by, Attendance.way_in.in_(ONE_BY_ONE))
    if of is not None:
        query = query.where(Attendance.person_id == of, Attendance.way_in.in_(BY_NAME))
    return session.scalar(query.select_from(Attendance)) or 0
