"""Enrolling, checking in and checking out."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.activities import queries
from app.activities.codes import Direction, VenueCode
from app.activities.errors import (
    NO_ACTIVITY,
    ActivityNotOpen,
    ActivityOver,
    ActivityUnknown,
    AlreadyCheckedIn,
    AlreadyCheckedOut,
    AlreadyEnrolled,
    NotCheckedIn,
    VenueCodeForOther,
    VenueCodeNeeded,
)
from app.activities.facts import fact_of, household_of, minutes_given
from app.activities.models import Activity, Attendance, Enrolment
from app.core import clock
from app.core.db import add, claim
from app.core.keys import Keyring
from app.core.scans import CodeExpired, CodeMalformed, CodeUnknown, code_in, counting
from app.core.vault import Vault
from app.households import guardians
from app.identity.roles import Permission, Principal
from app.ledger import services as ledger
from app.ledger.expected import Expected
from app.organisation import queries as organisation


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A scanned venue code: whose, for which activity, with which keys to check it."""

    me: Principal
    activity_id: UUID
    code: str | None
    located: bool = False
    keyring: Keyring
    vault: Vault
    now: datetime

    @property
    def location(self) -> str:
        """What is kept of where the phone was: evidence, never a condition."""
        return "given" if self.located else "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedOut:
    """A finished attendance, and what it will earn."""

    attendance: Attendance
    expected: tuple[Expected, ...]


def activity_of(session: Session, activity_id: UUID, *, lock: bool = False) -> Activity:
    """An activity, cancelled or not."""
    activity = queries.get_activity(session, activity_id, lock=lock)
    if activity is None:
        raise ActivityUnknown(NO_ACTIVITY)
    return activity


def screened_activity(session: Session, *, me: Principal, activity_id: UUID) -> Activity:
    """An activity whose codes this member of staff may show; another does not exist for them."""
    activity = activity_of(session, activity_id)
    if not me.may(Permission.VENUE_CODE_READ, organisation.path_of(session, activity.community_id)):
        raise ActivityUnknown(NO_ACTIVITY)
    return activity


def enrol(
    session: Session, *, me: Principal, activity_id: UUID, vault: Vault, now: datetime
) -> Enrolment:
    """Take a place, or the next turn in the queue when all are taken.

    A minor needs a guardian's consent first.
    """
    activity = _published(session, activity_id, lock=True)
    day = clock.civil_day(now, me.zone)
    guardians.check_may_join(session, vault, person_id=me.person_id, on=day)
    if now >= activity.ends_at:
        raise ActivityOver(f"“{activity.title}”已经结束，请看看其他活动。")
    taken = queries.count_enrolled(session, [activity.id]).get(activity.id, 0)
    state = "confirmed" if taken < activity.capacity else "waitlisted"
    enrolment = claim(
        session,
        Enrolment,
        activity_id=activity.id,
        person_id=me.person_id,
        state=state,
        enrolled_at=now,
    )
    if enrolment is None:
        raise AlreadyEnrolled("您已经报过名，到时直接到现场扫码签到即可。")
    return enrolment


def check_in(session: Session, arrival: Arrival) -> Attendance:
    """Begin giving time, on the strength of the code on the venue's screen."""
    activity = _published(session, arrival.activity_id)
    _check_code(session, arrival, Direction.IN)
    _check_open(activity, arrival.now)
    day = clock.civil_day(arrival.now, arrival.me.zone)
    guardians.check_may_join(session, arrival.vault, person_id=arrival.me.person_id, on=day)
    attendance = claim(
        session,
        Attendance,
        activity_id=activity.id,
        person_id=arrival.me.person_id,
        state="checked_in",
        checked_in_at=arrival.now,
        location_in=arrival.location,
    )
    if attendance is None:
        raise AlreadyCheckedIn("您已经签到过，不用重复签到；离开时请扫签退码。")
    return attendance


def check_out(session: Session, arrival: Arrival) -> CheckedOut:
    """End the attendance, and report the minutes given between its start and end."""
    activity = _published(session, arrival.activity_id)
    _check_code(session, arrival, Direction.OUT)
    attendance = queries.get_attendance(
        session, person_id=arrival.me.person_id, activity_id=activity.id, lock=True
    )
    if attendance is None:
        raise NotCheckedIn("您还没有签到，请先扫签到码；如果忘了签到，请联系现场负责人。")
    if attendance.state == "checked_out":
        raise AlreadyCheckedOut("您已经签退过，时长已经记下，不用重复签退。")
    left_at = max(arrival.now, attendance.checked_in_at)  # a clock may have been set back since
    attendance.state = "checked_out"
    attendance.checked_out_at = left_at
    attendance.minutes = minutes_given(activity, attendance, until=left_at)
    fact = fact_of(
        attendance,
        activity,
        zone=arrival.me.zone,
        received_at=arrival.now,
        location_out=arrival.location,
        household_id=household_of(session, attendance, zone=arrival.me.zone),
    )
    ledger.report(session, fact)
    expected = ledger.expect(session, fact)
    return CheckedOut(attendance=attendance, expected=expected)


def record_whole(
    session: Session, *, activity: Activity, person_id: UUID, zone: str, now: datetime
) -> None:
    """Record somebody who was there from the beginning to the end, as books brought over say."""
    attendance = Attendance(
        activity_id=activity.id,
        person_id=person_id,
        state="checked_out",
        checked_in_at=activity.starts_at,
        checked_out_at=activity.ends_at,
        location_in="none",
    )
    attendance.minutes = minutes_given(activity, attendance, until=activity.ends_at)
    add(session, attendance)
    household_id = household_of(session, attendance, zone=zone)
    fact = fact_of(attendance, activity, zone=zone, received_at=now, household_id=household_id)
    ledger.report(session, fact)


def expect_attendance(
    session: Session, *, activity: Activity, attendance: Attendance, zone: str, now: datetime
) -> tuple[Expected, ...]:
    """What leaving now would earn."""
    return ledger.expect(session, fact_of(attendance, activity, zone=zone, received_at=now))


def outcome_of(
    session: Session, *, activity: Activity, attendance: Attendance, zone: str, now: datetime
) -> ledger.Outcome:
    """What a finished attendance earns."""
    return ledger.outcome(session, fact_of(attendance, activity, zone=zone, received_at=now))


def read_code(
    session: Session, *, me: Principal, text: str, keyring: Keyring, now: datetime
) -> tuple[VenueCode, Direction]:
    """The venue code in a text, checked; a wrong one is logged against its scanner."""
    with counting(session, person_id=me.person_id, now=now):
        code = VenueCode.read(code_in(text))
        if code is None:
            raise CodeMalformed("这不是活动现场的二维码，请扫描现场屏幕上的码。")
        direction = direction_of(code, keyring=keyring, tenant_id=me.tenant_id, now=now)
        if direction is None:
            raise CodeUnknown("没有找到这个活动码，请扫描现场屏幕上正在显示的码。")
        return code, direction


def done_with(
    session: Session, *, me: Principal, text: str, keyring: Keyring
) -> tuple[UUID, Direction] | None:
    """The activity of a code, and its way, once its bearer has gone it; the code may be old."""
    code = VenueCode.read(code_in(text))
    if code is None:
        return None
    direction = code.direction_of(keyring, me.tenant_id)
    attendance = queries.get_attendance(
        session, person_id=me.person_id, activity_id=code.activity_id
    )
    if direction is None or attendance is None:
        return None
    went = direction is Direction.IN or attendance.state == "checked_out"
    return (code.activity_id, direction) if went else None


def direction_of(
    code: VenueCode, *, keyring: Keyring, tenant_id: int, now: datetime
) -> Direction | None:
    """Which way a code of now is for, or None when we did not make it.

    Raises `CodeExpired` for an old one. A code of another secret is taken for one of the secret
    before: it opens nothing either way, and a change of secrets must not look like guessing.
    """
    direction = code.direction_of(keyring, tenant_id)
    if code.kid != keyring.kid or (direction and not code.is_fresh(now)):
        raise CodeExpired("这个活动码已经过期，请对准现场屏幕重新扫一次。")
    return direction


def _published(session: Session, activity_id: UUID, *, lock: bool = False) -> Activity:
    activity = activity_of(session, activity_id, lock=lock)
    if activity.state != "published":
        raise ActivityUnknown(NO_ACTIVITY)
    return activity


def _check_code(session: Session, arrival: Arrival, wanted: Direction) -> None:
    if not arrival.code:
        raise VenueCodeNeeded(
            "请扫描活动现场屏幕上的码；没有屏幕时，请找现场负责人。", errors={"code": ["必填"]}
        )
    code, direction = read_code(
        session, me=arrival.me, text=arrival.code, keyring=arrival.keyring, now=arrival.now
    )
    if code.activity_id != arrival.activity_id:
        raise VenueCodeForOther("这个码属于另一个活动，请扫描本活动现场的码。")
    if direction is not wanted:
        names = {Direction.IN: "签到", Direction.OUT: "签退"}
        raise VenueCodeForOther(f"这是{names[direction]}码，请扫描{names[wanted]}码。")


def _check_open(activity: Activity, now: datetime) -> None:
    if now >= activity.ends_at:
        raise ActivityOver(f"“{activity.title}”已经结束；如果参加了却没有签到，请联系负责人补录。")
    if now < activity.opens_at:
        raise ActivityNotOpen(f"“{activity.title}”开始前 30 分钟开放签到，请到时再来。")
