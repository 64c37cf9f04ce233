"""Stations and scans over HTTP."""

from typing import Any
from uuid import UUID

from flask import Response
from sqlalchemy.orm import Session

from app.core import clock, edges, places, qr
from app.core.db import transaction
from app.core.http import ApiBlueprint, json_answer
from app.core.idempotency import Ask, client_key, header, once
from app.core.paging import Page, listed
from app.core.queue import ring_after_commit
from app.core.scans import Found, Scan, resolve
from app.identity.access import current_principal, requires
from app.identity.roles import Permission
from app.ledger import jobs as ledger_jobs
from app.stations import labels, queries, services
from app.stations.errors import NO_STATION, StationUnknown
from app.stations.models import Station
from app.stations.schemas import (
    ScanAnswer,
    ScanRequest,
    StationAnswer,
    StationCodeRequest,
    StationsRequest,
    VisitAnswer,
    VisitRequest,
)

bp = ApiBlueprint("stations", __name__, description="驿站、扫码与到访")

IMAGES = {"svg": ("image/svg+xml", qr.svg_document), "png": ("image/png", qr.png)}


@bp.post("/scans")
@requires(Permission.SCAN)
@bp.takes(ScanRequest)
@bp.gives(200, ScanAnswer)
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
        )
        return resolve(session, scan, edges.resolvers())


@bp.post("/station-visits")
@requires(Permission.VISIT_CREATE)
@header("Idempotency-Key", required=False, text="同一次到访重复提交时返回第一次的结果")
@bp.takes(VisitRequest)
@bp.gives(201, VisitAnswer)
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
@bp.takes(StationsRequest, location="query")
@bp.gives(200, listed(StationAnswer))
def list_stations(query: dict[str, Any]) -> Page[dict[str, Any]]:
    """Stations: the nearest first where a place is given, else by name."""
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        rows = queries.list_stations(session, query, now=now, zone=me.zone)
    answers = [_station(row, open_now=row.is_open(now=now, zone=me.zone)) for row in rows.items]
    return Page(answers, rows.next_cursor)


@bp.get("/stations/<uuid:station_id>")
@requires(Permission.STATION_READ)
@bp.gives(200, StationAnswer)
def get_station(station_id: UUID) -> dict[str, Any]:
    """One station."""
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        station = queries.get_station(session, station_id)
    if station is None:
        raise StationUnknown(NO_STATION)
    return _station(station, open_now=station.is_open(now=now, zone=me.zone))


@bp.get("/stations/<uuid:station_id>/code")
@requires(Permission.STATION_CODE_READ)
@bp.takes(StationCodeRequest, location="query")
@bp.draws("text/plain", "image/svg+xml", "image/png")
def get_station_code(query: dict[str, str], station_id: UUID) -> Response:
    """The code that is printed for a station: as a picture, or the text in it."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        code = services.code_to_print(session, me=me, station_id=station_id)
    address = edges.code_address(code)
    if query["format"] == "text":
        return Response(address, content_type="text/plain; charset=utf-8")
    content_type, draw = IMAGES[query["format"]]
    return Response(draw(address), content_type=content_type)


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
    return json_answer(VisitAnswer(), body, status=201)


def _station(station: Station, *, open_now: bool) -> dict[str, Any]:
    return {
        "id": station.id,
        "name": station.name,
        "kind": station.kind,
        "address": station.address,
        "location": places.location(station),
        "open_now": open_now,
        "services": labels.service_list(station),
    }
