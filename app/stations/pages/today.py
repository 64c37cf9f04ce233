"""A station's day, as whoever looks after it sees it."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.core import clock
from app.core.clock import civil_text
from app.core.db import transaction
from app.core.forms import FieldWrong, text_in, whole_in
from app.identity import queries as identity
from app.identity.access import current_principal, lead_on, page_requires
from app.identity.roles import Permission
from app.organisation import queries as organisation
from app.stations import booking, counting, footfall, issuing, labels, queries, rooms, rota, shown
from app.stations.counting import Heads
from app.stations.footfall import Span, Visits
from app.stations.hours import day_text, span_text
from app.stations.kinds import Service, Visitor
from app.stations.models import DutyShift, RoomBooking, Station
from app.stations.pages.blueprint import bp
from app.stations.pages.deeds import done

DAY = "/staff/station-day"
LOOK_AHEAD = timedelta(days=7)
MOST_AT_ONCE = 50


@bp.get(DAY)
@page_requires(Permission.STATION_DAY)
def show_stations_today() -> ResponseReturnValue:
    """How many came today to each of one's stations; the only one opens by itself."""
    me, now = current_principal(), clock.now()
    today = clock.civil_day(now, me.zone)
    with transaction(me.tenant_id) as session:
        tops = me.units_with(Permission.STATION_DAY)
        communities = organisation.communities_under(session, tops)
        stations = queries.list_stations_of(session, communities)
        span = Span(since=today, until=today, zone=me.zone)
        counted = footfall.by_service_and_visitor(session, [one.id for one in stations], span)
        hours = queries.hours_of(session, stations, since=today)
    if len(stations) == 1:
        return lead_on(f"/staff/stations/{stations[0].id}/day")
    rows = [
        {
            "id": one.id,
            "name": one.name,
            "status": hours[one.id].status_text(now=now, zone=me.zone),
            "people": sum(people for key, people in counted.items() if key[0] == one.id),
        }
        for one in stations
    ]
    return render_template(
        "stations/days.html",
        stations=rows,
        may_manage=bool(me.units_with(Permission.STATION_MANAGE)),
        may_read=bool(me.units_with(Permission.VISITS_READ)),
    )


@bp.get("/staff/stations/<uuid:station_id>/day")
@page_requires(Permission.STATION_DAY)
def show_day(station_id: UUID) -> ResponseReturnValue:
    """Today at one station: who came for what, who has which room, and who is on duty."""
    return _day(station_id, problem=None)


@bp.post("/staff/stations/<uuid:station_id>/heads")
@page_requires(Permission.STATION_DAY)
def count_heads(station_id: UUID) -> ResponseReturnValue:
    """Count people who came without a phone."""
    me = current_principal()
    return done(
        lambda session: counting.count_heads(session, _heads(station_id), me=me, now=clock.now()),
        lambda problem: _day(station_id, problem=problem),
        f"/staff/stations/{station_id}/day",
    )


@bp.post("/staff/stations/<uuid:station_id>/heads/undo")
@page_requires(Permission.STATION_DAY)
def undo_heads(station_id: UUID) -> ResponseReturnValue:
    """Take back one's own last count of today."""
    me, now = current_principal(), clock.now()
    return done(
        lambda session: counting.take_back(session, me=me, station_id=station_id, now=now),
        lambda problem: _day(station_id, problem=problem),
        f"/staff/stations/{station_id}/day",
    )


@bp.post("/staff/bookings/<uuid:booking_id>/cancel")
@page_requires(Permission.STATION_DAY)
def cancel_for_station(booking_id: UUID) -> ResponseReturnValue:
    """Cancel somebody's booking at one's station; they are told why."""
    me, now = current_principal(), clock.now()

    def deed(session: Session) -> object:
        reason = text_in("reason", most=100, needed="请写明取消的原因，预约的人会看到。")
        return booking.cancel_for_station(
            session, me=me, booking_id=booking_id, reason=reason, now=now
        )

    def page(problem: str) -> ResponseReturnValue:
        with transaction(me.tenant_id) as session:
            booked = booking.at_my_station(session, me, booking_id)
        return _day(booked.station.id, problem=problem)

    return done(deed, page, request.form.get("next", "") if _leads_to_day() else DAY)


def _leads_to_day() -> bool:
    """Whether the form came from a station's day, where it leads back to."""
    parts = request.form.get("next", "").split("/")
    return parts[:3] == ["", "staff", "stations"] and parts[4:] == ["day"]


def _heads(station_id: UUID) -> Heads:
    service, visitor = request.form.get("service", ""), request.form.get("visitor", "")
    people = whole_in("people", most=MOST_AT_ONCE)
    if service not in [*Service] or visitor not in [*Visitor] or people < 1:
        raise FieldWrong(f"请选服务和来的是谁，人数填 1 到 {MOST_AT_ONCE}。")
    return Heads(station_id=station_id, service=service, visitor=Visitor(visitor), people=people)


def _day(station_id: UUID, *, problem: str | None) -> ResponseReturnValue:
    me, now = current_principal(), clock.now()
    today = clock.civil_day(now, me.zone)
    with transaction(me.tenant_id) as session:
        station = issuing.managed(session, me, station_id, to=Permission.STATION_DAY)
        hours = queries.hours_at(session, station, now=now, zone=me.zone)
        span = Span(since=today, until=today, zone=me.zone)
        visits = footfall.visits_in(session, [station_id], span)
        doubted = footfall.doubted_in(session, [station_id], span)
        last = counting.last_count(session, me=me, station=station, now=now)
        booked, on_duty = _people(session, station, today)
    return render_template(
        "stations/day.html",
        station=shown.at_the_door(station, hours, now=now, zone=me.zone),
        at=civil_text(now, me.zone),
        total=visits.total,
        tables=_tables(visits),
        doubted=doubted,
        last=last and _said(last.people, last.service, last.visitor),
        bookings=booked,
        shifts=on_duty,
        visitors=labels.VISITORS,
        may_manage=bool(me.units_with(Permission.STATION_MANAGE)),
        problem=problem,
    )


def _said(people: int, service: str | None, visitor: str) -> str:
    return f"{labels.visitor_text(visitor)} {people} 人，{labels.service_text(service)}"


def _tables(visits: Visits) -> list[tuple[str, list[tuple[str, int]]]]:
    """Today's visits by service and by kind of visitor, the most first."""
    services = [(labels.service_text(code), n) for code, n in visits.by_service.items() if n]
    visitors = [(labels.visitor_text(code), n) for code, n in visits.by_visitor.items() if n]
    tables = (("来做什么", services), ("来的是谁", visitors))
    return [(name, sorted(rows, key=lambda row: -row[1])) for name, rows in tables]


def _people(
    session: Session, station: Station, today: date
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Who has the rooms and whose turns it is in the days to come, by their masked names."""
    until = today + LOOK_AHEAD
    booked = rooms.list_of_station(session, station.id, since=today, until=until)
    shifts = rota.list_of_stations(session, [station.id], since=today, until=until)
    ids = {one.booking.person_id for one in booked}
    ids |= {turn.person_id for one in shifts for turn in one.holding}
    names = identity.names_of(session, ids)
    bookings = [
        {
            "id": one.booking.id,
            "room": one.room.name,
            "when": _when(one.booking, today),
            "who": names.get(one.booking.person_id, ""),
            "people": one.booking.people,
            "purpose": one.booking.purpose,
        }
        for one in booked
    ]
    turns = [
        {
            "when": _when(one.shift, today),
            "task": one.shift.task,
            "who": [names.get(turn.person_id, "") for turn in one.holding],
            "free": one.free,
        }
        for one in shifts
    ]
    return bookings, turns


def _when(row: RoomBooking | DutyShift, today: date) -> str:
    day = "今天" if row.day == today else day_text(row.day)
    return f"{day} {span_text(row.from_minute, row.to_minute)}"
