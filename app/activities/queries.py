"""Reading activities. Nothing here writes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.activities.arrival_models import Attendance
from app.activities.kinds import OPEN, PUBLIC, SEEN, ActivityState, EnrolmentState
from app.activities.models import Activity, ActivityTask, Enrolment
from app.core.db import get

A_MONTH = timedelta(days=31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which activities a list is about. None means all."""

    community_id: UUID | None = None
    category: str | None = None
    starting_before: datetime | None = None
    ending_after: datetime | None = None
    skill: str | None = None  # a task for people with it
    minutes: int | None = None  # a task that takes no longer
    open_to_all: bool = False  # a task for which nobody need know anything special


def get_activity(session: Session, activity_id: UUID, *, lock: bool = False) -> Activity | None:
    return get(session, Activity, activity_id, lock=lock)


def own_activity(session: Session, activity_id: UUID) -> Activity | None:
    """The activity for whoever decides about it: nobody decides, comes or takes places beside."""
    query = sa.select(Activity).where(Activity.id == activity_id).with_for_update()
    return session.scalar(query.execution_options(populate_existing=True))


def tasks_of(session: Session, activity_ids: Collection[UUID]) -> dict[UUID, list[ActivityTask]]:
    """What there is to do at each of these activities."""
    query = sa.select(ActivityTask).where(ActivityTask.activity_id.in_(activity_ids))
    found: dict[UUID, list[ActivityTask]] = {}
    for task in session.scalars(query.order_by(ActivityTask.id)):
        found.setdefault(task.activity_id, []).append(task)
    return found


def count_attended(session: Session, activity_id: UUID) -> int:
    """How many have checked in, whether they left or not."""
    query = sa.select(sa.func.count()).select_from(Attendance)
    return session.scalar(query.where(Attendance.activity_id == activity_id)) or 0


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


def list_published(
    session: Session, community_ids: Collection[UUID], *, now: datetime, limit: int
) -> list[Activity]:
    """Activities of these communities that everybody may see, from a month ago on; the next first.

    What is over comes after what is on or to come, the latest first.
    """
    query = sa.select(Activity).where(
        Activity.community_id.in_(community_ids),
        Activity.state == ActivityState.PUBLISHED,
        Activity.ends_at > now - A_MONTH,
    )
    near = sa.func.abs(sa.func.extract("epoch", Activity.ends_at - now))
    order = (Activity.ends_at <= now, near, Activity.id)
    return list(session.scalars(query.order_by(*order).limit(limit)))


def count_enrolled(session: Session, activity_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many places are taken."""
    rows = session.execute(
        sa.select(Enrolment.activity_id, sa.func.count())
        .where(Enrolment.activity_id.in_(activity_ids), Enrolment.state == "confirmed")
        .group_by(Enrolment.activity_id)
    )
    return {row[0]: row[1] for row in rows}


def count_open(session: Session, activity_ids: Collection[UUID]) -> dict[UUID | None, int]:
    """How many have or wait for a place, by the task; what has no task counts nowhere."""
    rows = session.execute(
        sa.select(Enrolment.task_id, sa.func.count())
        .where(Enrolment.activity_id.in_(activity_ids), Enrolment.state.in_(OPEN))
        .group_by(Enrolment.task_id)
    )
    return {row[0]: row[1] for row in rows}


def count_places(
    session: Session, activity_id: UUID, task_id: UUID | None, *, states: Collection[str]
) -> int:
    """How many enrolments for a task, or for what has none, are in these states."""
    query = sa.select(sa.func.count()).select_from(Enrolment)
    return (
        session.scalar(
            query.where(
                Enrolment.activity_id == activity_id,
                Enrolment.task_id.is_not_distinct_from(task_id),
                Enrolment.state.in_(states),
            )
        )
        or 0
    )


def count_ahead(session: Session, mine: Enrolment) -> int:
    """How many wait for the same task since before somebody does."""
    query = sa.select(sa.func.count()).select_from(Enrolment)
    return (
        session.scalar(
            query.where(
                Enrolment.activity_id == mine.activity_id,
                Enrolment.task_id.is_not_distinct_from(mine.task_id),
                Enrolment.state == EnrolmentState.WAITLISTED,
                Enrolment.turn < mine.turn,
            )
        )
        or 0
    )


def last_turn(session: Session, activity_id: UUID) -> int:
    """The number that was drawn last in the queue of an activity."""
    query = sa.select(sa.func.max(Enrolment.turn)).where(Enrolment.activity_id == activity_id)
    return session.scalar(query) or 0


def get_enrolment(session: Session, *, person_id: UUID, activity_id: UUID) -> Enrolment | None:
    return session.scalar(
        sa.select(Enrolment).filter_by(person_id=person_id, activity_id=activity_id)
    )


def lock_unanswered(session: Session, *, now: datetime, limit: int) -> list[UUID]:
    """Activities with an offer that nobody answered in time; those somebody is at are left out."""
    lapsed = sa.select(Enrolment.id).where(
        Enrolment.activity_id == Activity.id,
        Enrolment.state == EnrolmentState.OFFERED,
        Enrolment.offered_until <= now,
    )
    query = sa.select(Activity.id).where(lapsed.exists()).order_by(Activity.id).limit(limit)
    return list(session.scalars(query.with_for_update(key_share=True, skip_locked=True)))


def lock_enrolled(session: Session, person_id: UUID, *, now: datetime) -> list[UUID]:
    """Activities not over at which somebody has or waits for a place, held in their order."""
    theirs = sa.select(Enrolment.id).where(
        Enrolment.activity_id == Activity.id,
        Enrolment.person_id == person_id,
        Enrolment.state.in_(OPEN),
    )
    query = sa.select(Activity.id).where(theirs.exists(), Activity.ends_at > now)
    return list(session.scalars(query.order_by(Activity.id).with_for_update(key_share=True)))


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
    conditions: list[sa.ColumnElement[bool]] = [Activity.state.in_(PUBLIC), *_tasks(wanted)]
    if wanted.community_id is not None:
        conditions.append(Activity.community_id == wanted.community_id)
    if wanted.category is not None:
        conditions.append(Activity.category == wanted.category)
    if wanted.starting_before is not None:
        conditions.append(Activity.starts_at < wanted.starting_before)
    if wanted.ending_after is not None:
        conditions.append(Activity.ends_at > wanted.ending_after)
    return conditions


def _tasks(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    """One task must be all that is wanted; what has none says nothing of what it takes."""
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.skill is not None:
        conditions.append(ActivityTask.skill == wanted.skill)
    if wanted.open_to_all:
        conditions.append(ActivityTask.skill.is_(None))
    if wanted.minutes is not None:
        conditions.append(ActivityTask.minutes <= wanted.minutes)
    if not conditions:
        return []
    of_it = sa.select(ActivityTask.id).where(ActivityTask.activity_id == Activity.id, *conditions)
    return [of_it.exists()]


def list_enrolled(session: Session, activity_id: UUID) -> list[Enrolment]:
    """Everybody who has a place, is offered one or waits, by their turn."""
    query = sa.select(Enrolment).where(
        Enrolment.activity_id == activity_id, Enrolment.state.in_(OPEN)
    )
    return list(session.scalars(query.order_by(Enrolment.turn, Enrolment.id)))


def list_to_follow(
    session: Session, community_ids: Collection[UUID], *, now: datetime, limit: int
) -> list[Activity]:
    """What staff of these communities have to see to, by its start.

    What nobody confirmed within a month is left alone: it is found in the register.
    """
    recent = sa.and_(Activity.state == ActivityState.PUBLISHED, Activity.ends_at > now - A_MONTH)
    unpublished = Activity.state.in_([ActivityState.DRAFT, ActivityState.IN_REVIEW])
    query = sa.select(Activity).where(
        Activity.community_id.in_(community_ids), sa.or_(unpublished, recent)
    )
    return list(session.scalars(query.order_by(Activity.starts_at, Activity.id).limit(limit)))


def list_my_enrolments(
    session: Session, person_id: UUID, *, since: datetime, limit: int
) -> list[tuple[Enrolment, Activity]]:
    """What somebody has put their name down for and is not over, by its start."""
    query = (
        sa.select(Enrolment, Activity)
        .join(Activity, Activity.id == Enrolment.activity_id)
        .where(
            Enrolment.person_id == person_id,
            Enrolment.state.in_(OPEN),
            Activity.ends_at > since,
            Activity.state.in_(SEEN),
        )
        .order_by(Activity.starts_at, Activity.id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def enrolments_of(
    session: Session, *, person_id: UUID, activity_ids: Collection[UUID]
) -> dict[UUID, str]:
    """How somebody's place or turn stands at each of these activities."""
    rows = session.execute(
        sa.select(Enrolment.activity_id, Enrolment.state).where(
            Enrolment.person_id == person_id,
            Enrolment.activity_id.in_(activity_ids),
            Enrolment.state.in_(OPEN),
        )
    )
    return {row.activity_id: row.state for row in rows}
