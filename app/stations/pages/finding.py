"""The stations as residents look for them: a list and a map, one station, its photo."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from app.core import clock, edges, pictures
from app.core.checked_photos import RISKY
from app.core.db import transaction
from app.core.doors import public
from app.core.forms import FieldWrong
from app.core.geodesy import Spot
from app.core.paging import Page
from app.identity.access import current_principal, page_requires
from app.identity.roles import Permission
from app.stations import labels, mapping, nearby, photos, queries, rooms, shown
from app.stations.errors import NO_PHOTO, NO_STATION, PhotoUnknown, StationUnknown
from app.stations.icons import PATHS
from app.stations.kinds import Service, StationKind
from app.stations.nearby import Place, Wanted
from app.stations.pages.blueprint import bp

NEAREST = 30
BIGGEST = 2**63 - 1  # number of a tenant
FOREVER = "private, max-age=31536000, immutable"


@bp.get("/stations")
@page_requires(Permission.STATION_READ)
def show_stations() -> ResponseReturnValue:
    """Stations on a list and a map: those near one's own community first."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        own = queries.list_stations_of(session, [me.community_id], closed=False)
        wanted = _wanted(request.args, near=nearby.middle_of(own))
        found = nearby.find_stations(session, wanted, now=clock.now(), zone=me.zone)
    return render_template("stations/stations.html", **_shown(found, wanted, reader=None))


@bp.post("/stations/near")
@page_requires(Permission.STATION_READ)
def show_near() -> ResponseReturnValue:
    """The stations nearest to where the phone is. That stands in the body, and is not kept."""
    me = current_principal()
    here = Spot(lat=_degrees("lat", 90), lng=_degrees("lng", 180), crs="wgs84")
    wanted = _wanted(request.form, near=here, limit=NEAREST)
    with transaction(me.tenant_id) as session:
        found = nearby.find_stations(session, wanted, now=clock.now(), zone=me.zone)
    part = "_found.html" if request.headers.get("HX-Request") else "stations.html"
    # The answer to a form and no redirect: the next address would have to say where one is.
    return render_template(f"stations/{part}", **_shown(found, wanted, reader=here))


@bp.get("/stations/<uuid:station_id>")
@page_requires(Permission.STATION_READ)
def show_station(station_id: UUID) -> ResponseReturnValue:
    """One station: where, when, what for, and its rooms."""
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        station = queries.get_station(session, station_id)
        if station is None:
            raise StationUnknown(NO_STATION)
        hours = queries.hours_at(session, station, now=now, zone=me.zone)
        digest = queries.digests_of(session, [station_id]).get(station_id)
        its_rooms = rooms.list_rooms(session, [station_id])
    return render_template(
        "stations/one.html",
        station={
            **shown.at_the_door(station, hours, now=now, zone=me.zone),
            **shown.in_full(station, hours, today=clock.civil_day(now, me.zone)),
        },
        digest=digest,
        rooms=[] if station.closed_at is not None else its_rooms,
        signs=PATHS,
    )


@bp.get("/stations/<uuid:station_id>/photo")
@page_requires(Permission.STATION_READ)
def show_photo(station_id: UUID) -> Response:
    """A station's photo. Its address says which, so that a phone asks for it once."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        photo = queries.get_photo(session, station_id)
    if photo is None or photo.verdict == RISKY:
        raise PhotoUnknown(NO_PHOTO)
    answer = make_response(photo.content)
    answer.content_type = pictures.MEDIA_TYPE
    answer.set_etag(photo.digest)
    asked_for = request.args.get("v") == photo.digest
    answer.headers["Cache-Control"] = FOREVER if asked_for else "private, no-cache"
    answer.make_conditional(request)
    return answer


@bp.get("/photos/<int:tenant_id>/<uuid:station_id>/<name>")
@public
def show_photo_to_check(tenant_id: int, station_id: UUID, name: str) -> Response:
    """A photo for the platform that looks at it: under an address that only we can make."""
    if tenant_id > BIGGEST:
        raise PhotoUnknown(NO_PHOTO)
    with transaction(tenant_id) as session:
        content = photos.to_check(session, edges.keyring(), station_id=station_id, name=name)
    answer = make_response(content)
    answer.content_type = pictures.MEDIA_TYPE
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _wanted(said: Mapping[str, str], *, near: Spot | None, limit: int = 20) -> Wanted:
    """What somebody looks for; what is no kind and no service is not asked for."""
    kind, service = said.get("kind", ""), said.get("service", "")
    return Wanted(
        kind=kind if kind in [*StationKind] else None,
        service=service if service in [*Service] else None,
        open_now=True if said.get("open") else None,
        near=near,
        cursor=said.get("cursor") or None,
        limit=limit,
    )


def _degrees(name: str, most: float) -> float:
    try:
        value = float(request.form.get(name, ""))
    except ValueError:
        value = most + 1
    if not abs(value) <= most:
        raise FieldWrong("没有得到您的位置，请再点一次“按离我远近排”。")
    return value


def _shown(found: Page[Place], wanted: Wanted, *, reader: Spot | None) -> dict[str, Any]:
    me, now = current_principal(), clock.now()
    places = [
        {
            **shown.at_the_door(one.station, one.hours, now=now, zone=me.zone),
            "far": labels.metres_text(one.metres),
            "number": number,
        }
        for number, one in enumerate(found.items, start=1)
    ]
    drawing = mapping.drawn([nearby.place_of(one.station) for one in found.items], reader)
    return {
        "places": places,
        "drawing": drawing,
        "pins": list(zip(places, drawing.pins, strict=True)) if drawing else [],
        "by_phone": reader is not None,
        "wanted": wanted,
        "kinds": labels.KINDS,
        "services": labels.SERVICES,
        "signs": PATHS,
        "next_cursor": None if reader is not None else found.next_cursor,
    }
