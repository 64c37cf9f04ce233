"""Recording afterwards that somebody was there: one proposes it, and somebody else decides.

It waits in the inbox of what looks odd, and stays marked for ever by its way.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.activities import anomalies, assisting, doubting, hindsight, queries
from app.activities.arrival_models import Attendance
from app.activities.assisting import Aid
from app.activities.errors import (
    NO_ACTIVITY,
    ActivityUnknown,
    AlreadyCheckedIn,
    BackfillLate,
    LeftWhen,
    NotOverYet,
)
from app.activities.facts import MINUTE
from app.activities.kinds import PUBLIC
from app.activities.models import Activity
from app.activities.ways import Review, Way, Whereabouts
from app.core.db import claim
from app.identity.roles import Principal
from app.organisation import queries as organisation

WITHIN = timedelta(days=31)  # after the end of an activity
REASON = "backfilled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From when to when somebody was there."""

    came_at: datetime
    left_at: datetime


def propose(session: Session, aid: Aid, span: Span) -> Attendance:
    """Write down that somebody was there, for another member of staff to approve or reject.

    Within the activity's times, once it is over, up to 31 days after. Nobody proposes themself.
    """
    activity = past_activity(session, aid.activity_id, me=aid.me)
    person_id = assisting.somebody(session, aid)
    assisting.check_reason(aid.reason, way=Way.BACKFILL)
    _check_time(activity, span, now=aid.now)
    found = assisting.judged(session, aid, person_id=person_id, at=span.came_at)
    attendance = claim(
        session,
        Attendance,
        activity_id=activity.id,
        person_id=person_id,
        state="checked_out",
        checked_in_at=span.came_at,
        checked_out_at=span.left_at,
        minutes=(span.left_at - span.came_at) // MINUTE,
        location_in=Whereabouts.NONE.value,
        location_out=Whereabouts.NONE.value,
        way_in=Way.BACKFILL.value,
        way_out=Way.BACKFILL.value,
        in_by=aid.me.person_id,
        out_by=aid.me.person_id,
        review=Review.PENDING.value,
        reasons=anomalies.ordered([*found, REASON]),
        note=aid.reason,
    )
    if attendance is None:
        raise AlreadyCheckedIn("这个人在这次活动里已经有记录，不能再补录；时长不对请到社区说明。")
    doubting.doubt(attendance, hindsight.too_long(session, attendance, zone=aid.me.zone))
    action = "attendance.backfill"
    assisting.note(session, activity, attendance, me=aid.me, action=action, at=aid.now)
    return attendance


def past_activity(session: Session, activity_id: UUID, *, me: Principal) -> Activity:
    """An activity of one's own subtree that took place or will; any other does not exist."""
    activity = queries.get_activity(session, activity_id)
    path = organisation.path_of(session, activity.community_id) if activity else ()
    if activity is None or activity.state not in PUBLIC or not me.may(assisting.LEADS, path):
        raise ActivityUnknown(NO_ACTIVITY)
    return activity


def _check_time(activity: Activity, span: Span, *, now: datetime) -> None:
    if now < activity.ends_at:
        raise NotOverYet("活动还没有结束，现在请直接在“谁到了”里签到签退。")
    if now > activity.ends_at + WITHIN:
        raise BackfillLate(f"活动结束已超过 {WITHIN.days} 天，不能再补录；有疑问请到社区说明。")
    if not activity.starts_at <= span.came_at < span.left_at <= activity.ends_at:
        raise LeftWhen(
            "到达和离开要在活动的开始与结束之间，先到后离，请核对后重新填写。",
            errors={"came_at": ["不在活动时间内。"]},
        )
