"""Looking at what looked odd: attendances that wait until somebody approves or rejects them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.activities import anomalies, insiders, proofs, reporting
from app.activities.arrival_models import Attendance
from app.activities.errors import AlreadyDecided, AttendanceUnknown, OwnAttendance
from app.activities.models import Activity
from app.activities.ways import Review, Way
from app.core import audit
from app.core.db import get
from app.core.telling import Telling, notify
from app.identity import queries as identity
from app.identity.roles import Permission, Principal
from app.organisation import queries as organisation
from app.organisation.errors import ReasonNeeded

BY = Permission.ACTIVITY_VERIFY
UNKNOWN = "没有找到这条待确认的记录，请刷新后查看。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What somebody makes of it; a rejection says why."""

    attendance_id: UUID
    approved: bool
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubtful:
    """An attendance that waits, of whom, at which activity, and why."""

    attendance: Attendance
    title: str
    name: str  # masked

    @property
    def reasons(self) -> list[str]:
        return anomalies.said(self.attendance.reasons)

    def as_body(self) -> dict[str, Any]:
        """As an answer has it."""
        one = self.attendance
        return {
            "id": one.id,
            "activity_id": one.activity_id,
            "title": self.title,
            "name": self.name,
            "checked_in_at": one.checked_in_at,
            "checked_out_at": one.checked_out_at,
            "minutes": one.minutes,
            "reasons": self.reasons,
        }


def list_doubtful(session: Session, *, me: Principal, limit: int) -> Sequence[Doubtful]:
    """What waits in the communities that somebody looks after, the longest waiting first."""
    communities = organisation.communities_under(session, me.units_with(BY))
    query = (
        sa.select(Attendance, Activity.title)
        .join(Activity, Activity.id == Attendance.activity_id)
        .where(Attendance.review == Review.PENDING.value, Activity.community_id.in_(communities))
        .order_by(Attendance.checked_in_at, Attendance.id)
        .limit(limit)
    )
    rows = session.execute(query).all()
    names = identity.names_of(session, {row.Attendance.person_id for row in rows})
    return [
        Doubtful(
            attendance=row.Attendance, title=row.title, name=names.get(row.Attendance.person_id, "")
        )
        for row in rows
    ]


def decide(session: Session, verdict: Verdict, *, me: Principal, now: datetime) -> Attendance:
    """Approve, and let it count; or reject, and say why to whom it is about.

    Nobody decides about themself, nor about what they have recorded afterwards for others, nor
    about a service that was denied and in which they had a part.
    """
    attendance = get(session, Attendance, verdict.attendance_id, lock=True)
    activity = get(session, Activity, attendance.activity_id) if attendance else None
    path = organisation.path_of(session, activity.community_id) if activity else ()
    if attendance is None or activity is None or not me.may(BY, path):
        raise AttendanceUnknown(UNKNOWN)
    if attendance.review != Review.PENDING:
        raise AlreadyDecided("这条记录已经有人确认过了，请刷新后查看。")
    _check_another(session, attendance, activity, me=me)
    if not verdict.approved and not verdict.reason:
        raise ReasonNeeded("不通过要写明原因，本人会看到。", errors={"reason": ["必填"]})
    attendance.review = (Review.APPROVED if verdict.approved else Review.REJECTED).value
    attendance.decided_by, attendance.decided_at = me.person_id, now
    attendance.decided_for = verdict.reason
    session.flush()
    if attendance.state == "checked_out":
        reporting.report(session, attendance, activity, zone=me.zone, received_at=now)
    _tell(session, attendance, activity, me=me, path=path, now=now)
    return attendance


def _check_another(
    session: Session, attendance: Attendance, activity: Activity, *, me: Principal
) -> None:
    if attendance.person_id == me.person_id:
        raise OwnAttendance("不能确认自己的签到，请另一位工作人员处理。")
    if attendance.way_in == Way.BACKFILL and attendance.in_by == me.person_id:
        raise OwnAttendance("补录要由另一位工作人员确认，您录的请别人来看。")
    if anomalies.DENIED in attendance.reasons and insiders.is_of(session, activity, me.person_id):
        raise OwnAttendance("这次服务要由没有参与这个活动的工作人员核对，请转给另一位同事。")
    if anomalies.DENIED not in attendance.reasons and proofs.of(session, attendance).denied:
        raise AlreadyDecided("这条记录刚刚有了新情况，请刷新后再看。")


def _tell(
    session: Session,
    attendance: Attendance,
    activity: Activity,
    *,
    me: Principal,
    path: Collection[UUID],
    now: datetime,
) -> None:
    audit.record(
        session,
        actor=me.actor(BY, path),
        action=f"attendance.{attendance.review}",
        subject=("attendance", attendance.id),
        scope=activity.community_id,
        at=now,
        changed={"review": (Review.PENDING.value, str(attendance.review))},
    )
    telling = Telling(
        person_id=attendance.person_id,
        template=f"attendance_{attendance.review}",
        about=f"attendance:{attendance.id}:{now.isoformat()}",
        words={"title": activity.title, "reason": attendance.decided_for},
        path=f"/activities/{activity.id}",
    )
    notify(session, telling, now=now)
