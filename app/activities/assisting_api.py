"""Checking in and out, over HTTP, people who have no phone with them."""

from typing import Any
from uuid import UUID

from app.activities import assisting, backfilling, enlisting
from app.activities.arrival_schemas import (
    AidRequest,
    AllOutAnswer,
    AllOutRequest,
    BackfillAnswer,
    BackfillRequest,
    CheckInAnswer,
    CheckOutAnswer,
    StaffEnrolRequest,
)
from app.activities.assisting import Aid, Leaving
from app.activities.backfilling import Span
from app.activities.schemas import EnrolmentAnswer
from app.activities.ways import Way
from app.core import clock, edges
from app.core.db import transaction
from app.core.http import ApiBlueprint
from app.core.queue import ring_after_commit
from app.identity.access import current_principal, requires
from app.identity.roles import Permission
from app.ledger import jobs as ledger_jobs
from app.notices import jobs as notices_jobs

bp = ApiBlueprint("assisting", __name__, description="工作人员代签")


@bp.post("/activities/<uuid:activity_id>/staff-check-ins")
@requires(Permission.ATTENDANCE_AID)
@bp.takes(AidRequest)
@bp.gives(201, CheckInAnswer)
def staff_check_in(body: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """Check in somebody of one's own subtree, by their card, or by who they are with a reason."""
    aid = _aid(activity_id, body)
    with transaction(aid.me.tenant_id) as session:
        return {"attendance": assisting.check_in(session, aid)}


@bp.post("/activities/<uuid:activity_id>/staff-check-outs")
@requires(Permission.ATTENDANCE_AID)
@bp.takes(AidRequest)
@bp.gives(201, CheckOutAnswer)
def staff_check_out(body: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """Check out somebody who is there, by their card, or by who they are with a reason."""
    aid = _aid(activity_id, body)
    with transaction(aid.me.tenant_id) as session:
        ring_after_commit(session, ledger_jobs.settle_waiting)
        out = assisting.check_out(session, aid)
        return {"attendance": out.attendance, "expected": out.expected}


@bp.post("/activities/<uuid:activity_id>/staff-enrolments")
@requires(Permission.ATTENDANCE_AID)
@bp.takes(StaffEnrolRequest)
@bp.gives(201, EnrolmentAnswer)
def staff_enrol(body: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """Enrol one of one's own people, by their card, or by who they are with a reason."""
    aid = _aid(activity_id, body)
    with transaction(aid.me.tenant_id) as session:
        ring_after_commit(session, notices_jobs.send_waiting)
        return {"enrolment": enlisting.enlist(session, aid, task_id=body["task_id"])}


@bp.post("/activities/<uuid:activity_id>/bulk-check-out")
@requires(Permission.ACTIVITY_VERIFY)
@bp.takes(AllOutRequest)
@bp.gives(201, AllOutAnswer)
def bulk_check_out(body: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """Check out everybody who is still there, at one time, with a reason; all of them or nobody."""
    me, now = current_principal(), clock.now()
    out = Leaving(at=body["left_at"] or now, way=Way.STAFF, reason=body["reason"])
    with transaction(me.tenant_id) as session:
        ring_after_commit(session, ledger_jobs.settle_waiting)
        gone = assisting.check_out_all(session, activity_id, out=out, me=me, now=now)
        return {"attendances": [one.attendance for one in gone]}


@bp.post("/activities/<uuid:activity_id>/backfills")
@requires(Permission.ACTIVITY_VERIFY)
@bp.takes(BackfillRequest)
@bp.gives(201, BackfillAnswer)
def propose_backfill(body: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """Record afterwards that somebody was there; it counts once somebody else has approved it."""
    aid = _aid(activity_id, body)
    span = Span(came_at=body["came_at"], left_at=body["left_at"])
    with transaction(aid.me.tenant_id) as session:
        return {"attendance": backfilling.propose(session, aid, span)}


def _aid(activity_id: UUID, body: dict[str, Any]) -> Aid:
    return Aid(
        me=current_principal(),
        activity_id=activity_id,
        card_no=body["card_no"],
        person_id=body["person_id"],
        reason=body["reason"],
        vault=edges.vault(),
        now=clock.now(),
    )
