"""A scanned venue code: the scene it was read in, when that was, and what looks odd about it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.activities import codes, queries, scenes
from app.activities.anomalies import Circumstances
from app.activities.arrival_models import RefusedScan
from app.activities.codes import EXPIRED, Direction, VenueCode
from app.activities.errors import (
    NO_ACTIVITY,
    ActivityUnknown,
    VenueCodeForOther,
    VenueCodeNeeded,
)
from app.activities.kinds import ActivityState
from app.activities.scenes import Scene, Venue
from app.activities.ways import Whereabouts
from app.core import clock, misses
from app.core.db import add, before_commit
from app.core.errors import DomainError
from app.core.geodesy import Spot, metres
from app.core.keys import Keyring
from app.core.scans import PURPOSE, WRONG_CODE, CodeExpired, CodeUnknown
from app.core.vault import Vault
from app.identity.roles import Principal
from points_engine import Checkin

MINUTE = timedelta(minutes=1)
SENT_WITHIN = timedelta(hours=72)  # what a phone without a network may still send
PHONE_IS_OFF_BY = timedelta(minutes=2)  # at most, where it says when it read a code
LATE_WITHOUT_DOUBT = timedelta(minutes=10)
HUNDRED_M = 100
RADIUS_M = Checkin().radius_m  # around a place of which nobody said how large it is
NAMES = {Direction.IN: "签到", Direction.OUT: "签退"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A scanned venue code: whose, for which activity, where and when by the phone's account."""

    me: Principal
    activity_id: UUID
    code: str | None
    location: dict[str, Any] | None = None
    device_time: datetime | None = None
    keyring: Keyring
    vault: Vault
    now: datetime
    beside: Mapping[str, Any] | None = (
        None  # what was read with the caller, as `scenes.beside` asks for it
    )

    @property
    def person_id(self) -> UUID:
        """Who comes: the caller, or whom they act for."""
        return self.me.subject_id

    @property
    def by_other(self) -> UUID | None:
        """Who does it for them, if somebody does."""
        return self.me.person_id if self.me.on_behalf_of else None

    @property
    def tried(self) -> misses.Try:
        return misses.Try(purpose=PURPOSE, subject=self.me.person_id, now=self.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A code that was good: at which moment it hung on the screen, and how far off the phone is."""

    at: datetime
    late: timedelta


@dataclass(frozen=True, slots=True)
class Length:
    """Whole minutes of a record that ends, and of all that end on its day."""

    minutes: int
    of_day: int


def scene_of(
    session: Session, arrival: Arrival, *, states: Collection[str] = (ActivityState.PUBLISHED,)
) -> Scene:
    """What has to be known of an activity in one of these states; raises `ActivityUnknown`."""
    scene = _scene(session, arrival)
    if scene is None or scene.venue.state not in states:
        raise ActivityUnknown(NO_ACTIVITY)
    return scene


def _scene(session: Session, arrival: Arrival) -> Scene | None:
    """As it was found with the caller, if it is theirs and about now; else it is asked for."""
    at = min(arrival.device_time or arrival.now, arrival.now)
    if arrival.beside is not None and arrival.by_other is None and at == arrival.now:
        return scenes.of(arrival.beside)
    asked = scenes.Asked(
        activity_id=arrival.activity_id,
        person_id=arrival.person_id,
        device=arrival.me.device,
        at=at,
        tried=arrival.tried,
    )
    return scenes.read(session, asked)


def read_code(arrival: Arrival, *, scene: Scene, wanted: Direction) -> Read:
    """The code, checked; a wrong one counts against whoever scanned it, in `log_refusal`."""
    if not arrival.code:
        raise VenueCodeNeeded(
            "请扫描活动现场屏幕上的码；没有屏幕时，请找现场负责人。", errors={"code": ["必填"]}
        )
    misses.judge(scene.missed, now=arrival.now)
    code, direction = codes.ours(
        arrival.code, keyring=arrival.keyring, tenant_id=arrival.me.tenant_id
    )
    read = _moment(arrival, code)
    if code.activity_id != arrival.activity_id:
        raise VenueCodeForOther("这个码属于另一个活动，请扫描本活动现场的码。")
    if direction is not wanted:
        raise VenueCodeForOther(f"这是{NAMES[direction]}码，请扫描{NAMES[wanted]}码。")
    return read


def _moment(arrival: Arrival, code: VenueCode) -> Read:
    """When the code was read: now, or when the phone says so and the code's own time agrees.

    A phone without a network sends what it read later. Its clock alone is a claim; the code was
    made by us, and says to a quarter of a minute when it hung there.
    """
    if code.is_fresh(arrival.now):
        return Read(at=arrival.now, late=timedelta(0))
    claimed, shown = arrival.device_time, code.shown_at
    if claimed is None or abs(claimed - shown) > PHONE_IS_OFF_BY:
        raise CodeExpired(EXPIRED)
    late = arrival.now - shown
    if not timedelta(0) <= late <= SENT_WITHIN:
        raise CodeExpired(EXPIRED)
    return Read(at=shown, late=late)


def log_refusal(
    session: Session, arrival: Arrival, refusal: DomainError, *, direction: Direction
) -> None:
    """Let the logs have a try that was refused, though nothing else of it stays."""
    values = {
        "person_id": arrival.person_id,
        "by_id": arrival.me.person_id,
        "kind": direction.value,
        "reason": refusal.code,
        "device": arrival.me.device,
        "device_time": arrival.device_time,
        "received_at": arrival.now,
    }

    def act(later: Session) -> None:
        if isinstance(refusal, WRONG_CODE):
            guess = isinstance(refusal, CodeUnknown)
            misses.note(later, arrival.tried, reason=refusal.code, counts=guess)
        # What does not exist, or not for them, is named nowhere.
        there = not isinstance(refusal, ActivityUnknown) and _is_there(later, arrival.activity_id)
        add(later, RefusedScan(activity_id=arrival.activity_id if there else None, **values))

    before_commit(session, act, even_if_refused=True)


def _is_there(session: Session, activity_id: UUID) -> bool:
    """Whether there is such an activity: who may not act for somebody may name anything."""
    return queries.get_activity(session, activity_id) is not None


def skew_s(arrival: Arrival) -> int | None:
    """By how many seconds the phone's clock is behind ours, or its message late."""
    if arrival.device_time is None:
        return None
    return round((arrival.now - arrival.device_time).total_seconds())


def whereabouts(venue: Venue, location: dict[str, Any] | None) -> tuple[Whereabouts, int | None]:
    """Whether a phone was near enough, and its distance in hundreds of metres.

    How exact it is, is taken off the distance: a phone that drifts is not told off. A phone that
    says nothing is as good as one that is there.
    """
    if location is None:
        return Whereabouts.NONE, None
    if venue.lat is None or venue.lng is None:
        return Whereabouts.GIVEN, None
    place = Spot(lat=venue.lat, lng=venue.lng, crs=venue.crs)
    phone = Spot(lat=location["lat"], lng=location["lng"], crs=location["crs"])
    away = metres(place, phone)
    near = away - (location["accuracy_m"] or 0) <= (venue.radius_m or RADIUS_M)
    return Whereabouts.INSIDE if near else Whereabouts.OUTSIDE, round(away / HUNDRED_M)


def circumstances(
    arrival: Arrival, *, scene: Scene, read: Read, where: Whereabouts
) -> Circumstances:
    """What rules may look at."""
    came_metres, came_in = _way_here(scene, read.at)
    return Circumstances(
        at=read.at,
        zone=arrival.me.zone,
        category=scene.venue.category,
        whereabouts=where,
        late=read.late,
        ahead=_ahead(arrival),
        overlapping=scene.overlapping,
        others_on_device=scene.others_on_device,
        came_metres=came_metres,
        came_in=came_in,
    )


def leaving(
    arrival: Arrival,
    read: Read,
    *,
    scene: Scene,
    where: Whereabouts,
    length: Length,
    on_duty: bool,
) -> Circumstances:
    """What rules may look at when somebody leaves.

    How they came is not judged again, but for what only shows once others have come as well: who
    else is on this phone, and where else they were meanwhile.
    """
    return Circumstances(
        at=clock.noon(clock.civil_day(read.at, arrival.me.zone), arrival.me.zone),
        zone=arrival.me.zone,
        whereabouts=where,
        late=read.late,
        ahead=_ahead(arrival),
        overlapping=scene.overlapping or on_duty,
        others_on_device=scene.others_on_device,
        minutes=length.minutes,
        minutes_of_day=length.of_day,
    )


def _ahead(arrival: Arrival) -> timedelta:
    return arrival.device_time - arrival.now if arrival.device_time else timedelta(0)


def _way_here(scene: Scene, at: datetime) -> tuple[float, timedelta | None]:
    venue, last = scene.venue, scene.last_place
    if last is None or venue.lat is None or venue.lng is None:
        return 0.0, None
    here = Spot(lat=venue.lat, lng=venue.lng, crs=venue.crs)
    return metres(last.spot, here), max(at - last.at, MINUTE)


def doubts(found: Sequence[str], read: Read, *, vouched: bool) -> list[str]:
    """The kinds of what was found; and an old code that nothing but the phone speaks for."""
    late = timedelta(0) < read.late <= LATE_WITHOUT_DOUBT
    return [*found, "code_late"] if late and not vouched else [*found]
