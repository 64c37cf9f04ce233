"""Reading activities. Nothing here writes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.activities.models import Activity, Attendance, Enrolment
from app.core.db import get


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which activities a list is about. None means all."""

    community_id: UUID | None = None
    category: str | None = None
    starting_before: datetime | None = None
    ending_after: datetime | None = None


def get_activity(session: Session, activity_id: UUID, *, lock: bool = False) -> Activity | None:
    return get(session, Activity, activity_id, lock=lock)


def list_activities(
    session: Session, wanted: Wanted, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[Activity]:
    """Activities by their start, those after a given one.

    An index by the end finds those that are not over: what is on or to come is sorted by its
    start, and the years behind are not walked through.
    """
    query = sa.select(Activity).where(*_conditions(wanted))
    if after is not None:
        query = query.where(sa.tuple_(Activity.starts_at, Activity.id) > sa.tuple_(*after))
    return list(session.scalars(query.order_by(Activity.starts_at, Activity.id).limit(limit)))


def list_activities_of(
    session: Session, community_ids: Collection[UUID], *, ending_after: datetime, limit: int
) -> list[Activity]:
    """Published activities of these communities that are not over, by their start."""
    wanted = _conditions(Wanted(ending_after=ending_after))
    query = sa.select(Activity).where(Activity.community_id.in_(community_ids), *wanted)
    return list(session.scalars(query.order_by(Activity.starts_at, Activity.id).limit(limit)))


def count_enrolled(session: Session, activity_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many places are taken."""
    rows = session.execute(
        sa.select(Enrolment.activity_id, sa.func.count())
        .where(Enrolment.activity_id.in_(activity_ids), Enrolment.state == "confirmed")
        .group_by(Enrolment.activity_id)
    )
    return {row[0]: row[1] for row in rows}


def get_attendance(
    session: Session, *, person_id: UUID, activity_id: UUID, lock: bool = False
) -> Attendance | None:
    query = sa.select(Attendance).filter_by(person_id=person_id, activity_id=activity_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalar(query)


def states_of(
    session: Session, *, person_id: UUID, activity_ids: Collection[UUID]
) -> dict[UUID, str]:
    """How far the person got with each activity."""
    rows = session.execute(
        sa.select(Attendance.activity_id, Attendance.state).where(
            Attendance.person_id == person_id, Attendance.activity_id.in_(activity_ids)
        )
    )
    return {row.activity_id: row.state for row in rows}


def _conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [Activity.state == "published"]
    if wanted.community_id is not None:
        conditions.append(Activity.community_id == wanted.community_id)
    if wanted.category is not None:
        conditions.append(Activity.category == wanted.category)
    if wanted.starting_before is not None:
        conditions.append(Activity.starts_at < wanted.starting_before)
    if wanted.ending_after is not None:
        conditions.append(Activity.ends_at > wanted.ending_after)
    return conditions
