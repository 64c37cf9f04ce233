"""Leaving an activity: how long somebody was there, and what becomes of it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.activities import anomalies, arrival_queries, doubting, hindsight, reading, reporting
from app.activities.arrival_models import Attendance
from app.activities.codes import Direction
from app.activities.errors import NO_ACTIVITY, ActivityUnknown, AlreadyCheckedOut, NotCheckedIn
from app.activities.facts import minutes_given
from app.activities.kinds import LEAVABLE
from app.activities.models import Activity
from app.activities.reading import Arrival, Length, Read
from app.activities.scenes import Scene
from app.activities.ways import Review, Way, Whereabouts
from app.core import clock
from app.core.db import claim
from app.ledger.expected import Expected


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedOut:
    """A finished attendance, and what it will earn."""

    attendance: Attendance
    expected: tuple[Expected, ...]


def check_out(session: Session, arrival: Arrival) -> CheckedOut:
    """End the attendance, and report the minutes given between its start and end.

    What looks odd is reported once somebody has approved it. A phone that had no network may
    send the check-out before the check-in: they find each other.
    """
    scene = reading.scene_of(session, arrival, states=LEAVABLE)
    read = reading.read_code(arrival, scene=scene, wanted=Direction.OUT)
    activity, attendance = arrival_queries.lock_attended(
        session, person_id=arrival.person_id, activity_id=arrival.activity_id
    )
    if activity is None:
        raise ActivityUnknown(NO_ACTIVITY)
    if attendance is None and read.late:
        attendance = _without_beginning(session, arrival, read)
    attendance = _to_end(attendance)
    end(attendance, activity, at=read.at)
    _note_scan(attendance, arrival, scene)
    _look_at(session, attendance, arrival=arrival, scene=scene, read=read)
    expected = reporting.report(
        session, attendance, activity, zone=arrival.me.zone, received_at=arrival.now
    )
    return CheckedOut(attendance=attendance, expected=expected)


def end(attendance: Attendance, activity: Activity, *, at: datetime) -> None:
    """Set when somebody left; a clock may have been set back since they came."""
    attendance.state = "checked_out"
    attendance.checked_out_at = max(at, attendance.checked_in_at)
    attendance.minutes = minutes_given(activity, attendance, until=attendance.checked_out_at)


def _to_end(attendance: Attendance | None) -> Attendance:
    if attendance is None:
        raise NotCheckedIn("您还没有签到，请先扫签到码；如果忘了签到，请联系现场负责人。")
    if attendance.state == "checked_out" and attendance.confirm_until is None:
        raise AlreadyCheckedOut("您已经签退过，时长已经记下，不用重复签退。")
    return attendance


def _without_beginning(session: Session, arrival: Arrival, read: Read) -> Attendance | None:
    """Of somebody whose check-in is still on its way, or was never made: of no minutes yet."""
    return claim(
        session,
        Attendance,
        activity_id=arrival.activity_id,
        person_id=arrival.person_id,
        state="checked_in",
        checked_in_at=read.at,
        location_in=Whereabouts.NONE.value,
        way_in=Way.CODE.value,
        review=Review.PENDING.value,
        reasons=["no_check_in"],
    )


def _note_scan(attendance: Attendance, arrival: Arrival, scene: Scene) -> None:
    where, hundred_m = reading.whereabouts(scene.venue, arrival.location)
    attendance.way_out = (Way.DELEGATE if arrival.by_other else Way.CODE).value
    attendance.out_by = arrival.by_other
    attendance.confirm_until = None
    attendance.location_out = where.value
    attendance.device_out = arrival.me.device
    attendance.skew_out_s = reading.skew_s(arrival)
    attendance.hundred_m_out = hundred_m


def _look_at(
    session: Session, attendance: Attendance, *, arrival: Arrival, scene: Scene, read: Read
) -> None:
    assert attendance.minutes is not None  # it has ended
    day, zone = clock.civil_day(read.at, arrival.me.zone), arrival.me.zone
    of_day, on_duty = hindsight.meanwhile(session, attendance, day=day, zone=zone)
    found = anomalies.findings(
        reading.leaving(
            arrival,
            read,
            scene=scene,
            where=Whereabouts(attendance.location_out or Whereabouts.NONE),
            length=Length(attendance.minutes, of_day),
            on_duty=on_duty,
        )
    )
    doubting.doubt(attendance, reading.doubts(found, read, vouched=scene.enrolled))
