"""The form in which an activity or a series is planned: what may be chosen, what stands there."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.activities import categories, labels, placing, queries
from app.activities.errors import NO_ACTIVITY, ActivityUnknown
from app.activities.kinds import LEAST_RADIUS_M, MOST_RADIUS_M, Audience
from app.activities.models import Activity
from app.activities.plan_models import ActivitySeries
from app.core import clock
from app.identity import units
from app.identity.roles import Permission, Principal
from app.ledger import services as ledger
from app.organisation import queries as organisation
from app.organisation.kinds import UnitKind

ROWS = 4
WEEK = timedelta(days=7)
FIRST_TASK = {
    "task_name_0": "现场志愿者",
    "task_minutes_0": "120",
    "task_places_0": "20",
    "task_min_age_0": "14",
    "task_max_age_0": "120",
}


def communities(session: Session, me: Principal) -> list[tuple[UUID, str]]:
    """The communities for which one may prepare activities, by name."""
    tops = me.units_with(Permission.ACTIVITY_PREPARE)
    return organisation.names_of(session, organisation.open_communities(session, tops))


def of_new(session: Session, community_id: UUID, *, me: Principal, now: datetime) -> dict[str, Any]:
    """An empty form for a community of one's own."""
    local = (now + WEEK).astimezone(ZoneInfo(me.zone))
    values = {"day": f"{local:%Y-%m-%d}", "starts": "09:00", "ends": "11:00", **FIRST_TASK}
    usual = {
        "radius_m": str(placing.USUAL_RADIUS_M),
        "audience": Audience.COMMUNITY.value,
        "guarantees": ["water", "statement"],
    }
    return {**_choices(session, community_id, me=me, now=now), "values": {**values, **usual}}


def of_draft(session: Session, activity: Activity, *, me: Principal) -> dict[str, Any]:
    """The form as a draft has it."""
    tasks = queries.tasks_of(session, [activity.id]).get(activity.id, [])
    starts, ends = (
        one.astimezone(ZoneInfo(me.zone)) for one in (activity.starts_at, activity.ends_at)
    )
    plain = [
        {
            "name": task.name,
            "minutes": task.minutes,
            "places": task.places,
            "skill": task.skill,
            "min_age": task.min_age,
            "max_age": task.max_age,
            "risk": task.risk,
            "insured": task.insured,
        }
        for task in tasks
    ]
    values = {
        **_words(activity),
        "day": f"{starts:%Y-%m-%d}",
        "starts": f"{starts:%H:%M}",
        "ends": f"{ends:%H:%M}",
        **_tasks(plain),
    }
    choices = _choices(session, activity.community_id, me=me, now=activity.ends_at)
    return {**choices, "values": values}


def of_series(
    session: Session, row: ActivitySeries, *, me: Principal, now: datetime
) -> dict[str, Any]:
    """The form as a series has it."""
    hour, minute = divmod(row.starts_minute, 60)
    ends_hour, ends_minute = divmod((row.starts_minute + row.minutes) % (24 * 60), 60)
    values = {
        **_words(row),
        "from_day": row.from_day.isoformat(),
        "until_day": row.until_day.isoformat() if row.until_day else "",
        "starts": f"{hour:02}:{minute:02}",
        "ends": f"{ends_hour:02}:{ends_minute:02}",
        "rhythm": row.rhythm,
        "weekday": str(row.weekday or 6),
        "nth": str(row.nth or 1),
        **_tasks(row.tasks),
    }
    return {**_choices(session, row.community_id, me=me, now=now), "values": values}


def _choices(
    session: Session, community_id: UUID, *, me: Principal, now: datetime
) -> dict[str, Any]:
    path = organisation.path_of(session, community_id)
    if not me.may(Permission.ACTIVITY_PREPARE, path):
        raise ActivityUnknown(NO_ACTIVITY)
    policy = ledger.policy_on(session, clock.civil_day(now, me.zone))
    grids = organisation.open_units(session, [community_id])
    return {
        "community_id": str(community_id),
        "community": units.names_of(session, {community_id}).get(community_id, ""),
        "categories": [(one.code, one.name) for one in categories.offered(policy)],
        "grids": [(str(one.id), one.name) for one in grids if one.kind == UnitKind.GRID],
        "audiences": [(one.value, label) for one, label in labels.AUDIENCES.items()],
        "guarantees": [(one.value, label) for one, label in labels.GUARANTEES.items()],
        "skills": [(one.value, label) for one, label in labels.SKILLS.items()],
        "risks": [(one.value, label) for one, label in labels.RISKS.items()],
        "rhythms": [(one.value, label) for one, label in labels.RHYTHMS.items()],
        "weekdays": list(enumerate(labels.WEEKDAYS, start=1)),
        "rows": range(ROWS),
        "stations": [(str(id_), name) for id_, name in placing.choices(session, community_id)],
        "least_radius": LEAST_RADIUS_M,
        "most_radius": MOST_RADIUS_M,
    }


def _words(row: Activity | ActivitySeries) -> dict[str, Any]:
    return {
        "title": row.title,
        "category": row.category,
        "place": row.place,
        "summary": row.summary,
        "insurance_no": row.insurance_no,
        "audience": row.audience,
        "audience_unit_id": str(row.audience_unit_id or ""),
        "calling": "1" if row.calling else "",
        "guarantees": row.guarantees,
        **_where(row),
    }


def _where(row: Activity | ActivitySeries) -> dict[str, str]:
    """A spot of one's own stands in its field; a station's is the station's."""
    own = row.lat is not None and row.station_id is None
    return {
        "station_id": str(row.station_id or ""),
        "spot": f"{row.lat:.6f},{row.lng:.6f}" if own else "",
        "crs": row.crs,
        "radius_m": str(row.radius_m or placing.USUAL_RADIUS_M),
    }


def _tasks(tasks: Sequence[dict[str, Any]]) -> dict[str, str]:
    return {
        f"task_{name}_{place}": "1" if value is True else str(value or "")
        for place, task in enumerate(tasks[:ROWS])
        for name, value in task.items()
    }
