"""What happens at a station."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import clock, places
from app.core.db import add, claim
from app.core.ids import new_id
from app.core.scans import CodeMalformed, CodeUnknown, code_in, counting
from app.households import queries as households
from app.identity.roles import Permission, Principal
from app.ledger import services as ledger
from app.ledger.expected import Expected
from app.organisation import queries as organisation
from app.stations import codes, queries
from app.stations.errors import NO_STATION, ServiceUnknown, StationClosed, StationUnknown
from app.stations.models import Station, StationCode, StationVisit
from points_engine import Fact, FactKind

NEAR_METRES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Visited:
    """A visit, whether it is today's first, and what it will earn."""

    visit: StationVisit
    station: Station
    first_today: bool
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

    Scanning twice a day is normal: the second visit finds the first, and earns nothing.
    """
    station = station_by_code(session, me=me, text=code, now=now)
    _check(station, service, me=me, now=now)
    day = clock.civil_day(now, me.zone)
    visit = claim(
        session,
        StationVisit,
        person_id=me.person_id,
        station_id=station.id,
        day=day,
        service=service,
        at=now,
        state="accepted",
    )
    if visit is None:
        earlier = queries.get_visit(session, person_id=me.person_id, station_id=station.id, day=day)
        assert earlier is not None  # the claim lost against it
        return Visited(visit=earlier, station=station, first_today=False, expected=())
    fact = fact_of(
        visit,
        station,
        location=location,
        household_id=households.household_on(session, me.person_id, day),
        now=now,
    )
    ledger.report(session, fact)
    expected = ledger.expect(session, fact)
    return Visited(visit=visit, station=station, first_today=True, expected=expected)


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


def issue_code(session: Session, *, station_id: UUID, now: datetime) -> StationCode:
    """Make the code that is printed for a station."""
    return add(session, StationCode(station_id=station_id, code=codes.issue(), issued_at=now))


def code_to_print(session: Session, *, me: Principal, station_id: UUID) -> str:
    """The code of a station this member of staff looks after; another does not exist for them."""
    station = queries.get_station(session, station_id)
    path = organisation.path_of(session, station.community_id) if station else ()
    code = queries.live_codes_of(session, [station_id]).get(station_id)
    if code is None or not me.may(Permission.STATION_CODE_READ, path):
        raise StationUnknown(NO_STATION)
    return code


def station_by_code(session: Session, *, me: Principal, text: str, now: datetime) -> Station:
    """The station a scanned text stands for; raises `CodeUnknown`, and logs the miss."""
    with counting(session, person_id=me.person_id, now=now):
        code = code_in(text)
        if not codes.is_ours(code):
            raise CodeMalformed("这不是驿站的二维码，请扫描驿站墙上的码。")
        station = queries.get_station_by_code(session, code)
        if station is None:
            raise CodeUnknown("没有找到这个驿站码，可能已经更换。请扫描墙上最新的码。")
        return station


def _check(station: Station, service: str | None, *, me: Principal, now: datetime) -> None:
    if not station.is_open(now=now, zone=me.zone):
        hours = places.hours_text(station)
        raise StationClosed(f"{station.name}现在没有开放，开放时间：{hours}。请在开放时间再来。")
    if service is not None and service not in station.services:
        raise ServiceUnknown(
            f"{station.name}没有这项服务，请在列表中选择。", errors={"service": ["没有这项服务"]}
        )


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
    if station.lat is None or station.lng is None or station.crs != location["crs"]:
        return {"location": "given"}
    north = (location["lat"] - station.lat) * places.METRES_A_DEGREE
    east = (location["lng"] - station.lng) * places.METRES_A_DEGREE
    metres = math.hypot(north, east * math.cos(math.radians(station.lat)))
    return {"location": "given", "distance": "near" if metres <= NEAR_METRES else "far"}
