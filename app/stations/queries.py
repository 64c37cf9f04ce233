"""Reading stations. Nothing here writes."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import places
from app.core.db import get
from app.core.paging import Page
from app.stations.models import Station, StationCode, StationVisit


def get_station(session: Session, station_id: UUID) -> Station | None:
    return get(session, Station, station_id)


def get_station_by_code(session: Session, code: str) -> Station | None:
    """The station whose wall shows this code, unless the code was revoked."""
    return session.scalar(
        sa.select(Station)
        .join(StationCode, StationCode.station_id == Station.id)
        .where(StationCode.code == code, StationCode.revoked_at.is_(None))
    )


def get_live_code(session: Session, station_id: UUID) -> StationCode | None:
    return session.scalar(
        sa.select(StationCode)
        .where(StationCode.station_id == station_id, StationCode.revoked_at.is_(None))
        .order_by(StationCode.issued_at.desc(), StationCode.id)
        .limit(1)
    )


def get_visit(
    session: Session, *, person_id: UUID, station_id: UUID, day: date
) -> StationVisit | None:
    return session.scalar(
        sa.select(StationVisit).filter_by(person_id=person_id, station_id=station_id, day=day)
    )


def list_stations(session: Session, wanted: dict[str, Any], *, kind: str | None) -> Page[Station]:
    """Stations in service, of one kind or of all."""
    query = sa.select(Station).where(Station.closed_at.is_(None))
    if kind is not None:
        query = query.where(Station.kind == kind)
    return places.listed(session, query, wanted)


def list_stations_of(session: Session, community_ids: Collection[UUID]) -> list[Station]:
    query = sa.select(Station).where(Station.community_id.in_(community_ids))
    return list(session.scalars(query.order_by(Station.name, Station.id)))


def is_open(station: Station, *, now: datetime, zone: str) -> bool:
    """Whether the station is in service and its doors are open."""
    in_service = station.closed_at is None or now < station.closed_at
    return in_service and places.is_open(station, now=now, zone=zone)
