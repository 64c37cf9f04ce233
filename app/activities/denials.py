"""Looking into a denial: by staff above the activity, who had no part in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.activities import anomalies, insiders, proofs
from app.activities.arrival_models import Attendance
from app.activities.errors import DenialDecided, NotSettledYet, OwnAttendance, SlipUnknown
from app.activities.models import Activity
from app.activities.proof_models import ServiceSlip
from app.activities.slips import NO_SLIP
from app.activities.ways import Answer, Finding, Review
from app.core import audit, clock
from app.core.db import get
from app.core.telling import Telling, notify
from app.identity.roles import Permission, Principal
from app.ledger import undoing
from app.ledger.undoing import Undoing
from app.organisation import queries as organisation
from app.organisation.errors import ReasonNeeded

BY = Permission.ACTIVITY_REVIEW


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """A slip by which somebody said no, at which activity, and what hangs on it."""

    slip: ServiceSlip
    activity: Activity
    waiting: int  # attendances that are not in the books yet
    counted: int  # those that are in the books already

    def as_body(self) -> dict[str, Any]:
        """As an answer has it."""
        return {
            "id": self.slip.id,
            "activity_id": self.activity.id,
            "title": self.activity.title,
            "label": self.slip.label,
            "answered_at": self.slip.answered_at,
            "by_call": self.slip.answered_by is not None,
            "words": self.slip.words,
            "waiting": self.waiting,
            "counted": self.counted,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What somebody found, and how."""

    slip_id: UUID
    finding: Finding
    reason: str


def list_open(session: Session, *, me: Principal, limit: int) -> list[Denial]:
    """Denials nobody has looked into, in the communities one looks after; the oldest first."""
    communities = organisation.communities_under(session, me.units_with(BY))
    query = (
        sa.select(ServiceSlip, Activity)
        .join(Activity, Activity.id == ServiceSlip.activity_id)
        .where(
            ServiceSlip.answer == Answer.DENIED.value,
            ServiceSlip.finding.is_(None),
            Activity.community_id.in_(communities),
        )
        .order_by(ServiceSlip.answered_at, ServiceSlip.id)
        .limit(limit)
    )
    rows = [(row[0], row[1]) for row in session.execute(query)]
    return [
        _denial(session, slip, activity)
        for slip, activity in rows
        if not insiders.is_of(session, activity, me.person_id)
    ]


def decide(session: Session, verdict: Verdict, *, me: Principal, now: datetime) -> ServiceSlip:
    """Write down what was found.

    Where there was no service, what it brought those who are in the books is taken back; whoever
    still waits is decided about one by one. Where there was, the denial is in nobody's way.
    """
    slip, activity = _to_decide(session, verdict, me=me)
    slip.finding, slip.decided_by = verdict.finding.value, me.person_id
    slip.decided_at, slip.decided_for = now, verdict.reason
    session.flush()
    if verdict.finding is Finding.STRUCK:
        for attendance in _lock_counted(session, slip):
            _strike(session, attendance, activity, me=me, reason=verdict.reason, now=now)
    path = organisation.path_of(session, activity.community_id)
    audit.record(
        session,
        actor=me.actor(BY, path),
        action=f"service_denial.{verdict.finding.value}",
        subject=("service_slip", slip.id),
        scope=activity.community_id,
        at=now,
        reason=verdict.reason,
    )
    return slip


def _to_decide(
    session: Session, verdict: Verdict, *, me: Principal
) -> tuple[ServiceSlip, Activity]:
    """The slip, held, if this member of staff may look into it and nobody has."""
    slip = get(session, ServiceSlip, verdict.slip_id, lock=True)
    denied = slip is not None and slip.answer == Answer.DENIED
    activity = get(session, Activity, slip.activity_id) if slip and denied else None
    path = organisation.path_of(session, activity.community_id) if activity else ()
    if slip is None or activity is None or not me.may(BY, path):
        raise SlipUnknown(NO_SLIP)
    if insiders.is_of(session, activity, me.person_id) or slip.answered_by == me.person_id:
        raise OwnAttendance("您参与过这个活动或接过这个电话，请另一位同事来核对。")
    if slip.finding is not None:
        raise DenialDecided("这条否认已经有人核对过了，请刷新后查看。")
    if not verdict.reason:
        raise ReasonNeeded("请写明怎么核对的、结果如何。", errors={"reason": ["必填"]})
    return slip, activity


def _denial(session: Session, slip: ServiceSlip, activity: Activity) -> Denial:
    rows = session.scalars(sa.select(Attendance).where(*proofs.covered_by(slip))).all()
    return Denial(
        slip=slip,
        activity=activity,
        waiting=sum(not row.counts and row.review != Review.REJECTED for row in rows),
        counted=sum(row.counts for row in rows),
    )


def _lock_counted(session: Session, slip: ServiceSlip) -> Sequence[Attendance]:
    query = sa.select(Attendance).where(*proofs.covered_by(slip)).order_by(Attendance.id)
    rows = session.scalars(
        query.with_for_update(key_share=True).execution_options(populate_existing=True)
    )
    return [row for row in rows if row.counts]


def _strike(
    session: Session,
    attendance: Attendance,
    activity: Activity,
    *,
    me: Principal,
    reason: str,
    now: datetime,
) -> None:
    """Take back what an attendance brought, tell its owner, and let it count no more."""
    undone = Undoing(
        person_id=attendance.person_id,
        source=f"attendance:{attendance.id}",
        actor_id=me.person_id,
        on=clock.civil_day(now, me.zone),
        reason=f"服务经核对不实：{reason}",
    )
    if not undoing.is_settled(session, undone):
        raise NotSettledYet("有的积分还在结算，请过一分钟再办。")
    attendance.reasons = anomalies.ordered([*attendance.reasons, anomalies.DENIED])
    attendance.review = Review.REJECTED.value
    attendance.decided_by, attendance.decided_at = me.person_id, now
    attendance.decided_for = reason
    session.flush()
    undoing.take_back(session, undone, now=now)
    notify(
        session,
        Telling(
            person_id=attendance.person_id,
            template="attendance_struck",
            about=f"attendance:{attendance.id}:struck",
            words={"title": activity.title, "reason": reason},
            path=f"/activities/{activity.id}",
        ),
        now=now,
    )
