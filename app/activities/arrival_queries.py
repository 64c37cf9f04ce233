"""Reading who came to an activity, and what else they did that day. Nothing here writes."""

from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.orm import Session

from app.activities.arrival_models import Attendance, AttendanceList, AttendanceListLine
from app.activities.models import Activity
from app.activities.ways import BY_NAME, ONE_BY_ONE
from app.core import clock
from app.core.db import get


def lock_present(session: Session, activity_id: UUID) -> list[Attendance]:
    """Everybody who has come and not left, held in one order for whoever checks them out."""
    query = sa.select(Attendance).filter_by(activity_id=activity_id, state="checked_in")
    locked = query.order_by(Attendance.id).with_for_update()
    return list(session.scalars(locked.execution_options(populate_existing=True)))


def list_attendances(session: Session, activity_id: UUID) -> list[Attendance]:
    """Everybody who has come."""
    return list(session.scalars(sa.select(Attendance).filter_by(activity_id=activity_id)))


def by_hand_around(
    session: Session, activity_id: UUID, *, by: UUID, since: datetime, until: datetime
) -> list[datetime]:
    """When a member of staff checked people in with cards or names at an activity, in order."""
    query = sa.select(Attendance.checked_in_at).where(
        Attendance.activity_id == activity_id,
        Attendance.in_by == by,
        Attendance.way_in.in_(ONE_BY_ONE),
        Attendance.checked_in_at.between(since, until),
    )
    return list(session.scalars(query.order_by(Attendance.checked_in_at)))


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


def is_elsewhere(
    session: Session, person_id: UUID, *, besides: UUID, since: datetime, until: datetime
) -> bool:
    """Whether somebody came to another activity in between."""
    query = sa.select(Attendance.id).where(
        Attendance.person_id == person_id,
        Attendance.activity_id != besides,
        Attendance.checked_in_at > since,
        Attendance.checked_in_at < until,
    )
    return session.scalar(sa.select(query.exists())) or False


def get_list(session: Session, code: str) -> AttendanceList | None:
    return session.scalar(sa.select(AttendanceList).filter_by(code=code))


def list_lists(session: Session, activity_id: UUID, *, limit: int) -> list[AttendanceList]:
    """What was printed of an activity, the latest first."""
    query = sa.select(AttendanceList).filter_by(activity_id=activity_id)
    latest = query.order_by(AttendanceList.printed_at.desc(), AttendanceList.id.desc())
    return list(session.scalars(latest.limit(limit)))


def lines_of(session: Session, list_id: UUID) -> list[AttendanceListLine]:
    """The lines of a printed list that are somebody's, in their order."""
    query = sa.select(AttendanceListLine).filter_by(list_id=list_id)
    return list(session.scalars(query.order_by(AttendanceListLine.number)))


def lock_attended(
    session: Session, *, person_id: UUID, activity_id: UUID
) -> tuple[Activity | None, Attendance | None]:
    """An activity with somebody's attendance there, which is held until the transaction ends."""
    query = (
        sa.select(Activity, Attendance)
        .join(Attendance, Attendance.activity_id == Activity.id)
        .where(Activity.id == activity_id, Attendance.person_id == person_id)
        .with_for_update(of=Attendance)
    )
    row = session.execute(query.execution_options(populate_existing=True)).first()
    return (get(session, Activity, activity_id), None) if row is None else (row[0], row[1])


def minutes_of_day(attendance: Attendance, *, day: date, zone: str) -> sa.ScalarSelect[int]:
    """How many minutes the person's other attendances have that ended on a civil day."""
    other = orm.aliased(Attendance)
    query = sa.select(sa.func.coalesce(sa.func.sum(other.minutes), 0)).where(
        other.person_id == attendance.person_id,
        other.id != attendance.id,
        other.checked_out_at >= clock.midnight(day, zone),
        other.checked_out_at < clock.midnight(day + timedelta(days=1), zone),
    )
    return query.scalar_subquery()
