"""Setting stations up and changing them: what they are, where, and when they are open."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.db import add
from app.core.geodesy import Spot
from app.identity import units
from app.identity.roles import Permission, Principal
from app.organisation import queries as organisation
from app.stations import clearing, issuing, queries
from app.stations.clearing import Change
from app.stations.errors import StationNameTaken, StationUnknown, StationWrong
from app.stations.hours import Exceptional, Hours, Spans
from app.stations.kinds import Level, Service, StationKind
from app.stations.models import Station, StationException, StationSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a station is to be. A place on the GPS's grid is kept on the one maps are drawn on."""

    name: str
    kind: StationKind
    level: Level
    address: str
    services: frozenset[Service]
    contact: str = ""
    point: Spot | None = None

    def fields(self) -> dict[str, object]:
        if not self.services:
            raise StationWrong("请至少选一项服务。", errors={"services": ["至少选一项"]})
        point = self.point and self.point.as_gcj02()
        return {
            "name": self.name,
            "kind": self.kind.value,
            "level": self.level.value,
            "address": self.address,
            "services": [one.value for one in Service if one in self.services],
            "contact": self.contact,
            "lat": round(point.lat, 6) if point else None,
            "lng": round(point.lng, 6) if point else None,
            "crs": "gcj02",
        }


def create_station(
    session: Session, draft: Draft, *, me: Principal, community_id: UUID, now: datetime
) -> Station:
    """Set up a station in a community, with a code for its wall. It opens when it has hours."""
    path = organisation.path_of(session, community_id)
    unit = organisation.get_unit(session, community_id)
    allowed = me.may(Permission.STATION_MANAGE, path)
    if unit is None or unit.kind != "community" or not allowed:
        raise StationUnknown("没有找到这个社区，请从列表中选择。")
    units.hold_open(session, community_id)
    _refuse_taken(session, community_id, draft.name, but=None)
    station = add(session, Station(community_id=community_id, **draft.fields()))
    issuing.issue_code(session, station_id=station.id, now=now, issued_by=me.person_id)
    _note(session, "station.create", station, me=me, now=now)
    return station


def update_station(
    session: Session, draft: Draft, *, me: Principal, station_id: UUID, now: datetime
) -> Station:
    """Change what a station is."""
    station = issuing.managed(session, me, station_id, to=Permission.STATION_MANAGE, lock=True)
    _refuse_taken(session, station.community_id, draft.name, but=station_id)
    changed = {}
    for field, value in draft.fields().items():
        before = getattr(station, field)
        if before != value:
            changed[field] = (_word(before), _word(value))
            setattr(station, field, value)
    session.flush()
    if changed:
        _note(session, "station.update", station, me=me, now=now, changed=changed)
    return station


def set_service(
    session: Session, *, me: Principal, station_id: UUID, closed: bool, now: datetime
) -> Station:
    """Take a station out of service, or back into it.

    Out of service, its bookings and shifts to come are called off, and whoever has one is told.
    """
    station = issuing.managed(session, me, station_id, to=Permission.STATION_MANAGE, lock=True)
    if closed is not (station.closed_at is not None):
        station.closed_at = now if closed else None
        session.flush()
        _note(session, "station.close" if closed else "station.reopen", station, me=me, now=now)
        if closed:
            today = clock.civil_day(now, me.zone)
            change = Change(since=today, reason="驿站停用", after=Hours())
            clearing.clear(session, station, change, me=me, now=now)
    return station


def set_week(
    session: Session,
    week: Mapping[int, Spans],
    *,
    me: Principal,
    station_id: UUID,
    now: datetime,
) -> Station:
    """Open the doors at these hours, week by week.

    Bookings and shifts that no longer fit are called off, and whoever has one is told.
    """
    station = issuing.managed(session, me, station_id, to=Permission.STATION_MANAGE, lock=True)
    before = queries.hours_at(session, station, now=now, zone=me.zone)
    keep_week(session, station_id, week)
    after = queries.hours_at(session, station, now=now, zone=me.zone)
    if before.text() != after.text():
        changed = {"hours": (before.text(), after.text())}
        _note(session, "station.hours", station, me=me, now=now, changed=changed)
        today = clock.civil_day(now, me.zone)
        change = Change(since=today, reason="开放时间有调整", before=before, after=after)
        clearing.clear(session, station, change, me=me, now=now)
    return station


def keep_week(session: Session, station_id: UUID, week: Mapping[int, Spans]) -> None:
    """Write the hours of a week in place of those there were."""
    theirs = sa.delete(StationSpan).where(
        StationSpan.station_id == station_id, StationSpan.weekday.is_not(None)
    )
    session.execute(theirs)
    for weekday, spans in week.items():
        for span in spans:
            row = StationSpan(station_id=station_id, weekday=weekday)
            row.opens_minute, row.closes_minute = span
            add(session, row)


def set_exception(
    session: Session, different: Exceptional, *, me: Principal, station_id: UUID, now: datetime
) -> Station:
    """Let a day be different from its week, for a reason people read at the door.

    Bookings and shifts that no longer fit are called off, and whoever has one is told.
    """
    station = issuing.managed(session, me, station_id, to=Permission.STATION_MANAGE, lock=True)
    _forget_day(session, station_id, different.day)
    row = StationException(station_id=station_id, day=different.day, reason=different.reason)
    row.noted_by = me.person_id
    add(session, row)
    for span in different.spans:
        of_day = StationSpan(station_id=station_id, day=different.day)
        of_day.opens_minute, of_day.closes_minute = span
        add(session, of_day)
    _note(session, "station.exception", station, me=me, now=now, reason=different.reason)
    change = Change(
        since=different.day,
        until=different.day,
        reason=different.reason,
        after=queries.hours_at(session, station, now=now, zone=me.zone),
    )
    clearing.clear(session, station, change, me=me, now=now)
    return station


def drop_exception(
    session: Session, day: date, *, me: Principal, station_id: UUID, now: datetime
) -> Station:
    """Let a day be like its week again."""
    station = issuing.managed(session, me, station_id, to=Permission.STATION_MANAGE, lock=True)
    if _forget_day(session, station_id, day):
        _note(session, "station.exception_drop", station, me=me, now=now)
    return station


def _forget_day(session: Session, station_id: UUID, day: date) -> bool:
    spans = sa.delete(StationSpan).filter_by(station_id=station_id, day=day)
    session.execute(spans)
    exception = sa.delete(StationException).filter_by(station_id=station_id, day=day)
    return bool(session.scalars(exception.returning(StationException.id)).all())


def _refuse_taken(session: Session, community_id: UUID, name: str, *, but: UUID | None) -> None:
    query = sa.select(Station.id).where(Station.community_id == community_id, Station.name == name)
    taken = session.scalars(query).first()
    if taken is not None and taken != but:
        raise StationNameTaken(f"这个社区已经有“{name}”，请换一个名称。")


def _note(  # noqa: PLR0913 - what an entry of the log is made of
    session: Session,
    action: str,
    station: Station,
    *,
    me: Principal,
    now: datetime,
    changed: Mapping[str, tuple[str, str]] | None = None,
    reason: str = "",
) -> None:
    path = organisation.path_of(session, station.community_id)
    audit.record(
        session,
        actor=me.actor(Permission.STATION_MANAGE, path),
        action=action,
        subject=("station", station.id),
        scope=station.community_id,
        changed=changed or {},
        reason=reason,
        at=now,
    )


def _word(value: object) -> str:
    if isinstance(value, list):
        return "、".join(value)
    return "" if value is None else str(value)
