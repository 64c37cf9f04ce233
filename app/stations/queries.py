"""Reading stations. Nothing here writes."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.checked_photos import RISKY
from app.core.clock import civil_day
from app.core.db import get
from app.stations.hours import WEEK, Exceptional, Hours, Span, Spans
from app.stations.models import (
    GuestMark,
    Station,
    StationCode,
    StationException,
    StationPhoto,
    StationSign,
    StationSpan,
    StationTally,
    StationVisit,
)


def get_station(session: Session, station_id: UUID, *, lock: bool = False) -> Station | None:
    return get(session, Station, station_id, lock=lock)


def hold_station(session: Session, station_id: UUID) -> None:
    """Let nobody change a station's hours until the transaction ends; others may hold it too."""
    query = sa.select(Station.id).where(Station.id == station_id)
    session.execute(query.with_for_update(read=True))


def get_code(session: Session, code: str) -> tuple[Station, StationCode] | None:
    """The station on whose wall this code is or was, and the code."""
    found = session.execute(
        sa.select(Station, StationCode)
        .join(StationCode, StationCode.station_id == Station.id)
        .where(StationCode.code == code)
    ).first()
    return (found[0], found[1]) if found else None


def tenant_of_code(session: Session, code: str) -> int | None:
    """Whose station it is: asked before anybody has said who they are."""
    return session.scalar(sa.select(StationSign.tenant_id).filter_by(code=code))


def live_codes_of(session: Session, station_ids: Collection[UUID]) -> dict[UUID, str]:
    """The code on the wall of each station that has one."""
    rows = session.execute(
        sa.select(StationCode.station_id, StationCode.code).where(
            StationCode.station_id.in_(station_ids), StationCode.revoked_at.is_(None)
        )
    )
    return {row.station_id: row.code for row in rows}


def list_codes_of(session: Session, station_id: UUID) -> list[StationCode]:
    """Every code a station has had, the latest first."""
    query = sa.select(StationCode).filter_by(station_id=station_id)
    newest = (StationCode.issued_at.desc(), StationCode.id.desc())
    return list(session.scalars(query.order_by(*newest)))


def get_visit(
    session: Session, *, person_id: UUID, station_id: UUID, day: date
) -> StationVisit | None:
    return session.scalar(
        sa.select(StationVisit).filter_by(person_id=person_id, station_id=station_id, day=day)
    )


def list_stations_of(
    session: Session, community_ids: Collection[UUID], *, closed: bool = True
) -> list[Station]:
    """The stations of these communities by name; without `closed`, those in service."""
    query = sa.select(Station).where(Station.community_id.in_(community_ids))
    if not closed:
        query = query.where(Station.closed_at.is_(None))
    return list(session.scalars(query.order_by(Station.name, Station.id)))


def hours_of(session: Session, stations: Collection[Station], *, since: date) -> dict[UUID, Hours]:
    """When each of these is open: its week, and what is different from a day on."""
    ids = [station.id for station in stations]
    weeks: dict[UUID, dict[int, list[Span]]] = {id_: {} for id_ in ids}
    days: dict[UUID, dict[date, list[Span]]] = {id_: {} for id_ in ids}
    spans = sa.select(StationSpan).where(
        StationSpan.station_id.in_(ids),
        sa.or_(StationSpan.day.is_(None), StationSpan.day >= since),
    )
    for row in session.scalars(spans.order_by(StationSpan.opens_minute)):
        span = Span(row.opens_minute, row.closes_minute)
        if row.weekday is not None:
            weeks[row.station_id].setdefault(row.weekday, []).append(span)
        elif row.day is not None:
            days[row.station_id].setdefault(row.day, []).append(span)
    exceptions = _exceptions(session, ids, days, since=since)
    return {
        station.id: Hours(
            week={day: tuple(weeks[station.id].get(day, ())) for day in range(WEEK)},
            exceptions=exceptions[station.id],
            closed_at=station.closed_at,
        )
        for station in stations
    }


def hours_at(session: Session, station: Station, *, now: datetime, zone: str) -> Hours:
    """When one station is open, from today on."""
    return hours_of(session, [station], since=civil_day(now, zone))[station.id]


def doors_open(day: date, minute: int) -> sa.ColumnElement[bool]:
    """That the doors are open at a minute of a day, as a condition on stations."""
    different = sa.exists().where(
        StationException.tenant_id == Station.tenant_id,
        StationException.station_id == Station.id,
        StationException.day == day,
    )
    return sa.exists().where(
        StationSpan.tenant_id == Station.tenant_id,
        StationSpan.station_id == Station.id,
        StationSpan.opens_minute <= minute,
        StationSpan.closes_minute > minute,
        sa.or_(
            StationSpan.day == day,
            sa.and_(StationSpan.weekday == day.weekday(), sa.not_(different)),
        ),
    )


def get_photo(session: Session, station_id: UUID) -> StationPhoto | None:
    return session.scalar(sa.select(StationPhoto).filter_by(station_id=station_id))


def photo_is_risky(session: Session, station_id: UUID) -> bool:
    """Whether there is a photo that is not shown, because of what is in it."""
    query = sa.select(StationPhoto.id).filter_by(station_id=station_id, verdict=RISKY)
    return session.scalar(query) is not None


def digests_of(session: Session, station_ids: Collection[UUID]) -> dict[UUID, str]:
    """Which of these have a photo to show, and which one: its address says nothing else."""
    rows = session.execute(
        sa.select(StationPhoto.station_id, StationPhoto.digest).where(
            StationPhoto.station_id.in_(station_ids), StationPhoto.verdict.is_distinct_from(RISKY)
        )
    )
    return {row.station_id: row.digest for row in rows}


def _exceptions(
    session: Session, ids: list[UUID], days: dict[UUID, dict[date, list[Span]]], *, since: date
) -> dict[UUID, dict[date, Exceptional]]:
    query = sa.select(StationException).where(
        StationException.station_id.in_(ids), StationException.day >= since
    )
    found: defaultdict[UUID, dict[date, Exceptional]] = defaultdict(dict)
    for row in session.scalars(query.order_by(StationException.day)):
        spans: Spans = tuple(days[row.station_id].get(row.day, ()))
        found[row.station_id][row.day] = Exceptional(day=row.day, reason=row.reason, spans=spans)
    return found


def guests_on(session: Session, station_id: UUID, day: date) -> tuple[int, int]:
    """How many guests were counted at a station that day, and how many were doubted."""
    counted = sa.func.count().filter(StationTally.counted)
    doubted = sa.func.count().filter(sa.not_(StationTally.counted))
    query = sa.select(counted, doubted).where(
        StationTally.station_id == station_id,
        StationTally.day == day,
        StationTally.noted_by.is_(None),
    )
    row = session.execute(query).one()
    return row[0], row[1]


def marks_of(
    session: Session, station_id: UUID, mark: bytes, *, since: datetime
) -> tuple[int, int]:
    """How many with this mark were counted lately, and since it means anything: today."""
    lately = sa.func.count().filter(GuestMark.at > since)
    query = sa.select(lately, sa.func.count()).where(
        GuestMark.station_id == station_id, GuestMark.mark == mark
    )
    row = session.execute(query).one()
    return row[0], row[1]
