"""Places people go to: where they are, and when their doors are open."""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import marshmallow as ma
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session

from app.core.bodies import Schema
from app.core.db import TenantRow
from app.core.geodesy import Spot
from app.core.paging import Page, decode, measure, page

DAY_MINUTES = 24 * 60
METRES_A_DEGREE = 111_320.0
FARTHEST = 1e9

NAME = r"char_length(name) <= 60 AND name ~ '\S'"
OPENING_HOURS = (
    f"0 <= opens_minute AND opens_minute < closes_minute AND closes_minute <= {DAY_MINUTES}"
)


class Location(Schema):
    """Where a phone says it is: evidence, never a condition."""

    lat = ma.fields.Float(required=True, validate=ma.validate.Range(-90, 90))
    lng = ma.fields.Float(required=True, validate=ma.validate.Range(-180, 180))
    crs = ma.fields.String(required=True, validate=ma.validate.OneOf(["gcj02", "wgs84"]))
    accuracy_m = ma.fields.Float(
        allow_none=True, validate=ma.validate.Range(0, 100_000), load_default=None
    )


class Site(TenantRow):
    """A row for a place: what it is called, and where it is."""

    __abstract__ = True

    name: Mapped[str]
    address: Mapped[str]
    lat: Mapped[float | None]
    lng: Mapped[float | None]
    crs: Mapped[str]


class Place(Site):
    """One whose doors are open at the same hours each day: minutes of its civil day."""

    __abstract__ = True

    opens_minute: Mapped[int]
    closes_minute: Mapped[int]


def site_checks() -> tuple[sa.CheckConstraint, ...]:
    """What the database demands of a site."""
    return (
        sa.CheckConstraint(NAME, name="name"),
        sa.CheckConstraint("crs IN ('gcj02', 'wgs84')", name="crs"),
    )


def checks() -> tuple[sa.CheckConstraint, ...]:
    """What the database demands of a place."""
    return (*site_checks(), sa.CheckConstraint(OPENING_HOURS, name="opening_hours"))


def is_open(place: Place, *, now: datetime, zone: str) -> bool:
    """Whether the doors are open at this instant, by the wall clock there."""
    local = now.astimezone(ZoneInfo(zone))
    return place.opens_minute <= local.hour * 60 + local.minute < place.closes_minute


def doors_open(place: type[Place], *, now: datetime, zone: str) -> sa.ColumnElement[bool]:
    """The same as a condition, so that a page is full of what was asked for."""
    local = now.astimezone(ZoneInfo(zone))
    minute = local.hour * 60 + local.minute
    return sa.and_(place.opens_minute <= minute, place.closes_minute > minute)


def hours_text(place: Place) -> str:
    if (place.opens_minute, place.closes_minute) == (0, DAY_MINUTES):
        return "全天开放"
    opens, closes = divmod(place.opens_minute, 60), divmod(place.closes_minute, 60)
    return f"{opens[0]}:{opens[1]:02d}–{closes[0]}:{closes[1]:02d}"


def location(place: Site) -> dict[str, Any] | None:
    """Where it is, in the form of an answer."""
    if place.lat is None:
        return None
    return {"lat": place.lat, "lng": place.lng, "crs": place.crs}


Found = TypeVar("Found", bound=Place)


def listed(
    session: Session, query: sa.Select[Found], wanted: dict[str, Any], *, near: Spot | None = None
) -> Page[Found]:
    """A page of the places that `query` selects: the nearest first, or by name.

    Where somebody is serves to sort by, and is kept nowhere.
    """
    place = query.column_descriptions[0]["entity"]
    first: sa.ColumnElement[Any] = place.name if near is None else metres_from(place, near)
    after = decode(wanted["cursor"], (str if near is None else measure, UUID))
    if after is not None:
        query = query.where(sa.tuple_(first, place.id) > sa.tuple_(*after))
    limit = wanted["limit"]
    found = query.add_columns(first).order_by(first, place.id).limit(limit + 1)
    rows: Sequence[Any] = session.execute(found).all()
    cut = page(rows, limit=limit, key=lambda row: (str(row[1]), str(row[0].id)))
    return Page([row[0] for row in cut.items], cut.next_cursor)


def spot(said: dict[str, Any]) -> Spot:
    """What a `Location` says, without how sure the phone is."""
    return Spot(lat=said["lat"], lng=said["lng"], crs=said["crs"])


def metres_from(place: type[Site], near: Spot) -> sa.ColumnElement[float]:
    """Distance within the grid each place is given on; `FARTHEST` where none is known."""
    by_grid = sa.case(
        (place.crs == "wgs84", _plane(place, near.as_wgs84())),
        else_=_plane(place, near.as_gcj02()),
    )
    return sa.func.coalesce(by_grid, FARTHEST)


def _plane(place: type[Site], near: Spot) -> sa.ColumnElement[float]:
    """On a plane that touches the earth there: right to a metre within a city."""
    north = (place.lat - near.lat) * METRES_A_DEGREE
    east = (place.lng - near.lng) * (METRES_A_DEGREE * math.cos(math.radians(near.lat)))
    return sa.func.round(sa.func.sqrt(north * north + east * east))
