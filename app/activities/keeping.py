"""What activities keep about a person."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.activities import enrolling
from app.activities.arrival_models import Attendance, Feedback
from app.activities.models import Activity, Enrolment
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


def _feedback(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    query = (
        sa.select(Feedback, Activity.title)
        .join(Activity, Activity.id == Feedback.activity_id)
        .where(Feedback.person_id == person_id)
        .order_by(Feedback.id)
    )
    for row, title in session.execute(query):
        yield {
            "activity": title,
            "rating": row.rating,
            "words": row.words,
            "given_at": row.given_at,
            "answer": row.answer,
            "answered_at": row.answered_at,
            "thanked_at": row.thanked_at,
        }


def _forget_feedback(session: Session, person_id: UUID, _now: datetime) -> None:
    """That something was said and answered stays; in which words does not."""
    theirs = sa.update(Feedback).where(Feedback.person_id == person_id)
    session.execute(theirs.values(words="", answer=""))


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


def _give_back(session: Session, person_id: UUID, now: datetime) -> None:
    """Whoever is forgotten keeps nobody else from a place: theirs go to those who wait."""
    enrolling.leave_all(session, person_id, now=now)


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
        until="注销时让出名额；记录与账目同期保存，只剩编号，看不出是谁",
        export=_enrolments,
        forget=_give_back,
    ),
    Keeping(
        key="feedback",
        title="您对活动的反馈和得到的回复",
        why="让组织者听到您的感受并回复您，只有这次活动的工作人员能看到",
        until="与账目同期保存；注销时删去您写的话和给您的回复",
        export=_feedback,
        forget=_forget_feedback,
    ),
)
