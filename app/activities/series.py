"""Activities that come back: a series makes drafts for the coming months, once for each day.

A draft of a series is reviewed and published like any other. What is written differently in the
series is written so in its drafts to come; what is published stays as people know it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.activities import drafting, lifecycle, placing, plan_queries, service_days
from app.activities.drafting import Draft, TaskDraft
from app.activities.errors import DraftWrong, SeriesNamedTwice, SeriesUnknown
from app.activities.kinds import ActivityState, Rhythm, Risk, Skill
from app.activities.models import Activity
from app.activities.plan_models import ActivitySeries
from app.core import audit, clock
from app.core.db import claim, tenant_of
from app.core.ids import new_id
from app.identity import units
from app.identity.roles import Permission, Principal
from app.organisation import queries as organisation

LONGEST_AHEAD = timedelta(days=400)
LAST_OF_MONTH = 5
DAYS_OF_WEEK = 7
ENDED = "系列活动已停办"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What comes back, by which rhythm, at which minute of the day, for how long.

    The draft stands for every one of them; its own day says nothing.
    """

    draft: Draft
    rhythm: Rhythm
    starts_minute: int
    minutes: int
    weekday: int | None = None
    nth: int | None = None
    from_day: date
    until_day: date | None = None


def create(session: Session, plan: Plan, *, me: Principal, now: datetime) -> ActivitySeries:
    """Plan activities that come back, in a community of one's own."""
    draft = plan.draft
    path = organisation.path_of(session, draft.community_id)
    if not me.may(Permission.ACTIVITY_PREPARE, path):
        raise SeriesUnknown("没有找到这个社区，请从列表里选择。")
    drafting.check_place(session, draft.community_id)
    drafting.check(session, draft, zone=me.zone)
    _check_when(plan)
    row = claim(
        session,
        ActivitySeries,
        community_id=draft.community_id,
        rhythm=plan.rhythm.value,
        weekday=None if plan.rhythm is Rhythm.SERVICE_DAY else plan.weekday,
        nth=plan.nth if plan.rhythm is Rhythm.MONTHLY else None,
        from_day=plan.from_day,
        until_day=plan.until_day,
        created_by=me.person_id,
        created_at=now,
        **_common(session, plan),
    )
    if row is None:
        raise SeriesNamedTwice("本社区已经有同名的系列活动，请换个名称，或直接修改原来的。")
    _audit(session, row, me=me, path=path, action="series.create", now=now)
    return row


def rewrite(session: Session, series_id: UUID, plan: Plan, *, me: Principal, now: datetime) -> int:
    """Write a series differently, and so its drafts to come; how many those were."""
    row, path = _own(session, series_id, me)
    units.hold_open(session, row.community_id)
    drafting.check(session, plan.draft, zone=me.zone)
    _check_when(plan)
    for name, value in _common(session, plan).items():
        setattr(row, name, value)
    row.until_day = plan.until_day
    coming = plan_queries.drafts_of_series(session, row.id, after=clock.civil_day(now, me.zone))
    template = _template(row)
    for activity in coming:
        assert activity.series_day is not None  # it is of a series
        for name, value in {**template, **_hours(row, activity.series_day, me.zone)}.items():
            setattr(activity, name, value)
    session.flush()
    drafting.replace_tasks(session, {one.id: tasks_of(row) for one in coming})
    _audit(session, row, me=me, path=path, action="series.rewrite", now=now)
    return len(coming)


def make_drafts(
    session: Session, series_id: UUID, *, until: date, me: Principal, now: datetime
) -> int:
    """Draft the activities of a series up to a day; how many were new."""
    row, path = _own(session, series_id, me)
    units.hold_open(session, row.community_id)
    today = clock.civil_day(now, me.zone)
    if until > today + LONGEST_AHEAD:
        raise DraftWrong("一次最多生成一年的草稿，请选近一点的日期。")
    last = min(until, row.until_day or until)
    days = list(_days(session, row, first=max(row.from_day, today + timedelta(days=1)), last=last))
    if not days:
        return 0
    template, tasks = _template(row), tasks_of(row)
    rows = [
        {
            "tenant_id": tenant_of(session),
            "id": new_id(),
            "community_id": row.community_id,
            "state": ActivityState.DRAFT.value,
            "drafted_by": me.person_id,
            "series_id": row.id,
            "series_day": day,
            **template,
            **_hours(row, day, me.zone),
        }
        for day in days
    ]
    made = session.scalars(
        insert(Activity).values(rows).on_conflict_do_nothing().returning(Activity.id)
    ).all()
    drafting.put_tasks(session, dict.fromkeys(made, tasks))
    _audit(session, row, me=me, path=path, action="series.draft", now=now)
    return len(made)


def end(session: Session, series_id: UUID, *, me: Principal, now: datetime) -> int:
    """Hold a series no longer: its drafts to come are called off; how many those were."""
    row, path = _own(session, series_id, me)
    today = clock.civil_day(now, me.zone)
    row.until_day = max(today, row.from_day)
    coming = plan_queries.drafts_of_series(session, row.id, after=today)
    for activity in coming:
        lifecycle.cancel(session, activity.id, reason=ENDED, me=me, now=now)
    session.flush()
    _audit(session, row, me=me, path=path, action="series.end", now=now)
    return len(coming)


def owned(session: Session, series_id: UUID, me: Principal) -> ActivitySeries:
    """A series of a community of one's own; another is not there."""
    return _own(session, series_id, me)[0]


def tasks_of(row: ActivitySeries) -> list[TaskDraft]:
    """What there is to do at each activity of a series."""
    return [
        TaskDraft(
            **{
                **task,
                "skill": Skill(task["skill"]) if task["skill"] else None,
                "risk": Risk(task["risk"]),
            }
        )
        for task in row.tasks
    ]


def _days(session: Session, row: ActivitySeries, *, first: date, last: date) -> Iterator[date]:
    """The days of a series from one to another, both included."""
    if row.rhythm == Rhythm.SERVICE_DAY:
        months = _months(first, last)
        path = organisation.path_of(session, row.community_id)
        found = service_days.of_months(session, months, path=path)
        yield from (one.day for one in found.values() if first <= one.day <= last)
        return
    assert row.weekday is not None  # the CHECK says so
    day = first + timedelta(days=(row.weekday - first.isoweekday()) % DAYS_OF_WEEK)
    while day <= last:
        if row.nth is None or (day.day - 1) // DAYS_OF_WEEK + 1 == row.nth:
            yield day
        day += timedelta(days=DAYS_OF_WEEK)


def _months(first: date, last: date) -> list[date]:
    """The first days of the months in which these days lie, and of those between."""
    months, month = [], first.replace(day=1)
    while month <= last:
        months.append(month)
        month = (month + timedelta(days=31)).replace(day=1)
    return months


def _hours(row: ActivitySeries, day: date, zone: str) -> dict[str, datetime]:
    starts = clock.midnight(day, zone) + timedelta(minutes=row.starts_minute)
    return {"starts_at": starts, "ends_at": starts + timedelta(minutes=row.minutes)}


def _template(row: ActivitySeries) -> dict[str, Any]:
    """What an activity has from its series, but for its hours."""
    same = (
        "title", "category", "place", "summary", "guarantees", "insurance_no",
        "audience", "audience_unit_id", "calling", "station_id", "lat", "lng", "crs", "radius_m",
    )  # fmt: skip
    capacity = sum(task["places"] for task in row.tasks)
    return {**{name: getattr(row, name) for name in same}, "capacity": capacity}


def _common(session: Session, plan: Plan) -> Mapping[str, Any]:
    draft = plan.draft
    return {
        "title": draft.title,
        "category": draft.category,
        "place": draft.place,
        "summary": draft.summary,
        "guarantees": [one.value for one in draft.guarantees],
        "insurance_no": draft.insurance_no,
        "audience": draft.audience.value,
        "audience_unit_id": draft.audience_unit_id,
        "calling": draft.calling,
        "tasks": _plain(draft.tasks),
        "starts_minute": plan.starts_minute,
        "minutes": plan.minutes,
        **placing.fields_of(session, draft.where, community_id=draft.community_id),
    }


def _plain(tasks: Sequence[TaskDraft]) -> list[dict[str, Any]]:
    return [
        {
            "name": task.name,
            "skill": task.skill.value if task.skill else None,
            "minutes": task.minutes,
            "places": task.places,
            "min_age": task.min_age,
            "max_age": task.max_age,
            "risk": task.risk.value,
            "insured": task.insured,
        }
        for task in tasks
    ]


def _check_when(plan: Plan) -> None:
    weekly = plan.rhythm is not Rhythm.SERVICE_DAY
    if weekly and not (plan.weekday and 1 <= plan.weekday <= DAYS_OF_WEEK):
        raise DraftWrong("请选择星期几。")
    if plan.rhythm is Rhythm.MONTHLY and not (plan.nth and 1 <= plan.nth <= LAST_OF_MONTH):
        raise DraftWrong("请选择每月的第几个。")
    if plan.until_day is not None and plan.until_day < plan.from_day:
        raise DraftWrong("结束日期早于开始日期，请核对。")


def _own(
    session: Session, series_id: UUID, me: Principal
) -> tuple[ActivitySeries, tuple[UUID, ...]]:
    row = plan_queries.lock_series(session, series_id)
    path = organisation.path_of(session, row.community_id) if row else ()
    if row is None or not me.may(Permission.ACTIVITY_PREPARE, path):
        raise SeriesUnknown("没有找到这个系列活动，请回到计划页查看。")
    return row, path


def _audit(
    session: Session,
    row: ActivitySeries,
    *,
    me: Principal,
    path: Sequence[UUID],
    action: str,
    now: datetime,
) -> None:
    audit.record(
        session,
        actor=me.actor(Permission.ACTIVITY_PREPARE, path),
        action=action,
        subject=("activity_series", row.id),
        scope=row.community_id,
        at=now,
    )
