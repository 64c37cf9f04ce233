"""Setting a station up and changing it."""

import math
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.core import clock, pictures
from app.core.db import transaction
from app.core.doors import takes_file
from app.core.errors import DomainError, NotFound
from app.core.forms import FieldWrong, day_in, id_in, text_in, whole_in
from app.core.geodesy import Spot
from app.core.problems import shown_on
from app.core.queue import ring_after_commit
from app.identity.access import current_principal, lead_on, page_requires
from app.identity.roles import Permission
from app.organisation import queries as organisation
from app.stations import booking, editing, issuing, jobs, labels, photos, queries, rooms
from app.stations.booking import Furnished
from app.stations.editing import Draft
from app.stations.errors import NO_ROOM, RoomUnknown
from app.stations.hours import DAY_NAMES, WEEK, Exceptional, Hours, day_text, read_spans, spans_text
from app.stations.kinds import Level, Service, StationKind
from app.stations.models import Station
from app.stations.pages.blueprint import bp
from app.stations.pages.deeds import done

NEW = "/staff/stations/new"
CRS = ("gcj02", "wgs84")


@bp.get(NEW)
@page_requires(Permission.STATION_MANAGE)
def show_new() -> ResponseReturnValue:
    """What a new station is asked about."""
    return _new(problem=None)


@bp.post(NEW)
@page_requires(Permission.STATION_MANAGE)
def create_station() -> ResponseReturnValue:
    """Set up a station; its hours come next."""
    me = current_principal()
    try:
        community_id, draft = id_in("community_id"), _draft()
        if community_id is None:
            raise FieldWrong("请选择驿站在哪个社区。", errors={"community_id": ["必填"]})
        with transaction(me.tenant_id) as session:
            made = editing.create_station(
                session, draft, me=me, community_id=community_id, now=clock.now()
            )
    except NotFound:
        raise
    except DomainError as refusal:
        return shown_on(_new(problem=refusal.detail), refusal)
    return lead_on(f"/staff/stations/{made.id}/edit")


@bp.get("/staff/stations/<uuid:station_id>/edit")
@page_requires(Permission.STATION_MANAGE)
def show_editor(station_id: UUID) -> ResponseReturnValue:
    """All that can be changed about a station."""
    return _editor(station_id, problem=None)


@bp.post("/staff/stations/<uuid:station_id>/edit")
@page_requires(Permission.STATION_MANAGE)
def update_station(station_id: UUID) -> ResponseReturnValue:
    """Change what a station is."""
    me, now = current_principal(), clock.now()
    return _edited(
        station_id,
        lambda session: editing.update_station(
            session, _draft(), me=me, station_id=station_id, now=now
        ),
    )


@bp.post("/staff/stations/<uuid:station_id>/hours")
@page_requires(Permission.STATION_MANAGE)
def set_week(station_id: UUID) -> ResponseReturnValue:
    """Change the hours of the week."""
    me, now = current_principal(), clock.now()

    def deed(session: Session) -> object:
        week = {day: read_spans(request.form.get(f"day-{day}", "")[:120]) for day in range(WEEK)}
        return editing.set_week(session, week, me=me, station_id=station_id, now=now)

    return _edited(station_id, deed)


@bp.post("/staff/stations/<uuid:station_id>/exceptions")
@page_requires(Permission.STATION_MANAGE)
def set_exception(station_id: UUID) -> ResponseReturnValue:
    """Let a day be different, for a reason."""
    me, now = current_principal(), clock.now()

    def deed(session: Session) -> object:
        day, spans = day_in("day"), read_spans(request.form.get("spans", "")[:120])
        if day < clock.civil_day(now, me.zone):
            raise FieldWrong("只能改今天和以后的日子。", errors={"day": ["已经过去"]})
        reason = text_in("reason", most=100, needed="请写明原因，大家在门口会看到。")
        different = Exceptional(day=day, reason=reason, spans=spans)
        return editing.set_exception(session, different, me=me, station_id=station_id, now=now)

    return _edited(station_id, deed)


@bp.post("/staff/stations/<uuid:station_id>/exceptions/drop")
@page_requires(Permission.STATION_MANAGE)
def drop_exception(station_id: UUID) -> ResponseReturnValue:
    """Let a day be like its week again."""
    me, now = current_principal(), clock.now()
    return _edited(
        station_id,
        lambda session: editing.drop_exception(
            session, day_in("day"), me=me, station_id=station_id, now=now
        ),
    )


@bp.post("/staff/stations/<uuid:station_id>/service")
@page_requires(Permission.STATION_MANAGE)
def set_service(station_id: UUID) -> ResponseReturnValue:
    """Take a station out of service, or back into it."""
    me, now, closed = current_principal(), clock.now(), request.form.get("closed") == "1"
    return _edited(
        station_id,
        lambda session: editing.set_service(
            session, me=me, station_id=station_id, closed=closed, now=now
        ),
    )


@bp.post("/staff/stations/<uuid:station_id>/photo")
@page_requires(Permission.STATION_MANAGE)
@takes_file(pictures.MOST_BYTES)
def set_photo(station_id: UUID) -> ResponseReturnValue:
    """Show a photo of the station, or none."""
    me, now = current_principal(), clock.now()

    def deed(session: Session) -> object:
        if request.form.get("drop") == "1":
            photos.drop(session, me=me, station_id=station_id, now=now)
            return None
        uploaded = request.files.get("photo")
        if uploaded is None or not uploaded.filename:
            raise pictures.PhotoRefused("请先选一张照片。")
        content = uploaded.stream.read(pictures.MOST_BYTES + 1)
        ring_after_commit(session, jobs.check_photos)
        return photos.keep(session, content, me=me, station_id=station_id, now=now)

    return _edited(station_id, deed)


@bp.post("/staff/stations/<uuid:station_id>/rooms")
@page_requires(Permission.STATION_MANAGE)
def add_room(station_id: UUID) -> ResponseReturnValue:
    """Let a room be booked."""
    me = current_principal()

    def deed(session: Session) -> object:
        furnished = Furnished(
            name=text_in("name", most=60, needed="请写活动室的名称。"),
            capacity=max(1, whole_in("capacity", most=1000)),
            equipment=text_in("equipment", most=100),
        )
        return booking.add_room(session, furnished, me=me, station_id=station_id)

    return _edited(station_id, deed)


@bp.post("/staff/rooms/<uuid:room_id>/close")
@page_requires(Permission.STATION_MANAGE)
def close_room(room_id: UUID) -> ResponseReturnValue:
    """Let a room be booked no more."""
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        found = rooms.get_room(session, room_id)
        if found is None:
            raise RoomUnknown(NO_ROOM)
        room = booking.close_room(session, me=me, room_id=room_id, now=now)
    return lead_on(f"/staff/stations/{room.station_id}/edit")


def _edited(station_id: UUID, deed: Callable[[Session], object]) -> ResponseReturnValue:
    return done(
        deed,
        lambda problem: _editor(station_id, problem=problem),
        f"/staff/stations/{station_id}/edit",
    )


def _draft() -> Draft:
    kind, level = request.form.get("kind", ""), request.form.get("level", "")
    if kind not in [*StationKind] or level not in [*Level]:
        raise FieldWrong("请选择驿站的类别和级别。")
    return Draft(
        name=text_in("name", most=60, needed="请写驿站的名称。"),
        kind=StationKind(kind),
        level=Level(level),
        address=text_in("address", most=100, needed="请写驿站的地址。"),
        services=frozenset(one for one in Service if one.value in request.form.getlist("services")),
        contact=text_in("contact", most=60),
        point=_spot(),
    )


def _spot() -> Spot | None:
    """Where it stands: two numbers and their grid, or nothing."""
    lat, lng, crs = (request.form.get(name, "").strip() for name in ("lat", "lng", "crs"))
    if not lat and not lng:
        return None
    try:
        spot = Spot(lat=float(lat), lng=float(lng), crs=crs)
    except ValueError as error:
        raise FieldWrong("纬度和经度请填数字，例如 23.327 和 112.734；也可以都不填。") from error
    there = math.isfinite(spot.lat + spot.lng) and abs(spot.lat) <= 90 and abs(spot.lng) <= 180
    if not there or crs not in CRS:
        raise FieldWrong("纬度在 -90 到 90 之间，经度在 -180 到 180 之间，并选择坐标是哪一种。")
    return spot


def _new(*, problem: str | None) -> ResponseReturnValue:
    me = current_principal()
    with transaction(me.tenant_id) as session:
        tops = me.units_with(Permission.STATION_MANAGE)
        ids = organisation.open_communities(session, tops)
        communities = organisation.names_of(session, ids)
    return render_template(
        "stations/new.html", communities=communities, problem=problem, **_choices(request.form)
    )


def _editor(station_id: UUID, *, problem: str | None) -> ResponseReturnValue:
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        station = issuing.managed(session, me, station_id, to=Permission.STATION_MANAGE)
        hours = queries.hours_at(session, station, now=now, zone=me.zone)
        digest = queries.digests_of(session, [station_id]).get(station_id)
        risky = queries.photo_is_risky(session, station_id)
        its_rooms = rooms.list_rooms(session, [station_id])
    return render_template(
        "stations/edit.html",
        station=station,
        digest=digest,
        risky=risky,
        week=_week(hours),
        different=_different(hours, clock.civil_day(now, me.zone)),
        today=clock.civil_day(now, me.zone),
        rooms=its_rooms,
        problem=problem,
        **_choices(_said_of(station)),
    )


def _said_of(station: Station) -> dict[str, Any]:
    """What the form says before anybody changes it."""
    return {
        "name": station.name,
        "kind": station.kind,
        "level": station.level,
        "address": station.address,
        "contact": station.contact,
        "lat": "" if station.lat is None else f"{station.lat:g}",
        "lng": "" if station.lng is None else f"{station.lng:g}",
        "crs": station.crs,
        "services": station.services,
    }


def _choices(said: Any) -> dict[str, Any]:  # noqa: ANN401 - a form or a dict
    return {
        "said": said,
        "kinds": labels.KINDS,
        "levels": labels.LEVELS,
        "services": labels.SERVICES,
        "chosen": said.getlist("services") if hasattr(said, "getlist") else said["services"],
    }


def _week(hours: Hours) -> list[tuple[int, str, str]]:
    return [
        (day, DAY_NAMES[day], spans_text(hours.week.get(day, ())).replace("–", "-"))
        for day in range(WEEK)
    ]


def _different(hours: Hours, today: date) -> list[tuple[date, str, str, str]]:
    return [
        (one.day, day_text(one.day), spans_text(one.spans) if one.spans else "不开放", one.reason)
        for one in hours.exceptions.values()
        if one.day >= today
    ]
