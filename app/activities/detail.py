"""What pages show of one activity: what there is to do, and how far somebody got with it."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.activities import (
    anomalies,
    categories,
    labels,
    placing,
    queries,
    served,
    services,
    shown,
)
from app.activities.arrival_models import Attendance
from app.activities.models import Activity
from app.activities.ways import Review
from app.core.clock import civil_day, civil_text
from app.households import acting
from app.identity import consents
from app.identity.kinds import Purpose
from app.identity.roles import Principal
from app.ledger import expected as earnings
from app.ledger import services as ledger
from points_engine import FactKind


def context(session: Session, activity_id: UUID, *, me: Principal, now: datetime) -> dict[str, Any]:
    """An activity with how far somebody got with it, and what leaving now would mean."""
    activity = services.activity_of(session, activity_id)
    attendance = queries.get_attendance(session, person_id=me.subject_id, activity_id=activity_id)
    so_far, in_vain = None, False
    if attendance is not None and attendance.state == "checked_in":
        expected = services.expect_attendance(
            session, activity=activity, attendance=attendance, zone=me.zone, now=now
        )
        in_vain = bool(expected) and not earnings.earns(expected)
        so_far = labels.so_far(expected, in_vain=in_vain, over=now >= activity.ends_at)
    policy = ledger.policy_on(session, civil_day(activity.ends_at, me.zone))
    return {
        "activity": activity_of(activity, me, now),
        "attendance": attendance and attendance_of(attendance, me),
        "rule_text": earnings.rule_text(policy, FactKind.ATTENDANCE, activity.category),
        "so_far_text": so_far,
        "in_vain": in_vain,
        "where": placing.said(
            name=placing.name_of(session, activity.station_id),
            has_spot=activity.lat is not None,
            radius_m=activity.radius_m,
        )
        if activity.lat is not None
        else "",
        **shown.choice(session, activity, person_id=me.subject_id, zone=me.zone),
        "whose_name": me.display_name if me.on_behalf_of else "",
        "told": acting.told(session, me.subject_id, activity_id),
    }


def asking(session: Session, activity_id: UUID, *, me: Principal) -> dict[str, bool]:
    """Whether the phone is asked where it is: there is a place to be near to, and a consent."""
    has_place = services.activity_of(session, activity_id).lat is not None
    agreed = has_place and consents.is_given(session, me.person_id, Purpose.LOCATION)
    return {"asks_location": agreed, "could_agree": has_place and not agreed}


def activity_of(activity: Activity, me: Principal, now: datetime) -> dict[str, Any]:
    """An activity as pages name it."""
    return {
        "id": str(activity.id),
        "title": activity.title,
        "category_label": categories.name_of(activity.category),
        "when": labels.when(activity, me.zone),
        "place": activity.place,
        "state_label": labels.state_label(activity, now),
        "running": labels.is_running(activity, now),
        "open": activity.is_open(now),
        "over": now >= activity.ends_at,
        "too_late": activity.state == "published" and activity.closes_at <= now < activity.ends_at,
        "check_in": labels.check_in(activity.open_before_min, activity.close_after_start_min),
        "enrolling": activity.is_open_to_come(now),
        "cancel_reason": activity.cancel_reason,
        "opens": civil_text(activity.opens_at, me.zone) if now < activity.opens_at else None,
    }


def attendance_of(attendance: Attendance, me: Principal) -> dict[str, Any]:
    """An attendance; what somebody has to look at, and what its owner may still say."""
    out, until = attendance.checked_out_at, attendance.confirm_until
    awaits_until = attendance.awaits_until
    waits = attendance.review == Review.PENDING
    return {
        "state": attendance.state,
        "checked_in_at": civil_text(attendance.checked_in_at, me.zone),
        "checked_out_at": out and civil_text(out, me.zone),
        "minutes": attendance.minutes,
        "waits_for": anomalies.said(attendance.reasons) if waits else [],
        "what_next": _what_next(attendance) if waits else "",
        "rejected_for": attendance.decided_for if attendance.review == Review.REJECTED else "",
        "still_missing": served.still_missing(attendance.awaits, awaits_until, me.zone)
        if awaits_until
        else "",
        "confirm_until": until and civil_text(until, me.zone),
        "earliest": _local(attendance.checked_in_at, me),
        "latest": _local(out, me) if out else None,
    }


def _what_next(attendance: Attendance) -> str:
    """What somebody whose attendance waits does about it: who is there says so to the leader."""
    if "outside_fence" in attendance.reasons:
        return "人在现场的，请告诉负责人一声，让他确认；不用重新扫，也不会白来。"
    return "您不用做什么。"


def _local(instant: datetime, me: Principal) -> str:
    """As a field for an instant has it, to the minute."""
    return instant.astimezone(ZoneInfo(me.zone)).strftime("%Y-%m-%dT%H:%M")
