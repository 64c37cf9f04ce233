"""Who is on the list of an activity and what has come to whom, as pages and programs show it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.activities import announcing, labels, queries
from app.activities.kinds import OPEN, EnrolmentState, Guarantee, NoticeKind, Risk, Skill
from app.activities.models import Activity, ActivityTask, Enrolment
from app.core import masking
from app.core.clock import civil_text
from app.core.paging import Page, decode, page
from app.core.telling.models import SendState
from app.identity import queries as identity
from app.notices import queries as notices
from app.notices.kinds import LineState
from app.notices.queries import Reading

READ, CALLED, TO_CALL, SENT, UNDER_WAY, IN_APP = (
    "read", "called", "to_call", "sent", "under_way", "in_app",
)  # fmt: skip


def enrolled(session: Session, activity: Activity) -> list[dict[str, Any]]:
    """Everybody with a place, an offer or a turn, by the name that is shown."""
    rows = queries.list_enrolled(session, activity.id)
    tasks = queries.tasks_of(session, [activity.id]).get(activity.id, [])
    called = {task.id: task.name for task in tasks}
    names = masked_names(session, [row.person_id for row in rows])
    return [
        {
            "id": row.id,
            "name_masked": names[row.person_id],
            "state": row.state,
            "state_label": labels.ENROLMENTS[EnrolmentState(row.state)],
            "task": called.get(row.task_id) if row.task_id else None,
            "turn": row.turn,
            "offered_until": row.offered_until,
        }
        for row in rows
    ]


def readings(
    session: Session, activity: Activity, *, cursor: str | None, limit: int
) -> Page[dict[str, Any]]:
    """How far the notice has come to each person it went to."""
    about = announcing.about(activity.id, NoticeKind.INVITATION)
    after = decode(cursor, (UUID,))
    rows = notices.readings_of(session, about, after=after[0] if after else None, limit=limit + 1)
    cut = page(rows, limit=limit, key=lambda row: (str(row.person_id),))
    names = masked_names(session, [row.person_id for row in cut.items])
    items = [
        {
            "name_masked": names[row.person_id],
            "at": row.at,
            "read_at": row.read_at,
            "state": came_as_far_as(row),
        }
        for row in cut.items
    ]
    return Page(items, cut.next_cursor)


def came_as_far_as(reading: Reading) -> str:
    """Read by themself, told by a call, waiting for one, or sent and not opened yet."""
    if reading.read_at is not None:
        return READ
    if reading.line is not None:
        return TO_CALL if reading.line is LineState.OPEN else CALLED
    if reading.sending in {SendState.WAITING, SendState.SENDING}:
        return UNDER_WAY
    return IN_APP if reading.sending is SendState.LEFT else SENT


def masked_names(session: Session, person_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The names of people as others see them; a sealed one is shown masked already."""
    names = identity.names_of(session, set(person_ids))
    return {who: name if "*" in name else masking.name(name) for who, name in names.items()}


def choice(session: Session, activity: Activity, *, person_id: UUID, zone: str) -> dict[str, Any]:
    """What there is to do at an activity, and how one's own place stands."""
    tasks = queries.tasks_of(session, [activity.id]).get(activity.id, [])
    wanted = queries.count_open(session, [activity.id])
    mine = queries.get_enrolment(session, person_id=person_id, activity_id=activity.id)
    named = {task.id: task.name for task in tasks}
    return {
        "tasks": [_task(task, wanted.get(task.id, 0)) for task in tasks],
        "guarantees": [
            {"icon": one, "label": labels.GUARANTEES[Guarantee(one)]} for one in activity.guarantees
        ],
        "summary": activity.summary,
        "insurance_no": activity.insurance_no,
        "mine": mine
        and _place(
            session, mine, task=named.get(mine.task_id) if mine.task_id else None, zone=zone
        ),
    }


def _task(task: ActivityTask, wanted: int) -> dict[str, Any]:
    free = max(task.places - wanted, 0)
    return {
        "id": str(task.id),
        "name": task.name,
        "skill": labels.SKILLS[Skill(task.skill)] if task.skill else "",
        "length": labels.length(task.minutes),
        "ages": labels.ages(task.min_age, task.max_age),
        "risk": labels.RISKS[Risk(task.risk)] if task.risk != Risk.LOW else "",
        "insured": task.insured,
        "free": free,
        "places": task.places,
        "waiting": max(wanted - task.places, 0),
    }


def _place(session: Session, mine: Enrolment, *, task: str | None, zone: str) -> dict[str, Any]:
    until = mine.offered_until
    return {
        "state": mine.state,
        "open": mine.state in OPEN,
        "label": labels.ENROLMENTS[EnrolmentState(mine.state)],
        "task": task,
        "until": until and civil_text(until, zone),
        "ahead": queries.count_ahead(session, mine),
    }
