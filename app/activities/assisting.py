"""Staff check in and out people who have no phone with them: by their card, or by their name."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.activities import (
    anomalies,
    arrival_queries,
    circles,
    coming,
    doubting,
    hindsight,
    leaving,
    queries,
    recording,
    reporting,
    scenes,
)
from app.activities.anomalies import AROUND, Circumstances
from app.activities.arrival_models import Attendance
from app.activities.errors import (
    NO_ACTIVITY,
    ActivityUnknown,
    AlreadyCheckedIn,
    AlreadyCheckedOut,
    AttendeeUnknown,
    LeftWhen,
    NotCheckedIn,
    OwnAttendance,
)
from app.activities.kinds import LEAVABLE
from app.activities.leaving import CheckedOut
from app.activities.models import Activity
from app.activities.recording import Beginning
from app.activities.ways import BY_NAME, ONE_BY_ONE, Review, Way, Whereabouts
from app.core import audit, clock, misses
from app.core.clock import civil_text
from app.core.ids import new_id
from app.core.scans import PURPOSE
from app.core.vault import Vault, normal
from app.households import guardians
from app.identity import listing, personal
from app.identity.roles import Permission, Principal
from app.organisation import queries as organisation
from app.organisation.errors import ReasonNeeded

BY, LEADS = circles.BY, Permission.ACTIVITY_VERIFY
MINUTE, A_MONTH = timedelta(minutes=1), timedelta(days=30)
SHORTEST_REASON = 2
NO_PERSON = "没有找到这个人，请核对卡号，或按姓名、手机号查找您社区的居民。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aid:
    """Whom a member of staff checks in or out where; a card speaks for itself, a name has a why.

    What somebody wrote on a list of paper is the leader's word, whoever was found by which number.
    """

    me: Principal
    activity_id: UUID
    card_no: str = ""
    person_id: UUID | None = None
    reason: str = ""
    on_paper: bool = False
    vault: Vault
    now: datetime

    @property
    def way(self) -> Way:
        if self.on_paper:
            return Way.LIST
        return Way.CARD if self.card_no else Way.STAFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """How somebody is checked out by staff: when, in which way, and why."""

    at: datetime
    way: Way
    reason: str


def led_activity(session: Session, activity_id: UUID, *, me: Principal) -> Activity:
    """An activity whose list is open, and the caller's to keep; any other does not exist."""
    activity = queries.get_activity(session, activity_id)
    path = circles.path_to(session, activity, me=me) if activity else ()
    if activity is None or activity.state not in LEAVABLE or not path:
        raise ActivityUnknown(NO_ACTIVITY)
    return activity


def check_in(session: Session, aid: Aid) -> Beginning:
    """Begin somebody's time in their stead. What looks odd waits until somebody has approved it.

    Nobody does it for themself. Raises the refusals of coming, `AttendeeUnknown`, `ReasonNeeded`.
    """
    activity = led_activity(session, aid.activity_id, me=aid.me)
    person_id = somebody(session, aid)
    check_reason(aid.reason, way=aid.way)
    reasons = judged(session, aid, person_id=person_id, at=aid.now)
    beginning = begun(aid, person_id, at=aid.now, reasons=reasons)
    if not recording.write(session, beginning, claim=None):
        raise AlreadyCheckedIn("这个人已经签到过，不用重复签到。")
    note(session, activity, beginning, me=aid.me, action="attendance.staff_in", at=aid.now)
    return beginning


def check_out(session: Session, aid: Aid) -> CheckedOut:
    """End somebody's time in their stead, now."""
    activity = led_activity(session, aid.activity_id, me=aid.me)
    person_id = _seen(session, aid, activity)
    attendance = person_id and queries.get_attendance(
        session, person_id=person_id, activity_id=aid.activity_id, lock=True
    )
    if not attendance:  # nobody learns of a stranger that they are not here
        somebody(session, aid)
        raise NotCheckedIn("这个人还没有签到，请先签到。")
    if attendance.person_id == aid.me.person_id:
        raise OwnAttendance("不能给自己代签，请扫现场的码，或请另一位工作人员办理。")
    if attendance.state == "checked_out":
        raise AlreadyCheckedOut("这个人已经签退，不用重复签退。")
    check_reason(aid.reason, way=aid.way)
    out = Leaving(at=aid.now, way=aid.way, reason=aid.reason)
    return end(session, attendance, activity, out=out, me=aid.me, now=aid.now)


def check_out_all(
    session: Session, activity_id: UUID, *, out: Leaving, me: Principal, now: datetime
) -> list[CheckedOut]:
    """End the time of everybody who is still there, but not one's own; all of them, or nobody's.

    `out.at` is between the last check-in among them and now.
    """
    activity = led_activity(session, activity_id, me=me)
    if not me.may(LEADS, organisation.path_of(session, activity.community_id)):
        raise ActivityUnknown(NO_ACTIVITY)
    check_reason(out.reason, way=out.way)
    there = [
        one
        for one in arrival_queries.lock_present(session, activity_id)
        if one.person_id != me.person_id
    ]
    if not there:
        raise NotCheckedIn("没有还在现场的人，不用再签退。")
    last = max(one.checked_in_at for one in there)
    if not last <= out.at <= now:
        since, until = civil_text(last, me.zone), civil_text(now, me.zone)
        raise LeftWhen(
            f"签退时间要在最后一个人签到（{since}）之后、现在（{until}）之前，请重新填写。",
            errors={"left_at": ["不在最后一次签到与现在之间。"]},
        )
    return [end(session, one, activity, out=out, me=me, now=now) for one in there]


def end(
    session: Session,
    attendance: Attendance,
    activity: Activity,
    *,
    out: Leaving,
    me: Principal,
    now: datetime,
) -> CheckedOut:
    """Write down that somebody left, let rules look at it, and report what counts."""
    leaving.end(attendance, activity, at=out.at)
    attendance.way_out, attendance.out_by = out.way.value, me.person_id
    attendance.location_out = Whereabouts.NONE.value
    if out.reason != attendance.note:
        attendance.note = "；".join(filter(None, [attendance.note, out.reason]))
    doubting.doubt(attendance, hindsight.too_long(session, attendance, zone=me.zone))
    doubting.doubt(attendance, hindsight.too_quick(session, attendance, zone=me.zone))
    session.flush()
    expected = reporting.report(session, attendance, activity, zone=me.zone, received_at=now)
    note(session, activity, attendance, me=me, action="attendance.staff_out", at=now)
    return CheckedOut(attendance=attendance, expected=expected)


def judged(session: Session, aid: Aid, *, person_id: UUID, at: datetime) -> list[str]:
    """What looks odd about this check-in by hand; raises where it is not open, or for a minor."""
    scene = scenes.read(
        session,
        scenes.Asked(
            activity_id=aid.activity_id,
            person_id=person_id,
            device=None,
            at=at,
            tried=misses.Try(purpose=PURPOSE, subject=aid.me.person_id, now=aid.now),
        ),
    )
    if scene is None:
        raise ActivityUnknown(NO_ACTIVITY)
    coming.check_open(scene.venue, at=at)
    born = personal.born(
        aid.vault, scene.birth_date, tenant_id=aid.me.tenant_id, person_id=person_id
    )
    guardians.check_age(session, born, person_id=person_id, on=clock.civil_day(at, aid.me.zone))
    this_minute = arrival_queries.count_by_hand(
        session, by=aid.me.person_id, since=at - MINUTE, until=at
    )
    beside = arrival_queries.by_hand_around(
        session, aid.activity_id, by=aid.me.person_id, since=at - AROUND, until=at
    )
    it = Circumstances(
        at=at,
        zone=aid.me.zone,
        category=scene.venue.category,
        overlapping=scene.overlapping,
        by_hand_this_minute=this_minute + 1 if aid.way in ONE_BY_ONE else 0,
        by_hand_of_person=_times_by_name(session, aid, person_id=person_id, at=at),
        by_hand_around=[*beside, at] if aid.way in ONE_BY_ONE else (),
    )
    return list(anomalies.findings(it))


def _times_by_name(session: Session, aid: Aid, *, person_id: UUID, at: datetime) -> int:
    """How often in a month, this one included; a card is its own witness."""
    if aid.way not in BY_NAME:
        return 0
    return arrival_queries.count_by_hand(session, of=person_id, since=at - A_MONTH, until=at) + 1


def begun(aid: Aid, person_id: UUID, *, at: datetime, reasons: list[str]) -> Beginning:
    """What is written of somebody whom staff check in."""
    return Beginning(
        id=new_id(),
        activity_id=aid.activity_id,
        person_id=person_id,
        state="checked_in",
        checked_in_at=at,
        location_in=Whereabouts.NONE.value,
        way_in=aid.way.value,
        in_by=aid.me.person_id,
        review=Review.PENDING.value if reasons else None,
        reasons=reasons,
        device_in=None,
        skew_in_s=None,
        hundred_m_in=None,
        note=aid.reason,
    )


def check_reason(reason: str, *, way: Way) -> None:
    """Whoever does it by name says why; a card that is there needs no reason."""
    if way is not Way.CARD and len(reason) < SHORTEST_REASON:
        raise ReasonNeeded(
            "请写明为什么代签，例如“没有带手机”，本人和社区都能看到。", errors={"reason": ["必填"]}
        )


def note(
    session: Session,
    activity: Activity,
    row: Beginning | Attendance,
    *,
    me: Principal,
    action: str,
    at: datetime,
) -> None:
    """Keep in the audit log who did this for whom, and in which way."""
    path = circles.path_to(session, activity, me=me)
    way = getattr(row, "way_out", None) or row.way_in
    audit.record(
        session,
        actor=me.actor(BY, path),
        action=action,
        subject=("attendance", row.id),
        scope=activity.community_id,
        at=at,
        changed={"person": ("", str(row.person_id)), "way": ("", way)},
    )


def somebody(session: Session, aid: Aid) -> UUID:
    """Somebody of one's own people who is not oneself; anybody else does not exist."""
    person_id = _known(session, aid)
    if person_id is None or not circles.is_own(session, person_id, me=aid.me):
        raise AttendeeUnknown(NO_PERSON)
    if person_id == aid.me.person_id:
        raise OwnAttendance("不能给自己代签，请扫现场的码，或请另一位工作人员办理。")
    return person_id


def _seen(session: Session, aid: Aid, activity: Activity) -> UUID | None:
    """Who is meant, of those whom the caller sees at the activity."""
    person_id, circle = _known(session, aid), circles.around(session, activity, me=aid.me)
    seen = person_id is not None and circle is not None and circle.holds(person_id)
    return person_id if seen else None


def _known(session: Session, aid: Aid) -> UUID | None:
    """Whose card it is, or who was chosen."""
    if not aid.card_no:
        return aid.person_id
    card_no = normal.half_width(aid.card_no).strip().upper()
    return listing.people_with_cards(session, [card_no]).get(card_no)
