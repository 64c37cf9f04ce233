"""Checking in and checking out."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.activities import codes, proofs, queries, reporting
from app.activities.arrival_models import Attendance
from app.activities.codes import Direction, VenueCode
from app.activities.errors import (
    NO_ACTIVITY,
    ActivityUnknown,
)
from app.activities.facts import fact_of, minutes_given
from app.activities.kinds import LEAVABLE, SEEN
from app.activities.models import Activity
from app.activities.ways import Way, Whereabouts
from app.core.db import add
from app.core.keys import Keyring
from app.core.scans import CodeExpired, code_in, counting
from app.identity.roles import Permission, Principal
from app.ledger import services as ledger
from app.ledger.expected import Expected
from app.organisation import queries as organisation


def activity_of(session: Session, activity_id: UUID, *, lock: bool = False) -> Activity:
    """An activity that is or was public, cancelled or not."""
    activity = queries.get_activity(session, activity_id, lock=lock)
    if activity is None or activity.state not in SEEN:
        raise ActivityUnknown(NO_ACTIVITY)
    return activity


def screened_activity(session: Session, *, me: Principal, activity_id: UUID) -> Activity:
    """An activity whose codes this member of staff may show; another does not exist for them."""
    activity = _leavable(session, activity_id)
    if not me.may(Permission.VENUE_CODE_READ, organisation.path_of(session, activity.community_id)):
        raise ActivityUnknown(NO_ACTIVITY)
    return activity


def prepared_activity(session: Session, *, me: Principal, activity_id: UUID) -> Activity:
    """An activity of a community of one's own as its organisers see it, drafts included."""
    activity = queries.get_activity(session, activity_id)
    path = organisation.path_of(session, activity.community_id) if activity else ()
    if activity is None or not me.may(Permission.ACTIVITY_FOLLOW, path):
        raise ActivityUnknown(NO_ACTIVITY)
    return activity


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
        location_in=Whereabouts.NONE.value,
        way_in=Way.CODE.value,
        way_out=Way.CODE.value,
    )
    attendance.minutes = minutes_given(activity, attendance, until=activity.ends_at)
    add(session, attendance)
    reporting.report(session, attendance, activity, zone=zone, received_at=now, last=True)


def expect_attendance(
    session: Session, *, activity: Activity, attendance: Attendance, zone: str, now: datetime
) -> tuple[Expected, ...]:
    """What leaving now would earn."""
    return ledger.expect(session, fact_of(attendance, activity, zone=zone, received_at=now))


def outcome_of(
    session: Session, *, activity: Activity, attendance: Attendance, zone: str, now: datetime
) -> ledger.Outcome:
    """What a finished attendance earns."""
    shown = proofs.of(session, attendance).given
    fact = fact_of(attendance, activity, zone=zone, received_at=now, shown=shown)
    return ledger.outcome(session, fact)


def read_code(
    session: Session, *, me: Principal, text: str, keyring: Keyring, now: datetime
) -> tuple[VenueCode, Direction]:
    """The venue code in a text, checked; a wrong one is logged against its scanner."""
    with counting(session, person_id=me.person_id, now=now):
        code, direction = codes.ours(text, keyring=keyring, tenant_id=me.tenant_id)
        if not code.is_fresh(now):
            raise CodeExpired(codes.EXPIRED)
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
        raise CodeExpired(codes.EXPIRED)
    return direction


def _leavable(session: Session, activity_id: UUID) -> Activity:
    """Whoever forgot to check out may do so although the list was confirmed."""
    activity = activity_of(session, activity_id)
    if activity.state not in LEAVABLE:
        raise ActivityUnknown(NO_ACTIVITY)
    return activity
