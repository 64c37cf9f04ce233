"""From draft to settled: who may take an activity a step further, and what that does.

draft → in_review → published → verified → settled, and cancelled from each of the first three.
That a published one is enrolling, running or ended, the clock says, and nobody stores.
"""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.activities import announcing, queries, windows
from app.activities.errors import (
    NO_ACTIVITY,
    ActivityUnknown,
    DraftWrong,
    InsuranceMissing,
    NotOverYet,
    OwnAttendance,
    OwnDraft,
    ReviewTooLate,
    SomebodyCame,
    StateChanged,
)
from app.activities.kinds import CANCELLABLE, ActivityState, NoticeKind
from app.activities.models import Activity
from app.core import audit
from app.core.db import tenant_of
from app.identity.roles import Permission, Principal
from app.organisation import queries as organisation

State = ActivityState
CHANGED = "这个活动的状态已经变了，请刷新页面看看现在的情况。"
LONGEST_REASON = 200


def submit(session: Session, activity_id: UUID, *, me: Principal, now: datetime) -> Activity:
    """Ask somebody else to review a draft."""
    activity = _own(session, activity_id, me=me, by=Permission.ACTIVITY_PREPARE)
    _expect(activity, State.DRAFT)
    if activity.starts_at <= now:
        raise ReviewTooLate("活动开始时间已经过了，请先改时间再提交。")
    tasks = queries.tasks_of(session, [activity.id]).get(activity.id, [])
    if any(task.insured for task in tasks) and not activity.insurance_no.strip():
        raise InsuranceMissing("有岗位需要投保，请先填写保险单号再提交。")
    activity.submitted_by, activity.submitted_at = me.person_id, now
    activity.reviewed_by, activity.reviewed_at, activity.review_note = None, None, ""
    _go(session, activity, State.IN_REVIEW, me=me, by=Permission.ACTIVITY_PREPARE, now=now)
    return activity


def take_back(session: Session, activity_id: UUID, *, me: Principal, now: datetime) -> Activity:
    """Take a draft back before anybody has reviewed it, to write it differently."""
    activity = _own(session, activity_id, me=me, by=Permission.ACTIVITY_PREPARE)
    _expect(activity, State.IN_REVIEW)
    _go(session, activity, State.DRAFT, me=me, by=Permission.ACTIVITY_PREPARE, now=now)
    return activity


def publish(session: Session, activity_id: UUID, *, me: Principal, now: datetime) -> Activity:
    """Approve what somebody else has drafted and submitted: it is public, and people are told."""
    activity = _to_review(session, activity_id, me)
    if activity.starts_at <= now:
        raise ReviewTooLate("活动开始时间已经过了，请退回，改好时间再发布。")
    activity.reviewed_by, activity.reviewed_at, activity.published_at = me.person_id, now, now
    windows.fix(session, activity, zone=me.zone)
    _go(session, activity, State.PUBLISHED, me=me, by=Permission.ACTIVITY_REVIEW, now=now)
    announcing.start_telling(session, activity, NoticeKind.INVITATION, now=now)
    return activity


def give_back(
    session: Session, activity_id: UUID, *, note: str, me: Principal, now: datetime
) -> Activity:
    """Let a submitted draft be written differently, and say why."""
    _check_reason(note, "请写明要改什么，起草人会看到。")
    activity = _to_review(session, activity_id, me)
    activity.reviewed_by, activity.reviewed_at = me.person_id, now
    activity.review_note = note.strip()
    by = Permission.ACTIVITY_REVIEW
    _go(session, activity, State.DRAFT, me=me, by=by, now=now)
    return activity


def cancel(
    session: Session, activity_id: UUID, *, reason: str, me: Principal, now: datetime
) -> Activity:
    """Call an activity off before anybody came; whoever had enrolled is told why."""
    _check_reason(reason, "请写明取消的原因，报了名的人会看到。")
    activity = _own(session, activity_id, me=me, by=Permission.ACTIVITY_PREPARE)
    _expect(activity, *CANCELLABLE)
    was_public = activity.state == State.PUBLISHED
    if was_public and now >= activity.ends_at:
        raise StateChanged("活动已经结束，不能取消；请确认参加名单。")
    if was_public and queries.count_attended(session, activity.id):
        raise SomebodyCame("已经有人签到，不能取消。请让大家签退，结束后确认参加名单。")
    activity.cancelled_by, activity.cancelled_at = me.person_id, now
    activity.cancel_reason = reason.strip()
    by = Permission.ACTIVITY_PREPARE
    _go(session, activity, State.CANCELLED, me=me, by=by, now=now)
    if was_public:
        announcing.start_telling(session, activity, NoticeKind.CANCELLATION, now=now)
    return activity


def verify(session: Session, activity_id: UUID, *, me: Principal, now: datetime) -> Activity:
    """Confirm, once it is over, that the people on the list were there.

    Who was there themselves does not confirm it. Whoever forgot to check out may still do so.
    """
    activity = _own(session, activity_id, me=me, by=Permission.ACTIVITY_VERIFY)
    _expect(activity, State.PUBLISHED)
    if now < activity.ends_at:
        raise NotOverYet("活动还没有结束，结束后再确认名单。")
    if queries.get_attendance(session, person_id=me.person_id, activity_id=activity.id):
        raise OwnAttendance("您自己参加了这次活动，请另一位工作人员确认名单。")
    activity.verified_by, activity.verified_at = me.person_id, now
    _go(session, activity, State.VERIFIED, me=me, by=Permission.ACTIVITY_VERIFY, now=now)
    return activity


# Whoever has not left has no fact yet; whoever has left may have one that waits.
_SETTLED = sa.text("""
    UPDATE activity SET state = 'settled', settled_at = :now
    WHERE tenant_id = :tenant AND state = 'verified'
        AND NOT EXISTS (
            SELECT FROM attendance
            WHERE attendance.tenant_id = :tenant AND attendance.activity_id = activity.id
                AND (attendance.state = 'checked_in' OR attendance.review = 'pending_review'
                    OR attendance.confirm_until IS NOT NULL
                    OR attendance.awaits_until IS NOT NULL))
        AND NOT EXISTS (
            SELECT FROM settle_queue
            JOIN fact ON fact.tenant_id = settle_queue.tenant_id AND fact.id = settle_queue.fact_id
            WHERE settle_queue.tenant_id = :tenant AND fact.activity_id = activity.id)
    RETURNING id
""")


def settle_verified(session: Session, *, now: datetime) -> int:
    """What is verified and owes nobody a fact is settled; how many are now."""
    rows = session.execute(_SETTLED, {"tenant": tenant_of(session), "now": now})
    return len(rows.all())


def _own(session: Session, activity_id: UUID, *, me: Principal, by: Permission) -> Activity:
    """The activity, held; one out of reach is not there."""
    activity = queries.own_activity(session, activity_id)
    if activity is None or not me.may(by, organisation.path_of(session, activity.community_id)):
        raise ActivityUnknown(NO_ACTIVITY)
    return activity


def _to_review(session: Session, activity_id: UUID, me: Principal) -> Activity:
    activity = _own(session, activity_id, me=me, by=Permission.ACTIVITY_REVIEW)
    _expect(activity, State.IN_REVIEW)
    if me.person_id in {activity.drafted_by, activity.submitted_by}:
        raise OwnDraft("起草或提交的人不能自己审核，请另一位工作人员审核。")
    return activity


def _expect(activity: Activity, *states: ActivityState) -> None:
    if activity.state not in {state.value for state in states}:
        raise StateChanged(CHANGED)


def _check_reason(reason: str, needed: str) -> None:
    if not reason.strip():
        raise DraftWrong(needed, errors={"reason": ["必填"]})
    if len(reason) > LONGEST_REASON:
        raise DraftWrong(f"原因请不要超过 {LONGEST_REASON} 个字。", errors={"reason": ["太长"]})


def _go(
    session: Session,
    activity: Activity,
    to: ActivityState,
    *,
    me: Principal,
    by: Permission,
    now: datetime,
) -> None:
    before, activity.state = activity.state, to.value
    session.flush()
    path = organisation.path_of(session, activity.community_id)
    audit.record(
        session,
        actor=me.actor(by, path),
        action=f"activity.{to.value}",
        subject=("activity", activity.id),
        scope=activity.community_id,
        at=now,
        changed={"state": (before, to.value)},
        reason=_reason(activity, to),
    )


def _reason(activity: Activity, to: ActivityState) -> str:
    """What was said with the step: to those who had enrolled, or to who drafted it."""
    return {State.CANCELLED: activity.cancel_reason, State.DRAFT: activity.review_note}.get(to, "")
