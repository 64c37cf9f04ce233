"""Coming to an activity."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.activities import anomalies, queries, reading, recording, reporting
from app.activities.arrival_models import Attendance
from app.activities.codes import Direction
from app.activities.errors import (
    NO_ACTIVITY,
    ActivityNotOpen,
    ActivityOver,
    ActivityUnknown,
    AlreadyCheckedIn,
    CheckInClosed,
)
from app.activities.facts import minutes_given
from app.activities.reading import Arrival, Read
from app.activities.recording import Beginning
from app.activities.scenes import Venue
from app.activities.ways import Review, Way, Whereabouts
from app.core import clock
from app.core.claims import Claim
from app.core.ids import new_id
from app.households import guardians
from app.identity import personal

LACKING = "no_check_in"
SCANNED = ("device_in", "skew_in_s", "hundred_m_in")


def check_in(
    session: Session, arrival: Arrival, *, claim: Claim[Beginning] | None = None
) -> Beginning:
    """Begin giving time, on the strength of the code on the venue's screen.

    What looks odd is `pending_review`: written down, and paid once somebody has approved it.
    """
    scene = reading.scene_of(session, arrival)
    read = reading.read_code(arrival, scene=scene, wanted=Direction.IN)
    check_open(scene.venue, at=read.at)
    _check_in_time(scene.venue, at=read.at)
    tenant_id, person_id = arrival.me.tenant_id, arrival.person_id
    born = personal.born(arrival.vault, scene.birth_date, tenant_id=tenant_id, person_id=person_id)
    day = clock.civil_day(read.at, arrival.me.zone)
    guardians.check_age(session, born, person_id=person_id, on=day)
    where, hundred_m = reading.whereabouts(scene.venue, arrival.location)
    found = anomalies.findings(reading.circumstances(arrival, scene=scene, read=read, where=where))
    vouched = scene.enrolled or where is Whereabouts.INSIDE
    reasons = reading.doubts(found, read, vouched=vouched)
    beginning = _beginning(arrival, read, where, reasons=reasons, hundred_m=hundred_m)
    if not recording.write(session, beginning, claim=claim):
        _join(session, beginning, arrival, claim=claim)
    return beginning


def _join(
    session: Session,
    beginning: Beginning,
    arrival: Arrival,
    *,
    claim: Claim[Beginning] | None,
) -> None:
    """Give a check-out that arrived first its check-in; refuse where there is none to be given."""
    attendance = queries.get_attendance(
        session, person_id=beginning.person_id, activity_id=beginning.activity_id, lock=True
    )
    if attendance is None:  # called off, while its code was read
        raise ActivityUnknown(NO_ACTIVITY)
    if not _lacks(attendance, beginning):
        raise AlreadyCheckedIn("您已经签到过，不用重复签到；离开时请扫签退码。")
    activity = queries.get_activity(session, beginning.activity_id)
    assert activity is not None  # it has an attendance
    assert attendance.checked_out_at is not None  # which lacks its beginning only
    for name in ("checked_in_at", "location_in", *SCANNED):
        setattr(attendance, name, getattr(beginning, name))
    attendance.minutes = minutes_given(activity, attendance, until=attendance.checked_out_at)
    others = [reason for reason in attendance.reasons if reason != LACKING]
    attendance.reasons = anomalies.ordered([*others, *beginning.reasons])
    if not attendance.reasons:
        attendance.review = None
    reporting.report(session, attendance, activity, zone=arrival.me.zone, received_at=arrival.now)
    beginning.id = attendance.id
    if claim is not None:
        claim.amend(session, beginning)


def _lacks(attendance: Attendance, beginning: Beginning) -> bool:
    left_at = attendance.checked_out_at
    waits = attendance.review == Review.PENDING and LACKING in attendance.reasons
    return waits and left_at is not None and beginning.checked_in_at <= left_at


def check_open(venue: Venue, *, at: datetime) -> None:
    """Refuse who comes before it opens, or once it is over."""
    if at >= venue.ends_at:
        raise ActivityOver(f"“{venue.title}”已经结束；如果参加了却没有签到，请联系负责人补录。")
    if at < venue.opens_at:
        raise ActivityNotOpen(
            f"“{venue.title}”开始前 {venue.open_before_min} 分钟开放签到，请到时再来。"
        )


def _check_in_time(venue: Venue, *, at: datetime) -> None:
    """Refuse who comes by themself too long after the beginning: staff check them in."""
    if at >= venue.closes_at:
        raise CheckInClosed(
            f"“{venue.title}”开始 {venue.close_after_start_min} 分钟后不能再自己扫码签到。"
            "人到了就找现场负责人，出示存折卡或报姓名，请负责人给您签到，时长从那时起记。"
        )


def _beginning(
    arrival: Arrival,
    read: Read,
    where: Whereabouts,
    *,
    reasons: list[str],
    hundred_m: int | None,
) -> Beginning:
    return Beginning(
        id=new_id(),
        activity_id=arrival.activity_id,
        person_id=arrival.person_id,
        state="checked_in",
        checked_in_at=read.at,
        location_in=where.value,
        way_in=(Way.DELEGATE if arrival.by_other else Way.CODE).value,
        in_by=arrival.by_other,
        review=Review.PENDING.value if reasons else None,
        reasons=reasons,
        device_in=arrival.me.device,
        skew_in_s=reading.skew_s(arrival),
        hundred_m_in=hundred_m,
    )
