"""What has to be known to judge an arrival, read in one statement. Nothing here writes.

Everybody comes within the same few minutes: so it is asked once, and written out.
"""

from collections.abc import Sequence
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
from app.identity import personal


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

    id: UUID
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
        "since": misses.since(asked.tried),
    }
    row = session.connection().execute(_SCENE, values).first()
    return None if row is None else _scene(row)


def _scene(row: sa.Row[Any]) -> Scene:
    """The columns of the statement, in its order."""
    missed, birth_date, enrolled, overlapping, others, *last = row[_OF_VENUE:]
    lat, lng, crs, at = last
    return Scene(
        venue=Venue(*row[:_OF_VENUE]),
        missed=missed,
        birth_date=birth_date,
        enrolled=enrolled,
        overlapping=overlapping,
        others_on_device=others,
        last_place=None if lat is None else LastPlace(Spot(lat=lat, lng=lng, crs=crs), at),
    )


_A = Activity.__table__
_OTHER, _THERE = Attendance.__table__.alias("other"), _A.alias("there")
_E = Enrolment.__table__
_OF_VENUE = len(fields(Venue))

_TENANT = sa.bindparam("tenant", type_=sa.BigInteger())
_ACTIVITY = sa.bindparam("activity", type_=sa.Uuid())
_PERSON = sa.bindparam("person", type_=sa.Uuid())
_DEVICE = sa.bindparam("device", type_=sa.LargeBinary())
_AT = sa.bindparam("at", type_=sa.DateTime(timezone=True))

_ELSEWHERE = (
    sa.select(
        _OTHER.c.checked_in_at,
        _OTHER.c.checked_out_at,
        _THERE.c.ends_at,
        _THERE.c.lat,
        _THERE.c.lng,
        _THERE.c.crs,
    )
    .join(
        _THERE,
        sa.and_(_THERE.c.tenant_id == _OTHER.c.tenant_id, _THERE.c.id == _OTHER.c.activity_id),
    )
    .where(
        _OTHER.c.tenant_id == _TENANT,
        _OTHER.c.person_id == _PERSON,
        _OTHER.c.activity_id != _ACTIVITY,
        _OTHER.c.checked_in_at > _AT - sa.literal_column("interval '1 day'"),
        _OTHER.c.checked_in_at <= _AT,
    )
)
_O = _ELSEWHERE.subquery("elsewhere")
# Since when they are here: whoever leaves may have been somewhere else meanwhile.
_HERE = Attendance.__table__.alias("here")
_CAME = (
    sa.select(_HERE.c.checked_in_at)
    .where(
        _HERE.c.tenant_id == _TENANT,
        _HERE.c.activity_id == _ACTIVITY,
        _HERE.c.person_id == _PERSON,
    )
    .scalar_subquery()
)
_LAST = (
    sa.select(
        _O.c.lat.label("last_lat"),
        _O.c.lng.label("last_lng"),
        _O.c.crs.label("last_crs"),
        sa.func.coalesce(_O.c.checked_out_at, _O.c.checked_in_at).label("last_at"),
    )
    .where(_O.c.lat.is_not(None))
    .order_by(_O.c.checked_in_at.desc())
    .limit(1)
    .lateral("last")
)
_SCENE: sa.Select[Any] = (
    sa.select(
        *(_A.c[field.name] for field in fields(Venue)),
        misses.latest().label("missed"),
        personal.birth_date_sealed().label("birth_date"),
        sa.exists()
        .where(
            _E.c.tenant_id == _TENANT,
            _E.c.activity_id == _ACTIVITY,
            _E.c.person_id == _PERSON,
            _E.c.state == "confirmed",
        )
        .label("enrolled"),
        sa.select(sa.literal(True))
        .select_from(_O)
        .where(sa.func.coalesce(_O.c.checked_out_at, _O.c.ends_at) > sa.func.coalesce(_CAME, _AT))
        .exists()
        .label("overlapping"),
        sa.select(sa.func.count())
        .where(
            _OTHER.c.tenant_id == _TENANT,
            _OTHER.c.activity_id == _ACTIVITY,
            _OTHER.c.device_in == _DEVICE,
            _OTHER.c.person_id != _PERSON,
        )
        .scalar_subquery()
        .label("others_on_device"),
        _LAST.c.last_lat,
        _LAST.c.last_lng,
        _LAST.c.last_crs,
        _LAST.c.last_at,
    )
    .select_from(_A.outerjoin(_LAST, sa.true()))
    .where(_A.c.tenant_id == _TENANT, _A.c.id == _ACTIVITY)
)
