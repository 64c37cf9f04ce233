"""凭证: photos and PDFs that show a service, brought by one and accepted by another."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from app.activities import queries
from app.activities.arrival_models import Attendance
from app.activities.errors import (
    AttendanceUnknown,
    DocumentDecided,
    DocumentRefused,
    DocumentThere,
    DocumentUnknown,
    OwnDocument,
)
from app.activities.models import Activity
from app.activities.proof_models import ServiceDocument
from app.activities.slips import activity_for
from app.activities.ways import Paper
from app.core import audit, pictures
from app.core.db import claim, get
from app.identity.roles import Permission, Principal
from app.organisation import queries as organisation
from app.organisation.errors import ReasonNeeded

BY = Permission.ACTIVITY_VERIFY
MOST_BYTES = pictures.MOST_BYTES
PDF_BYTES = 2 * 1024 * 1024
PDF = "application/pdf"
PDF_BEGINS, PDF_ENDS, TAIL = b"%PDF-", b"%%EOF", 1024
# What a document on paper never needs: programs, files inside, doors to elsewhere.
ACTIVE = (b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile", b"/OpenAction", b"/AA", b"/XFA")
NO_DOCUMENT = "没有找到这份凭证，请刷新后查看。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A file as it came, what it is called, and whom of the activity it is about."""

    content: bytes
    title: str
    attendance_id: UUID | None = None


def attach(
    session: Session, activity_id: UUID, brought: Brought, *, me: Principal, now: datetime
) -> ServiceDocument:
    """Keep a document of an activity, for somebody else to accept.

    A photo is drawn anew, so that nothing is left in it of where and by whom it was taken.
    """
    activity = activity_for(session, activity_id, me=me)
    if brought.attendance_id is not None:
        attendance = get(session, Attendance, brought.attendance_id)
        if attendance is None or attendance.activity_id != activity.id:
            raise AttendanceUnknown("没有找到这条签到记录，请刷新后重新选。")
    content, media_type = kept(brought.content)
    document = claim(
        session,
        ServiceDocument,
        activity_id=activity.id,
        attendance_id=brought.attendance_id,
        title=brought.title,
        media_type=media_type,
        content=content,
        digest=hashlib.sha256(content).hexdigest(),
        uploaded_by=me.person_id,
        uploaded_at=now,
        state=Paper.WAITING.value,
    )
    if document is None:
        raise DocumentThere("同一份凭证已经在这里了，不用再传。")
    _note(session, activity, document, me=me, action="service_document.attach", at=now)
    return document


def kept(content: bytes) -> tuple[bytes, str]:
    """What is kept of a file, and its kind; raises `DocumentRefused` or `PhotoRefused`."""
    if not content.startswith(PDF_BEGINS):
        drawn, _size = pictures.redrawn(content)
        return drawn, pictures.MEDIA_TYPE
    if len(content) > PDF_BYTES:
        raise DocumentRefused("PDF 不能超过 2 MB，请压缩后再传，或拍成照片。")
    if PDF_ENDS not in content[-TAIL:]:
        raise DocumentRefused("这个 PDF 不完整，请重新导出后再传。")
    if any(word in content for word in ACTIVE):
        raise DocumentRefused("这个 PDF 里带有程序或附件，请打印成普通 PDF，或拍成照片再传。")
    return content, PDF


def list_of(session: Session, activity_id: UUID) -> Sequence[ServiceDocument]:
    """The documents of an activity, without what is in them."""
    query = sa.select(ServiceDocument).where(ServiceDocument.activity_id == activity_id)
    return session.scalars(query.order_by(ServiceDocument.uploaded_at, ServiceDocument.id)).all()


def read(session: Session, document_id: UUID, *, me: Principal) -> ServiceDocument:
    """A document with what is in it, for staff of its activity; what was let go of is not there."""
    query = sa.select(ServiceDocument).where(ServiceDocument.id == document_id)
    document = session.scalar(query.options(undefer(ServiceDocument.content)))
    _within_reach(session, document, me)
    assert document is not None  # it is within reach
    if document.content is None:
        raise DocumentUnknown("这份凭证已经过了保存期，只留下了记录。")
    return document


def activity_of(session: Session, document_id: UUID, *, me: Principal) -> UUID:
    """The activity of a document within reach."""
    return _within_reach(session, get(session, ServiceDocument, document_id), me).id


def decide(
    session: Session, document_id: UUID, *, refused_for: str | None, me: Principal, now: datetime
) -> ServiceDocument:
    """Accept a document, or with a reason refuse it. Nobody does it with their own.

    Nor does somebody it is about. Attendances follow by themselves.
    """
    document = get(session, ServiceDocument, document_id, lock=True)
    activity = _within_reach(session, document, me)
    assert document is not None  # it is within reach
    if document.state != Paper.WAITING:
        raise DocumentDecided("这份凭证已经有人核对过了，请刷新后查看。")
    if document.uploaded_by == me.person_id or _was_there(session, activity, me):
        raise OwnDocument("上传的人和参加的人不能核对凭证，请另一位工作人员来看。")
    if refused_for == "":
        raise ReasonNeeded("不通过要写明原因，上传的人会看到。", errors={"reason": ["必填"]})
    document.state = (Paper.ACCEPTED if refused_for is None else Paper.REFUSED).value
    document.decided_by, document.decided_at = me.person_id, now
    document.decided_for = refused_for or ""
    session.flush()
    action = f"service_document.{document.state}"
    _note(session, activity, document, me=me, action=action, at=now)
    return document


def _within_reach(session: Session, document: ServiceDocument | None, me: Principal) -> Activity:
    activity = queries.get_activity(session, document.activity_id) if document else None
    path = organisation.path_of(session, activity.community_id) if activity else ()
    if activity is None or not me.may(BY, path):
        raise DocumentUnknown(NO_DOCUMENT)
    return activity


def _was_there(session: Session, activity: Activity, me: Principal) -> bool:
    own = queries.get_attendance(session, person_id=me.person_id, activity_id=activity.id)
    return own is not None


def _note(
    session: Session,
    activity: Activity,
    document: ServiceDocument,
    *,
    me: Principal,
    action: str,
    at: datetime,
) -> None:
    path = organisation.path_of(session, activity.community_id)
    audit.record(
        session,
        actor=me.actor(BY, path),
        action=action,
        subject=("service_document", document.id),
        scope=activity.community_id,
        at=at,
        reason=document.decided_for,
    )
