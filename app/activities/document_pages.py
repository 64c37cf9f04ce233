"""凭证 of an activity: brought by one member of staff, looked at by another."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.activities import documents, labels, slips
from app.activities import jobs as activity_jobs
from app.activities.documents import Brought
from app.activities.errors import DocumentRefused
from app.activities.slip_edge import file_answer
from app.activities.ways import Paper
from app.core import clock, edges
from app.core.clock import civil_text
from app.core.db import transaction
from app.core.doors import takes_file
from app.core.errors import DomainError, NotFound
from app.core.forms import id_in, text_in
from app.core.problems import shown_on
from app.core.queue import ring_after_commit
from app.identity import queries as identity
from app.identity.access import current_principal, lead_on, page_requires
from app.identity.roles import Permission

bp = Blueprint("document_pages", __name__, template_folder="templates")

STATES = {Paper.WAITING: "待核对", Paper.ACCEPTED: "已核对", Paper.REFUSED: "未通过"}


@bp.get("/staff/activities/<uuid:activity_id>/documents")
@page_requires(Permission.ACTIVITY_VERIFY)
def show_documents(activity_id: UUID) -> ResponseReturnValue:
    """The documents of an activity, and a form for one more."""
    return _page(activity_id)


@bp.post("/staff/activities/<uuid:activity_id>/documents")
@page_requires(Permission.ACTIVITY_VERIFY)
@takes_file(documents.MOST_BYTES)
def attach_document(activity_id: UUID) -> ResponseReturnValue:
    """Keep a photo or a PDF."""
    me, now = current_principal(), clock.now()

    def deed(session: Session) -> None:
        title = text_in("title", most=60, needed="请写明这是什么凭证，例如“义诊登记表”。")
        uploaded = request.files.get("file")
        if uploaded is None or not uploaded.filename:
            raise DocumentRefused("请先选一张照片或一个 PDF。")
        content = uploaded.stream.read(documents.MOST_BYTES + 1)
        brought = Brought(content=content, title=title, attendance_id=id_in("attendance_id"))
        documents.attach(session, activity_id, brought, me=me, now=now)

    return _done(activity_id, deed)


@bp.get("/staff/documents/<uuid:document_id>")
@page_requires(Permission.ACTIVITY_VERIFY)
def show_document(document_id: UUID) -> Response:
    """What is in one."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        return file_answer(documents.read(session, document_id, me=me))


@bp.post("/staff/documents/<uuid:document_id>")
@page_requires(Permission.ACTIVITY_VERIFY)
def decide_document(document_id: UUID) -> ResponseReturnValue:
    """Accept one, or refuse it with a reason."""
    me, now = current_principal(), clock.now()
    accepted = request.form.get("decision") == "accept"
    with transaction(me.tenant_id) as session:
        activity_id = documents.activity_of(session, document_id, me=me)

    def deed(session: Session) -> None:
        reason = None if accepted else text_in("reason", most=200)
        ring_after_commit(session, activity_jobs.go_on)
        documents.decide(session, document_id, refused_for=reason, me=me, now=now)

    return _done(activity_id, deed)


def _done(activity_id: UUID, deed: Callable[[Session], None]) -> ResponseReturnValue:
    try:
        with transaction(current_principal().tenant_id) as session:
            deed(session)
    except NotFound:
        raise
    except DomainError as refusal:
        return shown_on(_page(activity_id, problem=refusal.detail), refusal)
    edges.note_done()
    return lead_on(f"/staff/activities/{activity_id}/documents")


def _page(activity_id: UUID, *, problem: str | None = None) -> str:
    me = current_principal()
    with transaction(me.tenant_id) as session:
        activity = slips.activity_for(session, activity_id, me=me)
        rows = documents.list_of(session, activity_id)
        names = identity.names_of(session, {one.uploaded_by for one in rows})
    return render_template(
        "activities/documents.html",
        activity={
            "id": str(activity.id),
            "title": activity.title,
            "when": labels.when(activity, me.zone),
        },
        documents=[
            {
                "id": str(one.id),
                "title": one.title,
                "picture": one.media_type.startswith("image/"),
                "there": one.let_go_at is None,
                "state": one.state,
                "state_label": STATES[Paper(one.state)],
                "by": names.get(one.uploaded_by, ""),
                "own": one.uploaded_by == me.person_id,
                "at": civil_text(one.uploaded_at, me.zone),
                "why": one.decided_for,
            }
            for one in rows
        ],
        given=request.form,
        problem=problem,
        just_done=edges.just_done(),
    )
