"""Stations and scans over HTTP."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response
from sqlalchemy.orm import Session

from app.core import clock, edges, places, qr
from app.core.db import transaction
from app.core.errors import Invalid
from app.core.http import ApiBlueprint, json_answer
from app.core.idempotency import Ask, client_key, header, once
from app.core.paging import Page, listed
from app.core.queue import ring_after_commit
from app.core.scans import Found, Scan, resolve
from app.identity.access import current_principal, requires
from app.identity.roles import Permission
from app.ledger import jobs as ledger_jobs
from app.stations import (
    booking,
    editing,
    footfall,
    issuing,
    nearby,
    posters,
    queries,
    rooms,
    schemas,
    services,
    shown,
)
from app.stations.booking import Wish
from app.stations.editing import Draft
from app.stations.errors import NO_STATION, StationUnknown
from app.stations.footfall import LONGEST, Span
from app.stations.hours import Span as Half
from app.stations.models import RoomBooking
from app.stations.nearby import Place, Wanted
from app.stations.posters import Poster
from app.stations.rooms import free_slots

bp = ApiBlueprint("stations", __name__, description="驿站、扫码与到访")

StationPage = listed(schemas.StationAnswer)
MOST_BOOKINGS = 50
IMAGES = {"svg": ("image/svg+xml", qr.svg_document), "png": ("image/png", qr.png)}


@bp.post("/scans")
@requires(Permission.SCAN)
@bp.takes(schemas.ScanRequest)
@bp.gives(200, schemas.ScanAnswer)
def resolve_scan(body: dict[str, str]) -> Found:
    """Say what a scanned text is, and what can be done with it now.

    A text that is none of our codes is refused and logged; after five unknown codes within ten
    minutes the scanner pauses for a quarter of an hour.
    """
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        scan = Scan(
            code=body["text"],
            person_id=me.person_id,
            zone=me.zone,
            now=now,
            keyring=edges.keyring(),
            units_with=lambda permission: me.units_with(Permission(permission)),
        )
        return resolve(session, scan, edges.resolvers())


@bp.post("/station-visits")
@requires(Permission.VISIT_CREATE)
@header("Idempotency-Key", required=False, text="同一次到访重复提交时返回第一次的结果")
@bp.takes(schemas.VisitRequest)
@bp.gives(201, schemas.VisitAnswer)
def create_station_visit(body: dict[str, Any]) -> Response:
    """Record a visit at the station whose code was scanned, and say what it will earn."""
    me, now = current_principal(), clock.now()
    ask = Ask(actor_id=me.person_id, key=client_key(), route="visit", body=body, now=now)
    with transaction(me.tenant_id) as session:
        return once(
            session,
            ask,
            lambda: _visited(session, services.visit_station(session, me=me, now=now, **body)),
        )


@bp.get("/stations")
@requires(Permission.STATION_READ)
@bp.takes(schemas.StationsRequest, location="query")
@bp.gives(200, StationPage)
def list_stations(query: dict[str, Any]) -> Page[dict[str, Any]]:
    """Stations by name. Who wants the nearest first asks `searchStations`."""
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        found = nearby.find_stations(session, Wanted(**query), now=now, zone=me.zone)
    return _answers(found, now, me.zone)


@bp.post("/stations/search")
@requires(Permission.STATION_READ)
@bp.takes(schemas.SearchRequest)
@bp.gives(200, StationPage)
def search_stations(body: dict[str, Any]) -> Page[dict[str, Any]]:
    """Stations, the nearest first. Where somebody is belongs in no address, and is not kept."""
    me, now = current_principal(), clock.now()
    wanted = Wanted(**{**body, "near": places.spot(body["near"])})
    with transaction(me.tenant_id) as session:
        found = nearby.find_stations(session, wanted, now=now, zone=me.zone)
    return _answers(found, now, me.zone)


@bp.get("/stations/<uuid:station_id>")
@requires(Permission.STATION_READ)
@bp.gives(200, schemas.StationAnswer)
def get_station(station_id: UUID) -> dict[str, Any]:
    """One station."""
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        station = queries.get_station(session, station_id)
        if station is None:
            raise StationUnknown(NO_STATION)
        hours = queries.hours_at(session, station, now=now, zone=me.zone)
    return shown.answer_of(station, hours, now=now, zone=me.zone)


@bp.get("/stations/<uuid:station_id>/code")
@requires(Permission.STATION_CODE_READ)
@bp.takes(schemas.StationCodeRequest, location="query")
@bp.draws("text/plain", "image/svg+xml", "image/png")
def get_station_code(query: dict[str, str], station_id: UUID) -> Response:
    """The code that is printed for a station: as a picture, or the text in it."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        printed = issuing.to_print(session, me=me, station_id=station_id)
    address = edges.code_address(printed.code)
    if query["format"] == "text":
        return Response(address, content_type="text/plain; charset=utf-8")
    content_type, draw = IMAGES[query["format"]]
    return Response(draw(address), content_type=content_type)


@bp.get("/stations/<uuid:station_id>/poster")
@requires(Permission.STATION_CODE_READ)
@bp.draws("application/pdf")
def get_station_poster(station_id: UUID) -> Response:
    """A station's poster, an A4 sheet as a PDF."""
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        printed = issuing.to_print(session, me=me, station_id=station_id)
        hours = queries.hours_at(session, printed.station, now=now, zone=me.zone)
    address = edges.code_address(printed.code)
    sheet = Poster(station=printed.station, hours=hours, address=address)
    return Response(posters.poster(sheet), content_type="application/pdf")


@bp.post("/stations")
@requires(Permission.STATION_MANAGE)
@bp.takes(schemas.NewStationRequest)
@bp.gives(201, schemas.StationAnswer)
def create_station(body: dict[str, Any]) -> dict[str, Any]:
    """Set up a station in a community. It opens when it has hours."""
    me, now = current_principal(), clock.now()
    community_id = body.pop("community_id")
    with transaction(me.tenant_id) as session:
        station = editing.create_station(
            session, _draft(body), me=me, community_id=community_id, now=now
        )
        hours = queries.hours_at(session, station, now=now, zone=me.zone)
    return shown.answer_of(station, hours, now=now, zone=me.zone)


@bp.put("/stations/<uuid:station_id>")
@requires(Permission.STATION_MANAGE)
@bp.takes(schemas.StationDraftRequest)
@bp.gives(200, schemas.StationAnswer)
def update_station(body: dict[str, Any], station_id: UUID) -> dict[str, Any]:
    """Change what a station is; its hours stay."""
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        draft = _draft(body)
        station = editing.update_station(session, draft, me=me, station_id=station_id, now=now)
        hours = queries.hours_at(session, station, now=now, zone=me.zone)
    return shown.answer_of(station, hours, now=now, zone=me.zone)


@bp.get("/station-visits")
@requires(Permission.VISITS_READ)
@bp.takes(schemas.VisitsRequest, location="query")
@bp.gives(200, schemas.VisitsAnswer)
def list_station_visits(query: dict[str, Any]) -> dict[str, Any]:
    """How many came to the stations of one's subtrees: by day, by service, by kind of visitor."""
    me, station_id = current_principal(), query["station_id"]
    if not query["since"] <= query["until"] <= query["since"] + LONGEST:
        raise Invalid("开始要早于结束，一次最多一年。", errors={"until": ["无效"]})
    span = Span(since=query["since"], until=query["until"], zone=me.zone)
    with transaction(me.tenant_id) as session:
        chosen = issuing.countable(session, me, station_id)
        visits = footfall.visits_in(session, chosen, span)
        doubted = footfall.doubted_in(session, chosen, span)
    return shown.counted(visits, doubted)


@bp.get("/stations/<uuid:station_id>/rooms")
@requires(Permission.ROOM_BOOK)
@bp.takes(schemas.RoomsRequest, location="query")
@bp.gives(200, schemas.RoomsAnswer)
def list_rooms(query: dict[str, Any], station_id: UUID) -> dict[str, Any]:
    """The rooms of a station, and when each is free on a day."""
    me, now = current_principal(), clock.now()
    day = query["day"] or clock.civil_day(now, me.zone)
    with transaction(me.tenant_id) as session:
        station = queries.get_station(session, station_id)
        if station is None:
            raise StationUnknown(NO_STATION)
        hours = queries.hours_at(session, station, now=now, zone=me.zone)
        items = [
            shown.room_answer(room, free_slots(hours, day, taken))
            for room, taken in rooms.rooms_on(session, station_id, day)
        ]
    return {"items": items}


@bp.post("/rooms/<uuid:room_id>/bookings")
@requires(Permission.ROOM_BOOK)
@bp.takes(schemas.BookingRequest)
@bp.gives(201, schemas.BookingAnswer)
def book_room(body: dict[str, Any], room_id: UUID) -> RoomBooking:
    """Book a room for a while. The very same asked for again is the booking there is."""
    me, now = current_principal(), clock.now()
    wish = Wish(
        room_id=room_id,
        day=body["day"],
        span=Half(body["from_minute"], body["to_minute"]),
        people=body["people"],
        purpose=body["purpose"],
    )
    with transaction(me.tenant_id) as session:
        return booking.book(session, wish, me=me, now=now)


@bp.get("/me/bookings")
@requires(Permission.ROOM_BOOK)
@bp.gives(200, schemas.BookingsAnswer)
def list_bookings() -> dict[str, Any]:
    """One's own bookings, the latest day first."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        found = rooms.list_own(session, me.person_id, limit=MOST_BOOKINGS)
    return {"items": [one.booking for one in found]}


@bp.delete("/bookings/<uuid:booking_id>")
@requires(Permission.ROOM_BOOK)
@bp.gives(200, schemas.BookingAnswer)
def cancel_booking(booking_id: UUID) -> RoomBooking:
    """Give one's booking back, until it begins."""
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        return booking.cancel(session, me=me, booking_id=booking_id, now=now)


def _draft(body: dict[str, Any]) -> Draft:
    said = body["location"]
    spot = said and places.spot(said)
    fields = {name: value for name, value in body.items() if name != "location"}
    return Draft(**{**fields, "services": frozenset(body["services"]), "point": spot})


def _visited(session: Session, visited: services.Visited) -> Response:
    if visited.first_today:
        ring_after_commit(session, ledger_jobs.settle_waiting)
    body = {
        "visit": {
            "id": visited.visit.id,
            "station_id": visited.station.id,
            "at": visited.visit.at,
            "first_today": visited.first_today,
            "state": visited.visit.state,
        },
        "expected": visited.expected,
    }
    return json_answer(schemas.VisitAnswer(), body, status=201)


def _answers(found: Page[Place], now: datetime, zone: str) -> Page[dict[str, Any]]:
    items = [
        {
            **shown.answer_of(one.station, one.hours, now=now, zone=zone),
            "metres": one.metres,
        }
        for one in found.items
    ]
    return Page(items, found.next_cursor)
