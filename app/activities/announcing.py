"""预告: what many are told of an activity goes out in batches, by the worker and never a request.

A row says what is to be told and how far that has come; whom it is for is asked batch by batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.activities.kinds import Audience, NoticeKind
from app.activities.models import Activity, ActivityNotice
from app.core.clock import civil_text
from app.core.db import add, get, tenant_of
from app.identity import units
from app.notices import services as notices
from app.notices.services import Addressee, Circular

AT_ONCE = 500

# People by their ids, after the last one told. Who was forgotten, or only works here, is not told.
_PEOPLE = """
    SELECT person.id, person.community_id FROM person
    WHERE person.tenant_id = :tenant AND person.erased_at IS NULL
        AND NOT person.kinds <@ ARRAY['staff'] AND person.id > :after AND {condition}
    ORDER BY person.id LIMIT :limit
"""
_HERE = "person.community_id = :community"
_AUDIENCES = {
    Audience.NOBODY: "false",
    Audience.COMMUNITY: _HERE,
    Audience.MEMBERS: f"{_HERE} AND person.kinds && ARRAY['in_service_member']",
    Audience.GRID: """person.id IN (
        SELECT household_member.person_id FROM household_member
        JOIN household ON household.tenant_id = household_member.tenant_id
            AND household.id = household_member.household_id
        WHERE household_member.tenant_id = :tenant AND household.tenant_id = :tenant
            AND household.unit_id = ANY(:units) AND household_member.to_day IS NULL)""",
    Audience.SERIES: """person.id IN (
        SELECT enrolment.person_id FROM enrolment
        JOIN activity ON activity.tenant_id = enrolment.tenant_id
            AND activity.id = enrolment.activity_id
        WHERE enrolment.tenant_id = :tenant AND activity.tenant_id = :tenant
            AND activity.series_id = :series AND enrolment.state = 'confirmed')""",
}
_ENROLLED = """person.id IN (
    SELECT enrolment.person_id FROM enrolment
    WHERE enrolment.tenant_id = :tenant AND enrolment.activity_id = :activity
        AND enrolment.state IN ('confirmed', 'offered', 'waitlisted'))"""
_FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A batch that was told, and whether more are waiting."""

    people: int
    done: bool


def start_telling(session: Session, activity: Activity, kind: NoticeKind, *, now: datetime) -> None:
    """Let the worker tell people of an activity, unless it is for nobody."""
    if kind is NoticeKind.INVITATION and activity.audience == Audience.NOBODY:
        return
    row = ActivityNotice(
        activity_id=activity.id,
        kind=kind.value,
        unit_ids=_units(session, activity.audience_unit_id),
        told=0,
        created_at=now,
    )
    add(session, row)


def about(activity_id: UUID, kind: NoticeKind) -> str:
    """By what such a notice is known again."""
    return f"activity:{activity_id}:{kind.value}"


def note_read(session: Session, activity_id: UUID, *, person_id: UUID, now: datetime) -> None:
    """Whoever opens an activity has read what they were told of it."""
    for kind in NoticeKind:
        told = about(activity_id, kind)
        notices.read_about(session, person_id=person_id, about=told, now=now)


def take_waiting(session: Session) -> ActivityNotice | None:
    """Something that is to be told, which nobody else is at."""
    query = sa.select(ActivityNotice).where(ActivityNotice.done_at.is_(None))
    first = query.order_by(ActivityNotice.id).limit(1).with_for_update(skip_locked=True)
    return session.scalar(first)


def tell_batch(
    session: Session, row: ActivityNotice, *, zone: str, now: datetime, limit: int = AT_ONCE
) -> Told:
    """Tell the next people; nobody twice, however often it is begun anew."""
    activity = get(session, Activity, row.activity_id)
    assert activity is not None  # the foreign key says so
    people = _next(session, row, activity, limit=limit)
    kind = NoticeKind(row.kind)
    overtaken = kind is NoticeKind.INVITATION and not activity.is_open_to_come(now)
    if people and not overtaken:
        told = notices.notify_many(session, people, _circular(activity, kind, zone=zone), now=now)
        row.told, row.told_up_to = row.told + told, people[-1].person_id
    done = overtaken or len(people) < limit
    if done:
        row.done_at = now
    session.flush()
    return Told(people=len(people), done=done)


def _next(
    session: Session, row: ActivityNotice, activity: Activity, *, limit: int
) -> Sequence[Addressee]:
    invited = row.kind == NoticeKind.INVITATION
    condition = _AUDIENCES[Audience(activity.audience)] if invited else _ENROLLED
    values = {
        "tenant": tenant_of(session),
        "after": row.told_up_to or _FIRST,
        "limit": limit,
        "community": activity.community_id,
        "units": row.unit_ids,
        "series": activity.series_id,
        "activity": activity.id,
    }
    rows = session.execute(sa.text(_PEOPLE.format(condition=condition)), values)
    return [Addressee(person_id=each.id, community_id=each.community_id) for each in rows]


def _circular(activity: Activity, kind: NoticeKind, *, zone: str) -> Circular:
    return Circular(
        template=_template(activity, kind),
        about=about(activity.id, kind),
        words={
            "title": activity.title,
            "when": civil_text(activity.starts_at, zone),
            "place": activity.place,
            "reason": activity.cancel_reason.rstrip("。"),  # the sentence ends by itself
        },
        path=f"/activities/{activity.id}",
    )


def _template(activity: Activity, kind: NoticeKind) -> str:
    """An invitation is worth a call where the organiser says so; a cancellation always is."""
    if kind is NoticeKind.CANCELLATION:
        return "activity_cancelled"
    return "activity_invitation_called" if activity.calling else "activity_invitation"


def _units(session: Session, top: UUID | None) -> list[UUID]:
    """The grid, and the buildings and entrances in it."""
    return [unit_id for unit_id, _, _ in units.list_below(session, [top])] if top else []
