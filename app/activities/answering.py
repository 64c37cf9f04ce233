"""反馈得到: who came says how it was; the organisers thank them, and answer what they said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.activities import queries, services
from app.activities.arrival_models import Attendance, Feedback
from app.activities.errors import (
    NO_ACTIVITY,
    ActivityUnknown,
    FeedbackAnswered,
    FeedbackLate,
    FeedbackUnknown,
    NobodyToThank,
    NotAttended,
    OwnFeedback,
)
from app.activities.kinds import WordsState
from app.activities.models import Activity
from app.activities.ways import Review
from app.core import audit, many
from app.core.db import claim, get, tenant_of
from app.core.ids import new_id
from app.core.telling import Telling, notify, notify_many
from app.identity.roles import Permission, Principal
from app.organisation import queries as organisation

BY = Permission.ACTIVITY_VERIFY
OPEN_FOR = timedelta(days=30)
LONGEST = 300
AT_ONCE = 2000
COUNTS = sa.and_(
    Attendance.state == "checked_out",
    sa.or_(Attendance.review.is_(None), Attendance.review == Review.APPROVED.value),
    Attendance.confirm_until.is_(None),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What somebody says of an activity: one to five stars, and words if they like."""

    activity_id: UUID
    rating: int
    words: str = ""


def give(session: Session, said: Said, *, me: Principal, now: datetime) -> Feedback:
    """Say how it was, or say it differently, until it is answered or thirty days are over."""
    activity = services.activity_of(session, said.activity_id)
    attendance = queries.get_attendance(session, person_id=me.person_id, activity_id=activity.id)
    _check_came(attendance, now)
    values = {"rating": said.rating, "given_at": now, **_words(said.words)}
    new = claim(session, Feedback, activity_id=activity.id, person_id=me.person_id, **values)
    if new is not None:
        return new
    row = of(session, activity.id, person_id=me.person_id, lock=True)
    assert row is not None  # it was in the way
    if row.answered_at is not None:
        raise FeedbackAnswered("组织者已经回复了您的反馈，不能再修改；还想说的请联系社区。")
    if said.words == row.words:
        values = {"rating": said.rating, "given_at": now}
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()
    return row


def _words(words: str) -> dict[str, Any]:
    """New words, which nobody has looked at."""
    state = WordsState.CHECKING if words else WordsState.SHOWN
    unseen = {"looked_by": None, "looked_at": None, "looked_for": ""}
    return {"words": words, "words_state": state.value, **unseen}


def readable(row: Feedback) -> str:
    """The words as others may read them: none, as long as they are not shown."""
    return row.words if row.words_state == WordsState.SHOWN else ""


def answer(
    session: Session, feedback_id: UUID, *, text: str, me: Principal, now: datetime
) -> Feedback:
    """Answer once what somebody else said; they are told that there is an answer."""
    row = get(session, Feedback, feedback_id, lock=True)
    activity = get(session, Activity, row.activity_id) if row else None
    path = organisation.path_of(session, activity.community_id) if activity else ()
    known = row is not None and row.given_at is not None
    if row is None or activity is None or not known or not me.may(BY, path):
        raise FeedbackUnknown("没有找到这条反馈，请刷新后查看。")
    if row.answered_at is not None:
        raise FeedbackAnswered("这条反馈已经有人回复过了，请刷新后查看。")
    if row.person_id == me.person_id:
        raise OwnFeedback("不能回复自己的反馈，请另一位工作人员处理。")
    row.answer, row.answered_by, row.answered_at = text, me.person_id, now
    session.flush()
    _record(session, activity, me=me, what=("feedback.answer", "feedback", row.id), at=now)
    telling = Telling(
        person_id=row.person_id,
        template="feedback_answered",
        about=f"feedback:{row.id}",
        words={"title": activity.title},
        path=f"/activities/{activity.id}/feedback",
    )
    notify(session, telling, now=now)
    return row


def thank_all(session: Session, activity_id: UUID, *, me: Principal, now: datetime) -> int:
    """Thank everybody whose time counts and who was not thanked; how many. None is told twice."""
    activity = led(session, activity_id, me=me, lock=True)
    people = session.execute(
        _to_thank(activity.id, me).order_by(Attendance.person_id).limit(AT_ONCE)
    ).all()
    if not people:
        raise NobodyToThank("来过的人都已经感谢过了；新签退的人确认后可以再点。")
    rows = [
        {
            "tenant_id": tenant_of(session),
            "id": new_id(),
            "activity_id": activity.id,
            "person_id": one.person_id,
            "thanked_by": me.person_id,
            "thanked_at": now,
        }
        for one in people
    ]
    new = many.inserting(Feedback, rows)
    session.execute(
        new.on_conflict_do_update(
            index_elements=["tenant_id", "activity_id", "person_id"],
            set_={"thanked_by": new.excluded.thanked_by, "thanked_at": new.excluded.thanked_at},
        )
    )
    notify_many(session, [_thanks(activity, one) for one in people], now=now)
    _record(session, activity, me=me, what=("activity.thank", "activity", activity.id), at=now)
    return len(people)


def led(session: Session, activity_id: UUID, *, me: Principal, lock: bool = False) -> Activity:
    """An activity whose people one may thank and answer; another does not exist."""
    found = queries.own_activity if lock else queries.get_activity
    activity = found(session, activity_id)
    path = organisation.path_of(session, activity.community_id) if activity else ()
    if activity is None or not me.may(BY, path):
        raise ActivityUnknown(NO_ACTIVITY)
    return activity


def of(
    session: Session, activity_id: UUID, *, person_id: UUID, lock: bool = False
) -> Feedback | None:
    """What was said between one person and the organisers of an activity."""
    query = sa.select(Feedback).filter_by(activity_id=activity_id, person_id=person_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalar(query)


def list_given(
    session: Session, activity_id: UUID, *, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Feedback]:
    """What people said of an activity, by when they said it."""
    query = sa.select(Feedback).where(
        Feedback.activity_id == activity_id, Feedback.given_at.is_not(None)
    )
    if after is not None:
        query = query.where(sa.tuple_(Feedback.given_at, Feedback.id) > sa.tuple_(*after))
    return session.scalars(query.order_by(Feedback.given_at, Feedback.id).limit(limit)).all()


def count_to_thank(session: Session, activity_id: UUID, *, me: Principal) -> int:
    """How many came, count, and were not thanked yet."""
    waiting = _to_thank(activity_id, me).subquery()
    return session.scalar(sa.select(sa.func.count()).select_from(waiting)) or 0


def may_give(attendance: Attendance | None, now: datetime) -> bool:
    """Whether somebody may say how it was, as far as coming and time go."""
    return attendance is not None and _came(attendance) and not _is_late(attendance, now)


def _check_came(attendance: Attendance | None, now: datetime) -> None:
    if attendance is None or not _came(attendance):
        raise NotAttended("签到并签退过的人才能写反馈；如果您来过却没有记录，请联系现场负责人。")
    if _is_late(attendance, now):
        raise FeedbackLate("活动过去已经超过 30 天，不能再写反馈；还想说的请联系社区。")


def _came(attendance: Attendance) -> bool:
    return attendance.state == "checked_out" and attendance.review != Review.REJECTED


def _is_late(attendance: Attendance, now: datetime) -> bool:
    out = attendance.checked_out_at
    return out is not None and now >= out + OPEN_FOR


def _to_thank(activity_id: UUID, me: Principal) -> sa.Select[UUID, int | None]:
    """Of oneself nobody is thanked by themself."""
    thanked = sa.select(Feedback.id).where(
        Feedback.activity_id == Attendance.activity_id,
        Feedback.person_id == Attendance.person_id,
        Feedback.thanked_at.is_not(None),
    )
    return sa.select(Attendance.person_id, Attendance.minutes).where(
        Attendance.activity_id == activity_id,
        COUNTS,
        Attendance.person_id != me.person_id,
        ~thanked.exists(),
    )


def _thanks(activity: Activity, one: sa.Row[UUID, int | None]) -> Telling:
    return Telling(
        person_id=one.person_id,
        template="activity_thanks",
        about=f"activity:{activity.id}:thanks",
        words={"title": activity.title, "minutes": str(one.minutes)},
        path=f"/activities/{activity.id}/feedback",
    )


def _record(
    session: Session,
    activity: Activity,
    *,
    me: Principal,
    what: tuple[str, str, UUID],
    at: datetime,
) -> None:
    action, kind, subject_id = what
    audit.record(
        session,
        actor=me.actor(BY, organisation.path_of(session, activity.community_id)),
        action=action,
        subject=(kind, subject_id),
        scope=activity.community_id,
        at=at,
    )
