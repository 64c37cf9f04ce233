"""Checking in and out over HTTP, and what one may still say of one's own attendance."""

from functools import partial
from typing import Any
from uuid import UUID

from flask import Response
from sqlalchemy.orm import Session

from app.activities import deciding, delegated, own, reading, scenes
from app.activities.arrival_schemas import (
    ArrivalRequest,
    CheckInAnswer,
    CheckOutAnswer,
    DecidedAnswer,
    DoubtfulAnswer,
    RemarkRequest,
    ShorteningRequest,
)
from app.activities.codes import Direction
from app.activities.deciding import Verdict
from app.activities.leaving import CheckedOut
from app.activities.reading import Arrival
from app.activities.recording import Beginning
from app.core import clock, edges
from app.core.claims import Claim, claimed
from app.core.db import transaction
from app.core.errors import DomainError
from app.core.http import ApiBlueprint, json_answer
from app.core.idempotency import Ask, client_key, header, once
from app.core.queue import ring_after_commit
from app.identity.access import current_bearer, current_principal, requires
from app.identity.roles import Permission
from app.ledger import jobs as ledger_jobs

bp = ApiBlueprint("arrivals", __name__, description="签到与签退")

KEY_TEXT = "同一次签到或签退重复提交时返回第一次的结果；没有网络时，排队补传也用同一个编号"
LISTED = 200
CHECKED_IN, CHECKED_OUT = CheckInAnswer(), CheckOutAnswer()


@bp.post("/activities/<uuid:activity_id>/check-ins")
@requires(Permission.ATTEND, in_one=True, beside=scenes.beside)
@header("Idempotency-Key", required=False, text=KEY_TEXT)
@bp.takes(ArrivalRequest)
@bp.gives(201, CheckInAnswer)
def check_in(body: dict[str, Any], activity_id: UUID) -> Response:
    """Begin giving time, with the code on the venue's screen.

    What looks odd is answered with `pending_review` and the reason, and is paid once approved.
    """
    arrival = _arrival(activity_id, body)
    claim = Claim(_ask("check-in", arrival, body), _checked_in)
    with transaction(arrival.me.tenant_id) as session:
        return claimed(
            session,
            claim,
            lambda: delegated.check_in(session, arrival, whom=body["on_behalf_of"], claim=claim),
            refused=partial(reading.log_refusal, session, arrival, direction=Direction.IN),
        )


@bp.post("/activities/<uuid:activity_id>/check-outs")
@requires(Permission.ATTEND, in_one=True, beside=scenes.beside)
@header("Idempotency-Key", required=False, text=KEY_TEXT)
@bp.takes(ArrivalRequest)
@bp.gives(201, CheckOutAnswer)
def check_out(body: dict[str, Any], activity_id: UUID) -> Response:
    """Stop giving time. The answer says what it will earn; the points arrive shortly after."""
    arrival = _arrival(activity_id, body)
    with transaction(arrival.me.tenant_id) as session:
        return once(
            session,
            _ask("check-out", arrival, body),
            partial(_leave, session, arrival, whom=body["on_behalf_of"]),
        )


@bp.post("/activities/<uuid:activity_id>/shortening")
@requires(Permission.ATTEND)
@bp.takes(ShorteningRequest)
@bp.gives(200, CheckOutAnswer)
def shorten_attendance(body: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """Say that a check-out that was made by itself is right, or that one left earlier."""
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        ring_after_commit(session, ledger_jobs.settle_waiting)
        out = own.confirm(session, me=me, activity_id=activity_id, left_at=body["left_at"], now=now)
    return {"attendance": out.attendance, "expected": out.expected}


@bp.get("/attendances/doubtful")
@requires(Permission.ACTIVITY_VERIFY)
@bp.gives(200, DoubtfulAnswer)
def list_doubtful_attendances() -> dict[str, Any]:
    """What waits to be approved or rejected in one's own communities, the longest waiting first."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        rows = deciding.list_doubtful(session, me=me, limit=LISTED)
    return {"items": [row.as_body() for row in rows]}


@bp.post("/attendances/<uuid:attendance_id>/confirmation")
@requires(Permission.ACTIVITY_VERIFY)
@bp.takes(RemarkRequest)
@bp.gives(200, DecidedAnswer)
def confirm_attendance(body: dict[str, Any], attendance_id: UUID) -> dict[str, Any]:
    """Approve an attendance that looked odd, and let it count."""
    return _decide(Verdict(attendance_id=attendance_id, approved=True, reason=body["reason"]))


@bp.post("/attendances/<uuid:attendance_id>/rejection")
@requires(Permission.ACTIVITY_VERIFY)
@bp.takes(RemarkRequest)
@bp.gives(200, DecidedAnswer)
def reject_attendance(body: dict[str, Any], attendance_id: UUID) -> dict[str, Any]:
    """Let an attendance that looked odd not count, and say why to whom it is about."""
    return _decide(Verdict(attendance_id=attendance_id, approved=False, reason=body["reason"]))


def _decide(verdict: Verdict) -> dict[str, Any]:
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        ring_after_commit(session, ledger_jobs.settle_waiting)
        return {"attendance": deciding.decide(session, verdict, me=me, now=now)}


def _leave(session: Session, arrival: Arrival, *, whom: UUID | None) -> Response:
    try:
        out = delegated.check_out(session, arrival, whom=whom)
    except DomainError as refusal:
        reading.log_refusal(session, arrival, refusal, direction=Direction.OUT)
        raise
    ring_after_commit(session, ledger_jobs.settle_waiting)
    return _checked_out(out)


def _arrival(activity_id: UUID, body: dict[str, Any]) -> Arrival:
    return Arrival(
        me=current_principal(),
        activity_id=activity_id,
        code=body["code"],
        location=body["location"],
        device_time=body["device_time"],
        keyring=edges.keyring(),
        vault=edges.vault(),
        now=clock.now(),
        beside=current_bearer().beside,
    )


def _ask(what: str, arrival: Arrival, body: dict[str, Any]) -> Ask:
    return Ask(
        actor_id=arrival.me.person_id,
        key=client_key(),
        route=f"{what}:{arrival.activity_id}",
        body=body,
        now=arrival.now,
    )


def _checked_in(beginning: Beginning) -> Response:
    return json_answer(CHECKED_IN, {"attendance": beginning}, status=201)


def _checked_out(out: CheckedOut) -> Response:
    body = {"attendance": out.attendance, "expected": out.expected}
    return json_answer(CHECKED_OUT, body, status=201)
