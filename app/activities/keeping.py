"""What activities keep about a person."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.activities.models import Activity, Attendance, Enrolment
from app.core.keeping import Keeping


def _attendances(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    query = (
        sa.select(Attendance, Activity.title, Activity.starts_at)
        .join(Activity, Activity.id == Attendance.activity_id)
        .where(Attendance.person_id == person_id)
        .order_by(Attendance.checked_in_at, Attendance.id)
    )
    for attendance, title, starts_at in session.execute(query):
        yield {
            "activity": title,
            "starts_at": starts_at,
            "checked_in_at": attendance.checked_in_at,
            "checked_out_at": attendance.checked_out_at,
            "minutes": attendance.minutes,
            "location": attendance.location_in,
        }


def _enrolments(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    query = (
        sa.select(Activity.title, Activity.starts_at, Enrolment.state, Enrolment.enrolled_at)
        .join(Activity, Activity.id == Enrolment.activity_id)
        .where(Enrolment.person_id == person_id)
        .order_by(Enrolment.enrolled_at, Enrolment.id)
    )
    for title, starts_at, state, enrolled_at in session.execute(query):
        yield {
            "activity": title,
            "starts_at": starts_at,
            "state": state,
            "enrolled_at": enrolled_at,
        }


def _pending(session: Session, person_id: UUID, now: datetime) -> list[str]:
    """Who is there now leaves first: their time counts only when they have."""
    query = (
        sa.select(Activity.title)
        .join(Attendance, Attendance.activity_id == Activity.id)
        .where(
            Attendance.person_id == person_id,
            Attendance.state == "checked_in",
            Activity.ends_at > now,
        )
    )
    return [f"您正在参加“{title}”，请先签退。" for title in session.scalars(query)]


KEEPINGS = (
    Keeping(
        key="attendances",
        title="参加活动的签到与签退",
        why="服务时长靠它计算和核对；这里只记有没有提供位置",
        until="与账目同期保存；注销后只剩编号，看不出是谁",
        export=_attendances,
        pending=_pending,
    ),
    Keeping(
        key="enrolments",
        title="活动报名",
        why="为您留名额，方便组织者安排",
        until="与账目同期保存；注销后只剩编号，看不出是谁",
        export=_enrolments,
    ),
)
