"""Activities over HTTP."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response
from sqlalchemy.orm import Session

from app.activities import codes, labels, queries, services
from app.activities.codes import Direction
from app.activities.models import Activity
from app.activities.queries import Wanted
from app.activities.schemas import (
    ActivitiesRequest,
    ActivityAnswer,
    ArrivalRequest,
    CheckInAnswer,
    CheckOutAnswer,
    EnrolmentAnswer,
    EnrolRequest,
    VenueCodeAnswer,
    VenueCodeRequest,
)
from app.activities.services import Arrival
from app.core import clock, edges
from app.core.db import transaction
from app.core.http import ApiBlueprint, json_answer
from app.core.idempotency import Ask, client_key, header, once
from app.core.paging import Page, decode, instant, listed, page
from app.core.queue import ring_after_commit
from app.identity import consents
from app.identity.access import current_principal, requires
from app.identity.roles import Permission, Principal
from app.identity.whereabouts import Deed
from app.ledger import jobs as ledger_jobs

bp = ApiBlueprint("activities", __name__, description="活动、签到与签退")

Spot = Mapping[str, Any] | None  # where a phone says it is
KEY_TEXT = "同一次签到或签退重复提交时返回第一次的结果"


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
def enrol(_body: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """Take a place, or a turn in the queue when all are taken."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        return {
            "enrolment": services.enrol(
                session,
                me=me,
                activity_id=activity_id,
                vault=edges.vault(),
                now=clock.now(),
            )
        }


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


@bp.post("/activities/<uuid:activity_id>/check-ins")
@requires(Permission.ATTEND)
@header("Idempotency-Key", required=False, text=KEY_TEXT)
@bp.takes(ArrivalRequest)
@bp.gives(201, CheckInAnswer)
def check_in(body: dict[str, Any], activity_id: UUID) -> Response:
    """Begin giving time, with the code on the venue's screen."""
    arrival = _arrival(activity_id, body)
    ask = _ask("check-in", arrival, body)
    with transaction(arrival.me.tenant_id) as session:
        return once(session, ask, lambda: _checked_in(session, arrival, body["location"]))


@bp.post("/activities/<uuid:activity_id>/check-outs")
@requires(Permission.ATTEND)
@header("Idempotency-Key", required=False, text=KEY_TEXT)
@bp.takes(ArrivalRequest)
@bp.gives(201, CheckOutAnswer)
def check_out(body: dict[str, Any], activity_id: UUID) -> Response:
    """Stop giving time. The answer says what it will earn; the points arrive shortly after."""
    arrival = _arrival(activity_id, body)
    ask = _ask("check-out", arrival, body)
    with transaction(arrival.me.tenant_id) as session:
        return once(session, ask, lambda: _checked_out(session, arrival, body["location"]))


def _arrival(activity_id: UUID, body: dict[str, Any]) -> Arrival:
    return Arrival(
        me=current_principal(),
        activity_id=activity_id,
        code=body["code"],
        located=body["location"] is not None,
        keyring=edges.keyring(),
        vault=edges.vault(),
        now=clock.now(),
    )


def _ask(what: str, arrival: Arrival, body: dict[str, Any]) -> Ask:
    return Ask(
        actor_id=arrival.me.person_id,
        key=client_key(),
        route=f"{what}:{arrival.activity_id}",
        body=body,
        now=arrival.now,
    )


def _checked_in(session: Session, arrival: Arrival, location: Spot) -> Response:
    attendance = services.check_in(session, arrival)
    _note_spot(session, arrival, (Deed.CHECK_IN, attendance.id), location=location)
    return json_answer(CheckInAnswer(), {"attendance": attendance}, status=201)


def _checked_out(session: Session, arrival: Arrival, location: Spot) -> Response:
    out = services.check_out(session, arrival)
    _note_spot(session, arrival, (Deed.CHECK_OUT, out.attendance.id), location=location)
    ring_after_commit(session, ledger_jobs.settle_waiting)
    body = {"attendance": out.attendance, "expected": out.expected}
    return json_answer(CheckOutAnswer(), body, status=201)


def _note_spot(
    session: Session, arrival: Arrival, deed: tuple[Deed, UUID], *, location: Spot
) -> None:
    """Where the phone was, for who agreed to that."""
    person_id, now = arrival.me.person_id, arrival.now
    consents.keep_location(
        session, arrival.vault, person_id=person_id, deed=deed, location=location, now=now
    )


def _wanted(query: dict[str, Any], me: Principal, now: datetime) -> Wanted:
    community, category, day = query["community"], query["category"], query["on"]
    if day is None:
        return Wanted(community_id=community, category=category, ending_after=now)
    midnight = datetime.combine(day, time(), ZoneInfo(me.zone))
    return Wanted(
        community_id=community,
        category=category,
        starting_before=midnight + timedelta(days=1),
        ending_after=midnight,
    )


def _answers(session: Session, rows: Sequence[Activity], now: datetime) -> list[dict[str, Any]]:
    taken = queries.count_enrolled(session, [row.id for row in rows])
    return [_answer(row, taken.get(row.id, 0), now) for row in rows]


def _answer(activity: Activity, enrolled: int, now: datetime) -> dict[str, Any]:
    return {
        "id": activity.id,
        "title": activity.title,
        "category": activity.category,
        "place": activity.place,
        "starts_at": activity.starts_at,
        "ends_at": activity.ends_at,
        "state": labels.state_of(activity, now),
        "capacity": activity.capacity,
        "enrolled": enrolled,
    }
