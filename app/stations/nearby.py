"""Finding stations: the nearest first, or by name; of a kind, with a service, open now."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import places
from app.core.geodesy import Spot
from app.core.paging import DEFAULT_LIMIT, Page, decode, measure, page
from app.stations import queries
from app.stations.hours import Hours
from app.stations.models import Station


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which stations somebody looks for. Where they are is used here, and kept nowhere."""

    kind: str | None = None
    level: str | None = None
    service: str | None = None
    open_now: bool | None = None
    near: Spot | None = None
    cursor: str | None = None
    limit: int = DEFAULT_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A station, when it is open, and how far it is, where that was asked and can be said."""

    station: Station
    hours: Hours
    metres: int | None
    digest: str | None = None  # of its photo


def find_stations(session: Session, wanted: Wanted, *, now: datetime, zone: str) -> Page[Place]:
    """Stations in service, a page of those wanted."""
    near, local = wanted.near, now.astimezone(ZoneInfo(zone))
    first: sa.SQLColumnExpression[Any] = Station.name
    if near is not None:
        first = places.metres_from(Station, near)
    query = _narrowed(sa.select(Station), wanted)
    if wanted.open_now is not None:
        open_now = queries.doors_open(local.date(), local.hour * 60 + local.minute)
        query = query.where(open_now if wanted.open_now else sa.not_(open_now))
    after = decode(wanted.cursor, (str if near is None else measure, UUID))
    if after is not None:
        query = query.where(sa.tuple_(first, Station.id) > sa.tuple_(*after))
    found = query.add_columns(first).order_by(first, Station.id).limit(wanted.limit + 1)
    cut = page(
        session.execute(found).all(),
        limit=wanted.limit,
        key=lambda row: (str(row[1]), str(row[0].id)),
    )
    stations = [row[0] for row in cut.items]
    hours = queries.hours_of(session, stations, since=local.date())
    digests = queries.digests_of(session, [station.id for station in stations])
    items = [
        Place(
            station=station,
            hours=hours[station.id],
            metres=_said(value) if near is not None else None,
            digest=digests.get(station.id),
        )
        for station, value in cut.items
    ]
    return Page(items, cut.next_cursor)


def place_of(station: Station) -> Spot | None:
    """Where a station stands, if that is known."""
    if station.lat is None or station.lng is None:
        return None
    return Spot(lat=station.lat, lng=station.lng, crs=station.crs)


def middle_of(stations: list[Station]) -> Spot | None:
    """In the midst of some stations: from where "near" is meant when nobody says where they are."""
    points = [point.as_gcj02() for one in stations if (point := place_of(one)) is not None]
    if not points:
        return None
    lat = sum(point.lat for point in points) / len(points)
    lng = sum(point.lng for point in points) / len(points)
    return Spot(lat=lat, lng=lng)


def _narrowed(query: sa.Select[Station], wanted: Wanted) -> sa.Select[Station]:
    query = query.where(Station.closed_at.is_(None))
    if wanted.kind is not None:
        query = query.where(Station.kind == wanted.kind)
    if wanted.level is not None:
        query = query.where(Station.level == wanted.level)
    if wanted.service is not None:
        query = query.where(Station.services.contains([wanted.service]))
    return query


def _said(metres: float) -> int | None:
    return None if metres >= places.FARTHEST else round(metres)
