"""Confirmation slips, what was answered, and documents, over HTTP."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response, request
from sqlalchemy.orm import Session

from app.activities import confirming, denials, documents, served, slips
from app.activities import jobs as activity_jobs
from app.activities.confirming import Caller, Said
from app.activities.denials import Verdict
from app.activities.documents import Brought
from app.activities.errors import SlipUnknown
from app.activities.proof_models import ServiceSlip
from app.activities.proof_schemas import (
    CallRequest,
    ClaimedAnswer,
    CodeRequest,
    DenialsAnswer,
    DocumentAnswer,
    DocumentRequest,
    DocumentsAnswer,
    FindingRequest,
    FoundAnswer,
    ServedRequest,
    SlipAnswer,
    SlipReasonRequest,
    SlipsAnswer,
    SlipsRequest,
)
from app.activities.slip_edge import caller_in, desk_of, file_answer, slips_address
from app.activities.slips import Desk, Wanted
from app.core import clock
from app.core.db import transaction
from app.core.doors import public, takes_file
from app.core.http import ApiBlueprint
from app.core.queue import ring_after_commit
from app.identity import units
from app.identity.access import current_principal, requires
from app.identity.roles import Permission

bp = ApiBlueprint("proofs", __name__, description="服务对象确认与凭证")

MOST_SHOWN = 100


@bp.post("/activities/<uuid:activity_id>/service-slips")
@requires(Permission.ACTIVITY_VERIFY)
@bp.takes(SlipsRequest)
@bp.gives(201, SlipsAnswer)
def issue_service_slips(body: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """Issue slips by which those who are served say, without an account, whether it is so."""
    desk, wanted = desk_of(current_principal()), [Wanted(**one) for one in body["slips"]]
    with transaction(desk.me.tenant_id) as session:
        rows = slips.issue(session, activity_id, wanted, desk=desk)
        return {"items": _bodies(session, rows, desk)}


@bp.get("/activities/<uuid:activity_id>/service-slips")
@requires(Permission.ACTIVITY_VERIFY)
@bp.gives(200, SlipsAnswer)
def list_service_slips(activity_id: UUID) -> dict[str, Any]:
    """The slips of an activity: whether each was answered, never what was answered."""
    desk = desk_of(current_principal())
    with transaction(desk.me.tenant_id) as session:
        slips.activity_for(session, activity_id, me=desk.me)
        return {"items": _bodies(session, slips.list_of(session, activity_id), desk)}


@bp.post("/service-slips/<uuid:slip_id>/revocation")
@requires(Permission.ACTIVITY_VERIFY)
@bp.takes(SlipReasonRequest)
@bp.gives(201, SlipAnswer)
def revoke_service_slip(body: dict[str, Any], slip_id: UUID) -> dict[str, Any]:
    """Let a slip be good for nothing from now on, with a reason."""
    desk = desk_of(current_principal())
    with transaction(desk.me.tenant_id) as session:
        slip = slips.revoke(session, slip_id, reason=body["reason"], desk=desk)
        return {"slip": _bodies(session, [slip], desk)[0]}


@bp.post("/service-slips/<uuid:slip_id>/replacement")
@requires(Permission.ACTIVITY_VERIFY)
@bp.takes(SlipReasonRequest)
@bp.gives(201, SlipAnswer)
def reissue_service_slip(body: dict[str, Any], slip_id: UUID) -> dict[str, Any]:
    """Put a slip with another code in the place of one that was lost, with a reason."""
    desk = desk_of(current_principal())
    with transaction(desk.me.tenant_id) as session:
        slip = slips.reissue(session, slip_id, reason=body["reason"], desk=desk)
        return {"slip": _bodies(session, [slip], desk)[0]}


@bp.post("/service-slips/<uuid:slip_id>/call")
@requires(Permission.ACTIVITY_VERIFY)
@bp.takes(CallRequest)
@bp.gives(201, SlipAnswer)
def take_service_call(body: dict[str, Any], slip_id: UUID) -> dict[str, Any]:
    """Write down what somebody said by telephone. Nobody calls who had a part in the activity."""
    desk, said = desk_of(current_principal()), Said(answer=body["answer"], words=body["words"])
    with transaction(desk.me.tenant_id) as session:
        ring_after_commit(session, activity_jobs.go_on)
        slip, _activity = slips.slip_for(session, slip_id, me=desk.me)
        confirming.take_call(session, slip, said, why=body["reason"], desk=desk)
        return {"slip": _bodies(session, [slip], desk)[0]}


@bp.post("/service-slips/reading")
@public
@bp.takes(CodeRequest)
@bp.gives(200, ClaimedAnswer)
def read_service_slip(body: dict[str, Any]) -> dict[str, Any]:
    """What the slip of a code says was done. The code is all one needs."""
    caller, tenant_id = _caller(body)
    with transaction(tenant_id) as session:
        claimed = confirming.look(session, caller)
        organiser = units.names_of(session, {claimed.activity.community_id})
    return served.claimed_body(claimed, *organiser.values())


@bp.post("/service-slips/answer")
@public
@bp.takes(ServedRequest)
@bp.gives(201, ClaimedAnswer)
def answer_service_slip(body: dict[str, Any]) -> dict[str, Any]:
    """Say whether the service was given. The first answer counts; a later one is told the same."""
    caller, tenant_id = _caller(body)
    said = Said(answer=body["answer"], words=body["words"])
    with transaction(tenant_id) as session:
        ring_after_commit(session, activity_jobs.go_on)
        claimed = confirming.answer(session, caller, said)
        organiser = units.names_of(session, {claimed.activity.community_id})
    return served.claimed_body(claimed, *organiser.values())


@bp.get("/service-denials")
@requires(Permission.ACTIVITY_REVIEW)
@bp.gives(200, DenialsAnswer)
def list_service_denials() -> dict[str, Any]:
    """Denials that nobody has looked into, the oldest first; none of one's own activities."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        rows = denials.list_open(session, me=me, limit=MOST_SHOWN)
    return {"items": [one.as_body() for one in rows]}


@bp.post("/service-denials/<uuid:slip_id>/decision")
@requires(Permission.ACTIVITY_REVIEW)
@bp.takes(FindingRequest)
@bp.gives(201, FoundAnswer)
def decide_service_denial(body: dict[str, Any], slip_id: UUID) -> ServiceSlip:
    """Say what was found. Where there was no service, what it brought is taken back."""
    me, verdict = current_principal(), Verdict(slip_id=slip_id, **body)
    with transaction(me.tenant_id) as session:
        return denials.decide(session, verdict, me=me, now=clock.now())


@bp.post("/activities/<uuid:activity_id>/documents")
@takes_file(documents.MOST_BYTES)
@requires(Permission.ACTIVITY_VERIFY)
@bp.takes(DocumentRequest, location="query")
@bp.gives(201, DocumentAnswer)
def attach_document(query: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """Keep a photo or a PDF, as it is in the body, for somebody else to accept."""
    me, now = current_principal(), clock.now()
    brought = Brought(content=request.get_data(cache=False), **query)
    with transaction(me.tenant_id) as session:
        return {"document": documents.attach(session, activity_id, brought, me=me, now=now)}


@bp.get("/activities/<uuid:activity_id>/documents")
@requires(Permission.ACTIVITY_VERIFY)
@bp.gives(200, DocumentsAnswer)
def list_documents(activity_id: UUID) -> dict[str, Any]:
    """The documents of an activity."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        slips.activity_for(session, activity_id, me=me)
        return {"items": documents.list_of(session, activity_id)}


@bp.get("/documents/<uuid:document_id>")
@requires(Permission.ACTIVITY_VERIFY)
@bp.draws("image/jpeg", "application/pdf")
def get_document(document_id: UUID) -> Response:
    """What is in a document, for staff of its activity."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        return file_answer(documents.read(session, document_id, me=me))


@bp.post("/documents/<uuid:document_id>/acceptance")
@requires(Permission.ACTIVITY_VERIFY)
@bp.takes(SlipReasonRequest)
@bp.gives(201, DocumentAnswer)
def accept_document(_body: dict[str, Any], document_id: UUID) -> dict[str, Any]:
    """Accept a document that somebody else brought: what waited for it goes on."""
    return _decided(document_id, refused_for=None)


@bp.post("/documents/<uuid:document_id>/refusal")
@requires(Permission.ACTIVITY_VERIFY)
@bp.takes(SlipReasonRequest)
@bp.gives(201, DocumentAnswer)
def refuse_document(body: dict[str, Any], document_id: UUID) -> dict[str, Any]:
    """Refuse a document, with a reason that whoever brought it reads."""
    return _decided(document_id, refused_for=body["reason"])


def _decided(document_id: UUID, *, refused_for: str | None) -> dict[str, Any]:
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        ring_after_commit(session, activity_jobs.go_on)
        row = documents.decide(session, document_id, refused_for=refused_for, me=me, now=now)
        return {"document": row}


def _bodies(session: Session, rows: Sequence[ServiceSlip], desk: Desk) -> list[dict[str, Any]]:
    base = slips_address(session, desk.me.tenant_id)
    return [served.body_of(one, desk.codes, base=base, now=desk.now) for one in rows]


def _caller(body: dict[str, Any]) -> tuple[Caller, int]:
    with transaction(None) as session:
        found = caller_in(session, body["city"], body["code"])
    if found is None:
        raise SlipUnknown(confirming.NO_SUCH_CODE)
    return found
