"""What an attendance is worth telling: minutes, household, circumstances. Not its points."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from app.activities.arrival_models import Attendance
from app.activities.models import Activity
from app.activities.ways import Evidence, Review, Way, Whereabouts
from app.core import clock
from app.core.ids import new_id
from app.households import queries as households
from points_engine import Circumstance, Fact, FactKind

MINUTE = timedelta(minutes=1)
READ = {Way.CODE: "venue", Way.DELEGATE: "venue", Way.CARD: "card"}
BY_OTHERS = {Evidence.SERVED: "slip", Evidence.DOCUMENT: "accepted"}
BY_STAFF = {Way.CARD, Way.STAFF, Way.LIST, Way.BACKFILL}


def fact_of(
    attendance: Attendance,
    activity: Activity,
    *,
    zone: str,
    received_at: datetime,
    household_id: UUID | None = None,
    shown: Collection[Evidence] = (),
) -> Fact:
    """What is reported of an attendance that ends, or would end now; `shown` by others."""
    until = attendance.checked_out_at or received_at
    return Fact(
        id=new_id(),
        kind=FactKind.ATTENDANCE,
        source=f"attendance:{attendance.id}",
        category=activity.category,
        beneficiary_id=attendance.person_id,
        actor_id=attendance.out_by or attendance.in_by or attendance.person_id,
        household_id=household_id,
        community_id=activity.community_id,
        quantity=minutes_given(activity, attendance, until=until),
        occurred_at=until,
        occurred_on=clock.civil_day(until, zone),
        received_at=received_at,
        activity_id=activity.id,
        planned=activity.planned,
        circumstances=_circumstances(activity, attendance, until=until, zone=zone),
        evidence=_evidence(activity, attendance) | {one.value: BY_OTHERS[one] for one in shown},
    )


def _circumstances(
    activity: Activity, attendance: Attendance, *, until: datetime, zone: str
) -> frozenset[Circumstance]:
    found = set()
    if clock.is_mostly_night(*_served(activity, attendance, until), zone):
        found.add(Circumstance.NIGHT)
    if attendance.way_in == Way.BACKFILL:
        found.add(Circumstance.BACKFILLED)
    return frozenset(found)


def _evidence(activity: Activity, attendance: Attendance) -> dict[str, str]:
    """Which codes were read, and whether staff did it, or looked at it: nothing about a person.

    A printed card that staff scanned is a code that was read. What closed by itself was come to
    with a code, and never left: its owner has said since when that was right.
    """
    said = {
        "title": activity.title,
        "location_in": attendance.location_in,
        "location_out": attendance.location_out or Whereabouts.NONE.value,
    }
    way_out = attendance.way_out or Way.CODE.value
    if attendance.way_in in READ and way_out in {*READ, Way.CLOSING}:
        said |= {"code": "venue", "qr2": READ[Way(attendance.way_in)]}
    if {attendance.way_in, way_out} & BY_STAFF or attendance.review == Review.APPROVED:
        said["op"] = "staff"
    return said


def minutes_given(activity: Activity, attendance: Attendance, *, until: datetime) -> int:
    """Whole minutes present while the activity ran. Early arrival and staying on count nothing."""
    began, ended = _served(activity, attendance, until)
    return max(ended - began, timedelta(0)) // MINUTE


def household_of(attendance: Attendance, *, zone: str) -> sa.ScalarSelect[UUID]:
    """The household to which somebody belonged on the day they left, for a statement."""
    assert attendance.checked_out_at is not None  # only who has left is reported
    day = clock.civil_day(attendance.checked_out_at, zone)
    return households.belonging_on(attendance.person_id, day).scalar_subquery()


def _served(
    activity: Activity, attendance: Attendance, until: datetime
) -> tuple[datetime, datetime]:
    return max(attendance.checked_in_at, activity.starts_at), min(until, activity.ends_at)
