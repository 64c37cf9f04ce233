"""Issuing confirmation slips for those who are served, and taking them back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.activities import queries
from app.activities.arrival_models import Attendance
from app.activities.errors import (
    NO_ACTIVITY,
    ActivityUnknown,
    AttendeeUnknown,
    SlipAnswered,
    SlipNamedTwice,
    SlipOver,
    SlipUnknown,
    SlipWrong,
)
from app.activities.kinds import PUBLIC
from app.activities.models import Activity
from app.activities.proof_models import ServiceSlip
from app.activities.slip_codes import SlipCodes
from app.core import audit
from app.core.db import claim, get
from app.core.ids import new_id
from app.identity import cards
from app.identity import queries as identity
from app.identity.roles import Permission, Principal
from app.organisation import queries as organisation
from app.organisation.errors import ReasonNeeded

BY = Permission.ACTIVITY_VERIFY
GOOD_FOR = timedelta(days=14)  # after the end, or from when it is issued later than that
MOST = 200  # of one activity
LONGEST_LABEL = 40
TRIES = 3  # two of 852 billion codes hardly ever meet
NO_SLIP = "没有找到这张服务确认单，请刷新后查看。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """For whom a slip is, in words that need name nobody; and what was to be done for them."""

    label: str
    served: str = ""
    person_id: UUID | None = None
    attendance_ids: Sequence[UUID] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Who works with slips, by which codes, and when."""

    me: Principal
    codes: SlipCodes
    now: datetime


def wanted(session: Session, line: str, *, served: str) -> Wanted:
    """What a line asks for: words, and behind them, where somebody has one, their card's number.

    Raises `AttendeeUnknown` for a card that nobody has, and `SlipWrong` for one without words.
    """
    *words, last = line.split()
    if not cards.is_number(last):
        return Wanted(label=line[:LONGEST_LABEL], served=served)
    person_id = cards.owner_of(session, last)
    if person_id is None:
        raise AttendeeUnknown(f"没有找到存折卡 {cards.written(last)}，请核对卡号，或先不写卡号。")
    if not words:
        raise SlipWrong("卡号前面请写一个称呼，例如“3栋老人”，单子上印的是它。")
    return Wanted(label=" ".join(words)[:LONGEST_LABEL], served=served, person_id=person_id)


def activity_for(session: Session, activity_id: UUID, *, me: Principal) -> Activity:
    """An activity of one's own subtree that is public; any other does not exist."""
    activity = queries.get_activity(session, activity_id)
    path = organisation.path_of(session, activity.community_id) if activity else ()
    if activity is None or activity.state not in PUBLIC or not me.may(BY, path):
        raise ActivityUnknown(NO_ACTIVITY)
    return activity


def slip_for(session: Session, slip_id: UUID, *, me: Principal) -> tuple[ServiceSlip, Activity]:
    """A slip of an activity of one's own subtree, held; any other does not exist."""
    slip = get(session, ServiceSlip, slip_id, lock=True)
    activity = queries.get_activity(session, slip.activity_id) if slip else None
    path = organisation.path_of(session, activity.community_id) if activity else ()
    if slip is None or activity is None or not me.may(BY, path):
        raise SlipUnknown(NO_SLIP)
    return slip, activity


def issue(
    session: Session, activity_id: UUID, wanted: Sequence[Wanted], *, desk: Desk
) -> list[ServiceSlip]:
    """Issue these slips, all of them or none.

    Raises `SlipNamedTwice` where one of that label waits for an answer, so that the same form
    sent twice makes no second one.
    """
    activity = activity_for(session, activity_id, me=desk.me)
    there = sa.select(sa.func.count()).where(ServiceSlip.activity_id == activity.id)
    if (session.scalar(there) or 0) + len(wanted) > MOST:
        raise SlipWrong(f"一个活动最多 {MOST} 张服务确认单，请先看看已经发的。")
    return [_issue(session, activity, one, desk=desk) for one in wanted]


def list_of(session: Session, activity_id: UUID) -> Sequence[ServiceSlip]:
    """The slips of an activity, in the order in which they were issued."""
    query = sa.select(ServiceSlip).where(ServiceSlip.activity_id == activity_id)
    return session.scalars(query.order_by(ServiceSlip.issued_at, ServiceSlip.id)).all()


def is_open(slip: ServiceSlip, now: datetime) -> bool:
    """Whether it waits for an answer and may still get one."""
    return slip.revoked_at is None and slip.answer is None and now < slip.valid_until


def revoke(session: Session, slip_id: UUID, *, reason: str, desk: Desk) -> ServiceSlip:
    """Let a slip be good for nothing from now on, and say why. What was answered stays."""
    slip, activity = slip_for(session, slip_id, me=desk.me)
    _take_back(session, slip, activity, reason=reason, desk=desk)
    return slip


def reissue(session: Session, slip_id: UUID, *, reason: str, desk: Desk) -> ServiceSlip:
    """Put another slip in the place of one that was lost or seen by others: a new code."""
    slip, activity = slip_for(session, slip_id, me=desk.me)
    _take_back(session, slip, activity, reason=reason, desk=desk)
    again = Wanted(
        label=slip.label,
        served=slip.served,
        person_id=slip.person_id,
        attendance_ids=slip.attendance_ids,
    )
    return _issue(session, activity, again, desk=desk, replaces=slip.id)


def _take_back(
    session: Session, slip: ServiceSlip, activity: Activity, *, reason: str, desk: Desk
) -> None:
    if slip.revoked_at is not None:
        raise SlipOver("这张服务确认单已经作废，不用再办。")
    if slip.answer is not None:
        raise SlipAnswered("这张服务确认单已经有了答复，不能作废或换码。")
    if not reason:
        raise ReasonNeeded("请写明原因，例如“单子丢了”。", errors={"reason": ["必填"]})
    slip.revoked_by, slip.revoked_at, slip.revoked_for = desk.me.person_id, desk.now, reason
    session.flush()
    note(session, activity, slip, desk=desk, action="service_slip.revoke", reason=reason)


def _issue(
    session: Session,
    activity: Activity,
    wanted: Wanted,
    *,
    desk: Desk,
    replaces: UUID | None = None,
) -> ServiceSlip:
    _check(session, activity, wanted, me=desk.me)
    for _ in range(TRIES):
        slip_id = new_id()
        slip = claim(
            session,
            ServiceSlip,
            id=slip_id,
            activity_id=activity.id,
            label=wanted.label,
            served=wanted.served,
            person_id=wanted.person_id,
            attendance_ids=list(wanted.attendance_ids),
            code_hash=desk.codes.digest(desk.codes.of(slip_id)),
            issued_by=desk.me.person_id,
            issued_at=desk.now,
            valid_until=max(activity.ends_at, desk.now) + GOOD_FOR,
            replaces=replaces,
        )
        if slip is not None:
            note(session, activity, slip, desk=desk, action="service_slip.issue")
            return slip
    raise SlipNamedTwice(f"“{wanted.label}”已经有一张等答复的服务确认单，请换一个称呼。")


def _check(session: Session, activity: Activity, wanted: Wanted, *, me: Principal) -> None:
    if wanted.person_id is not None:
        person = identity.get_person(session, wanted.person_id)
        path = organisation.path_of(session, person.community_id) if person else ()
        if person is None or person.erased_at is not None or not me.may(BY, path):
            raise AttendeeUnknown("没有找到这位服务对象，请从您社区的居民里选。")
    if wanted.attendance_ids:
        there = sa.select(sa.func.count()).where(
            Attendance.activity_id == activity.id, Attendance.id.in_(wanted.attendance_ids)
        )
        if session.scalar(there) != len(set(wanted.attendance_ids)):
            raise SlipWrong("有的签到记录不在这个活动里，请刷新后重新选。")


def note(
    session: Session,
    activity: Activity,
    slip: ServiceSlip,
    *,
    desk: Desk,
    action: str,
    reason: str = "",
) -> None:
    """Keep in the audit log who did this with a slip; never what was answered."""
    path = organisation.path_of(session, activity.community_id)
    audit.record(
        session,
        actor=desk.me.actor(BY, path),
        action=action,
        subject=("service_slip", slip.id),
        scope=activity.community_id,
        at=desk.now,
        reason=reason,
    )
