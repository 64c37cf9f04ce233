"""反馈得到 over HTTP: saying how it was, and answering it."""

from datetime import date
from typing import Any
from uuid import UUID

from app.activities import answering, checking, jobs, registers, timeline
from app.activities.answering import Said
from app.activities.feedback_schemas import (
    AnswerRequest,
    FeedbackAnswer,
    FeedbackRequest,
    FourArrivalsAnswer,
    LookRequest,
    RegisterAnswer,
    RegisterRequest,
    WordsBody,
)
from app.activities.registers import Wanted
from app.core import clock
from app.core.db import transaction
from app.core.http import ApiBlueprint
from app.core.paging import Page, PageRequest, listed
from app.core.queue import ring_after_commit
from app.identity.access import current_principal, require_fresh, requires
from app.identity.roles import Permission
from app.notices import jobs as notices_jobs

bp = ApiBlueprint("feedback", __name__, description="四个到与反馈")


@bp.post("/activities/<uuid:activity_id>/feedback")
@requires(Permission.ATTEND)
@bp.takes(FeedbackRequest)
@bp.gives(201, FeedbackAnswer)
def give_feedback(body: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """Say how an activity was at which one was, or say it differently until it is answered.

    Only the staff of the activity read it, and the words once they were checked. It is open for
    thirty days after one left.
    """
    said = Said(activity_id=activity_id, rating=body["rating"], words=body["words"])
    me = current_principal()
    with transaction(me.tenant_id) as session:
        ring_after_commit(session, jobs.check_words)
        return {"feedback": answering.give(session, said, me=me, now=clock.now())}


@bp.post("/feedback/<uuid:feedback_id>/answer")
@requires(Permission.ACTIVITY_VERIFY)
@bp.takes(AnswerRequest)
@bp.gives(201, FeedbackAnswer)
def answer_feedback(body: dict[str, Any], feedback_id: UUID) -> dict[str, Any]:
    """Answer once what somebody said of an activity; they are told."""
    me, text = current_principal(), body["answer"]
    with transaction(me.tenant_id) as session:
        ring_after_commit(session, notices_jobs.send_waiting)
        row = answering.answer(session, feedback_id, text=text, me=me, now=clock.now())
        return {"feedback": checking.as_read(row)}


@bp.get("/feedback-to-look-at")
@requires(Permission.ACTIVITY_VERIFY)
@bp.takes(PageRequest, location="query")
@bp.gives(200, listed(WordsBody))
def list_doubtful_feedback(query: dict[str, Any]) -> Page[dict[str, Any]]:
    """Words of one's own communities that WeChat did not pass, or could not be asked about."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        return checking.to_look_at(session, me=me, **query)


@bp.post("/feedback/<uuid:feedback_id>/decision")
@requires(Permission.ACTIVITY_VERIFY)
@bp.takes(LookRequest)
@bp.gives(200, FeedbackAnswer)
def decide_feedback(body: dict[str, str], feedback_id: UUID) -> dict[str, Any]:
    """Show somebody's words to those who look after the activity, or hide them, with a reason."""
    me = current_principal()
    look = checking.Look(
        feedback_id=feedback_id, show=body["decision"] == "show", reason=body["reason"]
    )
    with transaction(me.tenant_id) as session:
        row = checking.decide(session, look, me=me, now=clock.now())
        return {"feedback": checking.as_read(row)}


@bp.get("/me/arrivals")
@requires(Permission.ATTEND)
@bp.takes(PageRequest, location="query")
@bp.gives(200, listed(FourArrivalsAnswer))
def get_four_arrivals(query: dict[str, Any]) -> Page[dict[str, Any]]:
    """The four of each activity at which one has a place or was, the latest first."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        found = timeline.of(session, me=me, now=clock.now(), **query)
    return Page([timeline.as_body(one) for one in found.items], found.next_cursor)


@bp.post("/activity-registers")
@requires(Permission.ACTIVITY_FOLLOW)
@bp.takes(RegisterRequest)
@bp.gives(201, RegisterAnswer)
def export_activity_register(body: dict[str, Any]) -> dict[str, Any]:
    """A month of one's own communities: who was where, for how long, as the ledger counts it.

    Names are masked. Whoever takes it has proved who they are just now; that is written down.
    """
    me = current_principal()
    require_fresh(me)
    wanted = Wanted(
        month=date.fromisoformat(f"{body['month']}-01"),
        community_id=body["community_id"],
        activity_id=body["activity_id"],
    )
    with transaction(me.tenant_id) as session:
        register = registers.export(session, wanted, me=me, form="json", now=clock.now())
    return {"register": register}
