"""What has to be known to judge an arrival, read in one statement. Nothing here writes.

Everybody comes within the same few minutes: so it is asked once, and written out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.activities import models
from app.activities.arrival_models import Attendance
from app.activities.models import Activity, Enrolment
from app.core import misses
from app.core.db import tenant_of
from app.core.geodesy import Spot
from app.core.scans import PURPOSE
from app.identity import personal
from app.identity.queries import ASKER, ASKERS_DEVICE, Beside, asked_beside, in_one_column


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whose arrival it is, where, and on which device."""

    activity_id: UUID
    person_id: UUID
    device: bytes | None
    at: datetime
    tried: misses.Try


@dataclass(frozen=True, slots=True)
class Venue:
    """What has to be known of an activity."""

    title: str
    category: str
    state: str
    starts_at: datetime
    ends_at: datetime
    lat: float | None
    lng: float | None
    crs: str
    radius_m: int | None
    open_before_min: int
    close_after_start_min: int | None

    @property
    def opens_at(self) -> datetime:
        return models.opens_at(self.starts_at, self.open_before_min)

    @property
    def closes_at(self) -> datetime:
        return models.closes_at(self.starts_at, self.ends_at, self.close_after_start_min)


@dataclass(frozen=True, slots=True)
class Scene:
    """The activity, and what is known of the person and the device there."""

    venue: Venue
    missed: Sequence[datetime]
    birth_date: str | None  # sealed
    enrolled: bool
    overlapping: bool
    others_on_device: int
    last_place: "LastPlace | None"


@dataclass(frozen=True, slots=True)
class LastPlace:
    """Where somebody was last seen, by the place of the activity they came to or left."""

    spot: Spot
    at: datetime


def read(session: Session, asked: Asked) -> Scene | None:
    """The scene, or None when there is no such activity."""
    values = {
        "tenant": tenant_of(session),
        "activity": asked.activity_id,
        "person": asked.person_id,
        "device": asked.device,
        "at": asked.at,
        "subject": asked.tried.digest,
        "since": misses.since(asked.tried.now),
    }
    found = session.connection().execute(_SCENE, values).scalar()
    return None if found is None else of(found)


def beside(now: datetime, *, activity_id: UUID) -> Beside:
    """The same, asked together with who is there now by themself."""
    values = {"activity": activity_id, "at": now, "since": misses.since(now)}
    return Beside(statement=_BESIDE, values=values)


def of(found: Mapping[str, Any]) -> Scene:
    """The scene in what a statement has found."""
    moment = datetime.fromisoformat
    venue = {name: found[name] for name in _OF_VENUE}
    venue |= {name: moment(venue[name]) for name in ("starts_at", "ends_at")}
    return Scene(
        venue=Venue(**venue),
        missed=[moment(one) for one in found["missed"]],
        birth_date=found["birth_date"],
        enrolled=found["enrolled"],
        overlapping=found["overlapping"],
        others_on_device=found["others_on_device"],
        last_place=found["last"] and _last_place(found["last"]),
    )


def _last_place(found: Sequence[Any]) -> LastPlace:
    lat, lng, crs, at = found
    return LastPlace(Spot(lat=lat, lng=lng, crs=crs), datetime.fromisoformat(at))


Uuids = sa.ColumnElement[UUID]

_A, _E = Activity.__table__, Enrolment.__table__
# Short names: the driver takes a text apart anew each time that has more than 4096 characters.
_OTHER, _THERE = Attendance.__table__.alias("o"), _A.alias("t")
# Since when they are here: whoever leaves may have been somewhere else meanwhile.
_HERE = Attendance.__table__.alias("h")
_OF_VENUE = [field.name for field in fields(Venue)]

_TENANT = sa.bindparam("tenant", type_=sa.BigInteger())
_ACTIVITY = sa.bindparam("activity", type_=sa.Uuid())
_AT = sa.bindparam("at", type_=sa.DateTime(timezone=True))


def _asked(
    person: Uuids, *, device: sa.ColumnElement[bytes], subject: sa.ColumnElement[bytes]
) -> sa.Select[Any]:
    """What `of` reads."""
    elsewhere = _elsewhere(person).subquery("e")
    return sa.select(
        *(_A.c[name] for name in _OF_VENUE),
        misses.latest(subject).label("missed"),
        personal.birth_date_sealed(person).label("birth_date"),
        _enrolled(person).label("enrolled"),
        _overlapping(elsewhere, person).label("overlapping"),
        _others_on(device, person).label("others_on_device"),
        _last(elsewhere).label("last"),
    ).where(_A.c.tenant_id == _TENANT, _A.c.id == _ACTIVITY)


def _elsewhere(person: Uuids) -> sa.Select[Any]:
    there = sa.and_(_THERE.c.tenant_id == _OTHER.c.tenant_id, _THERE.c.id == _OTHER.c.activity_id)
    return (
        sa.select(
            _OTHER.c.checked_in_at,
            _OTHER.c.checked_out_at,
            *(_THERE.c[name] for name in ("ends_at", "lat", "lng", "crs")),
        )
        .join(_THERE, there)
        .where(
            _OTHER.c.tenant_id == _TENANT,
            _OTHER.c.person_id == person,
            _OTHER.c.activity_id != _ACTIVITY,
            _OTHER.c.checked_in_at > _AT - sa.literal_column("interval '1 day'"),
            _OTHER.c.checked_in_at <= _AT,
        )
    )


def _last(elsewhere: sa.Subquery) -> sa.ScalarSelect[Any]:
    place = (elsewhere.c.lat, elsewhere.c.lng, elsewhere.c.crs)
    at = sa.func.coalesce(elsewhere.c.checked_out_at, elsewhere.c.checked_in_at)
    return (
        sa.select(sa.func.json_build_array(*place, at))
        .where(elsewhere.c.lat.is_not(None))
        .order_by(elsewhere.c.checked_in_at.desc())
        .limit(sa.literal_column("1"))
        .scalar_subquery()
    )


def _enrolled(person: Uuids) -> sa.Exists:
    return sa.exists().where(
        _E.c.tenant_id == _TENANT,
        _E.c.activity_id == _ACTIVITY,
        _E.c.person_id == person,
        _E.c.state == sa.literal_column("'confirmed'"),
    )


def _overlapping(elsewhere: sa.Subquery, person: Uuids) -> sa.Exists:
    came = sa.select(_HERE.c.checked_in_at).where(
        _HERE.c.tenant_id == _TENANT,
        _HERE.c.activity_id == _ACTIVITY,
        _HERE.c.person_id == person,
    )
    until = sa.func.coalesce(elsewhere.c.checked_out_at, elsewhere.c.ends_at)
    since = sa.func.coalesce(came.scalar_subquery(), _AT)
    return sa.exists(sa.literal_column("1")).select_from(elsewhere).where(until > since)


def _others_on(device: sa.ColumnElement[bytes], person: Uuids) -> sa.ScalarSelect[int]:
    return (
        sa.select(sa.func.count())
        .where(
            _OTHER.c.tenant_id == _TENANT,
            _OTHER.c.activity_id == _ACTIVITY,
            _OTHER.c.device_in == device,
            _OTHER.c.person_id != person,
        )
        .scalar_subquery()
    )


_SCENE = in_one_column(
    _asked(
        personal.PERSON,
        device=sa.bindparam("device", type_=sa.LargeBinary()),
        subject=misses.SUBJECT,
    )
)
# The same for whoever asks, in the statement that finds out who that is.
_BESIDE = asked_beside(
    _asked(ASKER, device=ASKERS_DEVICE, subject=misses.digest_of(PURPOSE, ASKER))
)
