"""What slips and documents say of people goes a year later; that there was one stays."""

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.activities.arrival_models import Attendance
from app.activities.proof_models import ServiceDocument, ServiceSlip

KEPT = timedelta(days=365)
CLEARED = "已清除 "  # and which, so that no two are called alike


def forget_proofs(session: Session, *, now: datetime, limit: int) -> int:
    """Let go of some slips' words and some documents' contents; how many.

    A denial that nobody has looked into keeps its words until somebody has.
    """
    undecided = (ServiceSlip.answer == "denied") & ServiceSlip.finding.is_(None)
    slips = sa.select(ServiceSlip.id).where(
        ServiceSlip.valid_until < now - KEPT,
        sa.not_(sa.func.coalesce(undecided, sa.false())),
        ServiceSlip.label.not_like(f"{CLEARED}%"),
    )
    papers = sa.select(ServiceDocument.id).where(
        ServiceDocument.uploaded_at < now - KEPT, ServiceDocument.let_go_at.is_(None)
    )
    gone = len(_clear_slips(session, slips.limit(limit)))
    return gone + len(_clear_documents(session, papers.limit(limit), now=now))


def forget_slips(session: Session, person_id: UUID, _now: datetime) -> None:
    """What slips say of somebody who leaves."""
    _clear_slips(session, sa.select(ServiceSlip.id).where(ServiceSlip.person_id == person_id))


def forget_documents(session: Session, person_id: UUID, now: datetime) -> None:
    """The documents about somebody who leaves."""
    own = sa.select(Attendance.id).where(Attendance.person_id == person_id)
    papers = sa.select(ServiceDocument.id).where(
        ServiceDocument.attendance_id.in_(own), ServiceDocument.let_go_at.is_(None)
    )
    _clear_documents(session, papers, now=now)


def _clear_slips(session: Session, which: sa.Select[UUID]) -> list[UUID]:
    cleared = sa.update(ServiceSlip).where(ServiceSlip.id.in_(which))
    label = sa.literal(CLEARED) + sa.cast(ServiceSlip.id, sa.Text)
    said = cleared.values(label=label, served="", words="", person_id=None)
    gone = said.returning(ServiceSlip.id).execution_options(synchronize_session=False)
    return list(session.scalars(gone))


def _clear_documents(session: Session, which: sa.Select[UUID], *, now: datetime) -> list[UUID]:
    cleared = sa.update(ServiceDocument).where(ServiceDocument.id.in_(which))
    said = cleared.values(content=None, title=CLEARED.strip(), let_go_at=now)
    gone = said.returning(ServiceDocument.id).execution_options(synchronize_session=False)
    return list(session.scalars(gone))
