"""Activities over HTTP."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.activities import codes, delegated, enrolling, labels, queries, services
from app.activities.codes import Direction
from app.activities.enrolling import Wish
from app.activities.models import Activity, ActivityTask
from app.activities.queries import Wanted
from app.activities.schemas import (
    ActivitiesRequest,
    ActivityAnswer,
    EnrolmentAnswer,
    EnrolRequest,
    NothingRequest,
    VenueCodeAnswer,
    VenueCodeRequest,
)
from app.core import clock, edges
from app.core.db import transaction
from app.core.http import ApiBlueprint
from app.core.paging import Page, decode, instant, listed, page
from app.core.queue import ring_after_commit
from app.identity.access import current_principal, requires
from app.identity.roles import Permission, Principal
from app.notices import jobs as notices_jobs

bp = ApiBlueprint("activities", __name__, description="活动、签到与签退")


@bp.get("/activities")
@requires(Permission.ACTIVITY_READ)
@bp.takes(ActivitiesRequest, location="query")
@bp.gives(200, listed(ActivityAnswer))
def list_activities(query: dict[str, Any]) -> Page[dict[str, Any]]:
    """Activities that are not over, by their start; or those of one civil day."""
    me, now = current_principal(), clock.now()
    after = decode(query["cursor"], (instant, UUID))
    with transaction(me.tenant_id) as session:
        rows = queries.list_activities(
            session, _wanted(query, me, now), after=after, limit=query["limit"] + 1
        )
        cut = page(
            rows, limit=query["limit"], key=lambda row: (row.starts_at.isoformat(), str(row.id))
        )
        return Page(_answers(session, cut.items, now), cut.next_cursor)


@bp.get("/activities/<uuid:activity_id>")
@requires(Permission.ACTIVITY_READ)
@bp.gives(200, ActivityAnswer)
def get_activity(activity_id: UUID) -> dict[str, Any]:
    """One activity."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        activity = services.activity_of(session, activity_id)
        return _answers(session, [activity], clock.now())[0]


@bp.post("/activities/<uuid:activity_id>/enrolments")
@requires(Permission.ENROL)
@bp.takes(EnrolRequest)
@bp.gives(201, EnrolmentAnswer)
def enrol(body: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """Take a place, or a turn in the queue when all are taken; a delegate for whom they act."""
    wish, whom = _wish(activity_id, task_id=body["task_id"]), body["on_behalf_of"]
    with transaction(wish.me.tenant_id) as session:
        return {"enrolment": delegated.enrol(session, wish, whom=whom, vault=edges.vault())}


@bp.delete("/activities/<uuid:activity_id>/enrolments/mine")
@requires(Permission.ENROL)
@bp.gives(200, EnrolmentAnswer)
def cancel_enrolment(activity_id: UUID) -> dict[str, Any]:
    """Give one's place or turn back. It is never a violation, and one may enrol again."""
    wish = _wish(activity_id)
    with transaction(wish.me.tenant_id) as session:
        ring_after_commit(session, notices_jobs.send_waiting)
        return {"enrolment": enrolling.leave(session, wish)}


@bp.post("/activities/<uuid:activity_id>/enrolments/mine/confirmation")
@requires(Permission.ENROL)
@bp.takes(NothingRequest)
@bp.gives(201, EnrolmentAnswer)
def confirm_enrolment(_body: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """Take the place one was offered."""
    wish = _wish(activity_id)
    with transaction(wish.me.tenant_id) as session:
        return {"enrolment": enrolling.accept(session, wish)}


@bp.get("/activities/<uuid:activity_id>/venue-code")
@requires(Permission.VENUE_CODE_READ)
@bp.takes(VenueCodeRequest, location="query")
@bp.gives(200, VenueCodeAnswer)
def get_venue_code(query: dict[str, str], activity_id: UUID) -> dict[str, Any]:
    """The code for the venue's screen. It changes every 15 seconds."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        activity = services.screened_activity(session, me=me, activity_id=activity_id)
    code, valid_until = codes.issue(
        edges.keyring(),
        tenant_id=me.tenant_id,
        activity_id=activity.id,
        direction=Direction(query["kind"]),
        now=clock.now(),
    )
    return {"code": code, "valid_until": valid_until}


def _wish(activity_id: UUID, *, task_id: UUID | None = None) -> Wish:
    return Wish(me=current_principal(), activity_id=activity_id, task_id=task_id, now=clock.now())


def _wanted(query: dict[str, Any], me: Principal, now: datetime) -> Wanted:
    day, skill = query["on"], query["skill"]
    wanted = Wanted(
        community_id=query["community"],
        category=query["category"],
        skill=skill and skill.value,
        minutes=query["minutes"],
        ending_after=now,
    )
    if day is None:
        return wanted
    midnight = datetime.combine(day, time(), ZoneInfo(me.zone))
    return replace(wanted, starting_before=midnight + timedelta(days=1), ending_after=midnight)


def _answers(session: Session, rows: Sequence[Activity], now: datetime) -> list[dict[str, Any]]:
    ids = [row.id for row in rows]
    taken, tasks = queries.count_enrolled(session, ids), queries.tasks_of(session, ids)
    wanted = queries.count_open(session, ids)
    return [
        {
            **_answer(row, now),
            "enrolled": taken.get(row.id, 0),
            "tasks": [
                {**_task(task), "free": max(task.places - wanted.get(task.id, 0), 0)}
                for task in tasks.get(row.id, [])
            ],
        }
        for row in rows
    ]


def _task(task: ActivityTask) -> dict[str, Any]:
    return {
        "id": task.id,
        "name": task.name,
        "skill": task.skill,
        "minutes": task.minutes,
        "places": task.places,
        "min_age": task.min_age,
        "max_age": task.max_age,
        "risk": task.risk,
    }


def _spot(activity: Activity) -> dict[str, Any] | None:
    if activity.lat is None:
        return None
    return {"lat": activity.lat, "lng": activity.lng, "crs": activity.crs}


def _answer(activity: Activity, now: datetime) -> dict[str, Any]:
    return {
        "id": activity.id,
        "title": activity.title,
        "category": activity.category,
        "place": activity.place,
        "starts_at": activity.starts_at,
        "ends_at": activity.ends_at,
        "state": labels.state_of(activity, now),
        "capacity": activity.capacity,
        "location": _spot(activity),
        "radius_m": activity.radius_m,
        "check_in_from": activity.opens_at,
        "check_in_until": activity.closes_at,
        "summary": activity.summary,
        "guarantees": activity.guarantees,
    }
