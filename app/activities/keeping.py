"""What activities keep about a person."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.activities import enrolling, labels, letting_go
from app.activities.arrival_models import (
    Attendance,
    AttendanceList,
    AttendanceListLine,
    Feedback,
    RefusedScan,
)
from app.activities.kinds import WordsState
from app.activities.models import Activity, Enrolment
from app.activities.plan_models import ActivitySeries
from app.activities.proof_models import ServiceDocument, ServiceSlip
from app.core import clock
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
            "location_out": attendance.location_out,
            "way_in": attendance.way_in,
            "way_out": attendance.way_out,
            "in_by": attendance.in_by,
            "out_by": attendance.out_by,
            "note": attendance.note,
            "review": attendance.review,
            "reasons": "、".join(attendance.reasons),
            "decided_by": attendance.decided_by,
            "decided_at": attendance.decided_at,
            "decided_for": attendance.decided_for,
            "confirm_until": attendance.confirm_until,
        }


def _refused(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    query = sa.select(RefusedScan).where(RefusedScan.person_id == person_id)
    for row in session.scalars(query.order_by(RefusedScan.received_at, RefusedScan.id)):
        yield {
            "kind": row.kind,
            "reason": row.reason,
            "by": row.by_id,
            "device_time": row.device_time,
            "received_at": row.received_at,
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


def _lists(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    query = (
        sa.select(Activity.title, AttendanceList.printed_at, AttendanceListLine.number)
        .join(AttendanceList, AttendanceList.id == AttendanceListLine.list_id)
        .join(Activity, Activity.id == AttendanceList.activity_id)
        .where(AttendanceListLine.person_id == person_id)
        .order_by(AttendanceList.printed_at, AttendanceListLine.id)
    )
    for title, printed_at, number in session.execute(query):
        yield {"activity": title, "printed_at": printed_at, "number": number}


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
            "words_state": labels.WORDS[WordsState(row.words_state)],
            "looked_for": row.looked_for,
            "given_at": row.given_at,
            "answer": row.answer,
            "answered_at": row.answered_at,
            "thanked_at": row.thanked_at,
        }


def _slips(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    """What was asked of somebody as the one who was served, and what they said."""
    query = (
        sa.select(ServiceSlip, Activity.title)
        .join(Activity, Activity.id == ServiceSlip.activity_id)
        .where(ServiceSlip.person_id == person_id)
        .order_by(ServiceSlip.issued_at, ServiceSlip.id)
    )
    for slip, title in session.execute(query):
        yield {
            "activity": title,
            "called": slip.label,
            "served": slip.served,
            "answer": slip.answer,
            "answered_at": slip.answered_at,
            "words": slip.words,
        }


def _documents(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    query = (
        sa.select(ServiceDocument, Activity.title)
        .join(Activity, Activity.id == ServiceDocument.activity_id)
        .join(Attendance, Attendance.id == ServiceDocument.attendance_id)
        .where(Attendance.person_id == person_id)
        .order_by(ServiceDocument.uploaded_at, ServiceDocument.id)
    )
    for document, title in session.execute(query):
        yield {
            "activity": title,
            "title": document.title,
            "uploaded_at": document.uploaded_at,
            "state": document.state,
        }


def _forget_feedback(session: Session, person_id: UUID, _now: datetime) -> None:
    """That something was said and answered stays; in which words does not."""
    theirs = sa.update(Feedback).where(Feedback.person_id == person_id)
    shown = {"words_state": WordsState.SHOWN.value, "looked_for": ""}
    session.execute(theirs.values(words="", answer="", **shown))


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


def occupied(session: Session, unit_id: UUID, now: datetime) -> Iterator[str]:
    """What keeps a unit open: an activity that is not over and done, and plans of more."""
    there = sa.or_(Activity.community_id == unit_id, Activity.audience_unit_id == unit_id)
    undone = sa.select(Activity.title).where(
        there, Activity.state.not_in(["cancelled", "verified", "settled"])
    )
    if title := session.scalar(undone.order_by(Activity.starts_at, Activity.id).limit(1)):
        yield f"活动“{title}”还没有办完，请先取消，或办完后核实。"
    planned = sa.select(ActivitySeries.title).where(
        sa.or_(ActivitySeries.community_id == unit_id, ActivitySeries.audience_unit_id == unit_id),
        sa.or_(ActivitySeries.until_day.is_(None), ActivitySeries.until_day > clock.civil_day(now)),
    )
    if title := session.scalar(planned.order_by(ActivitySeries.title).limit(1)):
        yield f"系列活动“{title}”还没有到头，请先在全年计划里停下。"


KEEPINGS = (
    Keeping(
        key="attendances",
        title="参加活动的签到与签退",
        why="服务时长靠它计算和核对；别人替您办的，记下是谁、为什么；这里只记有没有提供位置",
        until="与账目同期保存；注销后只剩编号，看不出是谁",
        export=_attendances,
        pending=_pending,
    ),
    Keeping(
        key="refused_scans",
        own=False,
        title="没有成功的签到签退",
        why="查清楚为什么没签上，也防止冒签",
        until="保存半年",
        export=_refused,
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
        key="attendance_lists",
        title="印在签到表上的您那一行",
        why="没有手机的人在纸上签名，工作人员按行登记",
        until="与账目同期保存；注销后只剩编号，看不出是谁",
        export=_lists,
    ),
    Keeping(
        key="service_slips",
        title="请您确认服务的单子和您的答复",
        why="核实服务是不是真的做到了；怎么答复的只有社区里负责核对的人能看到",
        until="过期一年后删去称呼和您的话；注销时一并删去",
        export=_slips,
        forget=letting_go.forget_slips,
    ),
    Keeping(
        key="service_documents",
        title="关于您服务的凭证",
        why="有的服务要有凭证才计积分，由另一位工作人员核对",
        until="上传一年后删去文件，只留下记录；注销时一并删去",
        export=_documents,
        forget=letting_go.forget_documents,
    ),
    Keeping(
        key="feedback",
        title="您对活动的反馈和得到的回复",
        why="让组织者听到您的感受并回复您，只有这次活动的工作人员能看到；您写的话先交给微信审核内容，"
        "同时交给微信的只有您的微信账号编号，审核不了的由社区工作人员看",
        until="与账目同期保存；注销时删去您写的话和给您的回复",
        export=_feedback,
        forget=_forget_feedback,
    ),
)
