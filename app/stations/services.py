"""What happens at a station."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import clock
from app.core.db import claim
from app.core.geodesy import Spot, metres
from app.core.ids import new_id
from app.core.scans import CodeMalformed, CodeUnknown, code_in, counting
from app.households import queries as households
from app.identity import queries as identity
from app.identity.roles import Principal
from app.ledger import services as ledger
from app.ledger.expected import Expected
from app.stations import codes, nearby, queries
from app.stations.errors import CodeReplaced, ServiceUnknown, StationClosed
from app.stations.kinds import visitor_of
from app.stations.models import Station, StationVisit, VisitService
from points_engine import Fact, FactKind

NEAR_METRES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Visited:
    """A visit, whether it is today's first, and what it will earn.

    `counted` is whether this time is one more in the count: the first one, or another service.
    """

    visit: StationVisit
    station: Station
    first_today: bool
    counted: bool
    expected: tuple[Expected, ...]


def visit_station(
    session: Session,
    *,
    me: Principal,
    code: str,
    service: str | None,
    location: Mapping[str, Any] | None,
    now: datetime,
) -> Visited:
    """Record that a person came to the station whose code they scanned.

    Scanning twice a day is normal: the second visit finds the first, and earns nothing. A service
    they have not had today is counted once more.
    """
    station = station_by_code(session, me=me, text=code, now=now)
    refuse_shut(session, station, now=now, zone=me.zone)
    refuse_missing(station, service)
    day = clock.civil_day(now, me.zone)
    first = {"service": service, "visitor": _visitor(session, me), "at": now, "state": "accepted"}
    key = {"person_id": me.person_id, "station_id": station.id, "day": day}
    visit = claim(session, StationVisit, **key, **first)
    if visit is None:
        return _again(session, station, service, me=me, now=now)
    door = households.household_on(session, me.person_id, day)
    fact = fact_of(visit, station, location=location, household_id=door, now=now)
    ledger.report(session, fact)
    expected = ledger.expect(session, fact)
    return Visited(visit=visit, station=station, first_today=True, counted=True, expected=expected)


def _again(
    session: Session, station: Station, service: str | None, *, me: Principal, now: datetime
) -> Visited:
    """The visit there is today, with one more service, where that is a new one."""
    day = clock.civil_day(now, me.zone)
    earlier = queries.get_visit(session, person_id=me.person_id, station_id=station.id, day=day)
    assert earlier is not None  # whoever asks lost against it
    counted = _one_more(session, earlier, service, now=now)
    return Visited(visit=earlier, station=station, first_today=False, counted=counted, expected=())


def _one_more(session: Session, visit: StationVisit, service: str | None, *, now: datetime) -> bool:
    """Count another service of a visit, each once; whether it was new."""
    if service is None or service == visit.service:
        return False
    return claim(session, VisitService, visit_id=visit.id, service=service, at=now) is not None


def expect_visit(
    session: Session, *, me: Principal, station: Station, now: datetime
) -> tuple[Expected, ...] | None:
    """What a visit would earn now; None when today's is already recorded."""
    day = clock.civil_day(now, me.zone)
    if queries.get_visit(session, person_id=me.person_id, station_id=station.id, day=day):
        return None
    would_be = StationVisit(
        id=new_id(), station_id=station.id, person_id=me.person_id, day=day, at=now
    )
    return ledger.expect(session, fact_of(would_be, station, location=None, now=now))


def visited_today(
    session: Session, *, me: Principal, station: Station, now: datetime
) -> tuple[StationVisit, ledger.Outcome] | None:
    """Today's visit to the station, and what it earns; None before there is one."""
    day = clock.civil_day(now, me.zone)
    visit = queries.get_visit(session, person_id=me.person_id, station_id=station.id, day=day)
    if visit is None:
        return None
    fact = fact_of(visit, station, location=None, now=now)
    return visit, ledger.outcome(session, fact)


def station_by_code(session: Session, *, me: Principal, text: str, now: datetime) -> Station:
    """The station a scanned text stands for; raises `CodeUnknown`, and logs the miss."""
    with counting(session, person_id=me.person_id, now=now):
        code = code_in(text)
        if not codes.is_ours(code):
            raise CodeMalformed("这不是驿站的二维码，请扫描驿站墙上的码。")
        return standing(session, code)


def standing(session: Session, code: str) -> Station:
    """The station whose wall shows this code now."""
    found = queries.get_code(session, code)
    if found is None:
        raise CodeUnknown("没有找到这个驿站码，可能已经更换。请扫描墙上最新的码。")
    station, printed = found
    if printed.revoked_at is not None:
        raise CodeReplaced(
            f"这是{station.name}的旧码，已经换了新码，扫它不记到访。"
            "请找墙上的新码；只看到这一张，请告诉值班人员换下来。"
        )
    return station


def refuse_shut(session: Session, station: Station, *, now: datetime, zone: str) -> None:
    """Raise `StationClosed` unless the doors are open."""
    hours = queries.hours_at(session, station, now=now, zone=zone)
    if hours.is_open(now=now, zone=zone):
        return
    different = hours.exceptions.get(clock.civil_day(now, zone))
    why = f"今天{different.reason}。" if different else ""
    raise StationClosed(
        f"{station.name}现在没有开放，{why}开放时间：{hours.text()}。请在开放时间再来。"
    )


def refuse_missing(station: Station, service: str | None) -> None:
    """Raise `ServiceUnknown` for a service the station does not have."""
    if service is not None and service not in station.services:
        raise ServiceUnknown(
            f"{station.name}没有这项服务，请在列表中选择。", errors={"service": ["没有这项服务"]}
        )


def _visitor(session: Session, me: Principal) -> str:
    person = identity.get_person(session, me.person_id)
    return visitor_of(person.kinds if person else [])


def fact_of(
    visit: StationVisit,
    station: Station,
    *,
    location: Mapping[str, Any] | None,
    now: datetime,
    household_id: UUID | None = None,
) -> Fact:
    """What is reported of a visit; the household is the one of that day."""
    return Fact(
        id=new_id(),
        kind=FactKind.STATION_VISIT,
        source=f"visit:{visit.id}",
        category=station.kind,
        beneficiary_id=visit.person_id,
        actor_id=visit.person_id,
        household_id=household_id,
        community_id=station.community_id,
        quantity=1,
        occurred_at=visit.at,
        occurred_on=visit.day,
        received_at=now,
        evidence={
            "title": station.name,
            "code": "station",
            **_whereabouts(station, location),
        },
    )


def _whereabouts(station: Station, location: Mapping[str, Any] | None) -> dict[str, str]:
    """What is kept of where the phone was: whether it said so, and whether that was near."""
    if location is None:
        return {"location": "none"}
    place = nearby.place_of(station)
    if place is None:
        return {"location": "given"}
    phone = Spot(lat=location["lat"], lng=location["lng"], crs=location["crs"])
    near = metres(place, phone) <= NEAR_METRES
    return {"location": "given", "distance": "near" if near else "far"}
