"""What there is to show for an attendance beside how somebody came and went."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.activities.arrival_models import Attendance
from app.activities.proof_models import ServiceDocument, ServiceSlip
from app.activities.ways import Answer, Evidence, Finding, Paper

Answered = TypeVar("Answered")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proofs:
    """Which evidence others brought, and whether somebody denies the service."""

    given: frozenset[Evidence] = frozenset()
    denied: bool = False


def served() -> sa.ColumnElement[bool]:
    """That whoever was served by an attendance has said so."""
    return _slips().where(ServiceSlip.answer == Answer.CONFIRMED.value).exists()


def denied() -> sa.ColumnElement[bool]:
    """That somebody said there was no such service, and nobody has found that there was."""
    stands = ServiceSlip.finding.is_distinct_from(Finding.STANDS.value)
    return _slips().where(ServiceSlip.answer == Answer.DENIED.value, stands).exists()


def undecided() -> sa.Select[UUID]:
    """The activities of which something was denied that nobody has looked into: few."""
    return sa.select(ServiceSlip.activity_id).where(
        ServiceSlip.answer == Answer.DENIED.value, ServiceSlip.finding.is_(None)
    )


def documented() -> sa.ColumnElement[bool]:
    """That a document about an attendance was accepted."""
    papers = sa.select(ServiceDocument.id).where(
        ServiceDocument.tenant_id == Attendance.tenant_id,
        ServiceDocument.activity_id == Attendance.activity_id,
        ServiceDocument.attendance_id.is_(None) | (ServiceDocument.attendance_id == Attendance.id),
        ServiceDocument.state == Paper.ACCEPTED.value,
    )
    return papers.exists()


def covered_by(slip: ServiceSlip) -> Collection[sa.ColumnElement[bool]]:
    """The attendances a slip stands for: all of its activity where it names none."""
    of_it = [Attendance.activity_id == slip.activity_id]
    return [*of_it, Attendance.id.in_(slip.attendance_ids)] if slip.attendance_ids else of_it


def of(session: Session, attendance: Attendance) -> Proofs:
    """What there is for an attendance that was written down, in one question."""
    return with_answer(session, attendance, sa.null())[0]


def with_answer(
    session: Session, attendance: Attendance, also: sa.ColumnElement[Answered]
) -> tuple[Proofs, Answered]:
    """The same, with the answer to another question about it."""
    session.flush()
    asked = sa.select(served(), documented(), denied(), also).where(Attendance.id == attendance.id)
    row = session.execute(asked.select_from(Attendance)).one()
    by_people, by_paper, is_denied, answer = row
    given = {Evidence.SERVED: by_people, Evidence.DOCUMENT: by_paper}
    found = frozenset(one for one, there in given.items() if there)
    return Proofs(given=found, denied=is_denied), answer


def _slips() -> sa.Select[UUID]:
    """The slips that stand for an attendance; of their columns the worker may read a few."""
    everybody = sa.func.cardinality(ServiceSlip.attendance_ids) == 0
    return sa.select(ServiceSlip.id).where(
        ServiceSlip.tenant_id == Attendance.tenant_id,
        ServiceSlip.activity_id == Attendance.activity_id,
        everybody | (Attendance.id == sa.any_(ServiceSlip.attendance_ids)),
    )
