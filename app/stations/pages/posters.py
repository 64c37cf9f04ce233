"""The codes for the walls of one's stations: shown, printed, replaced."""

from typing import Any
from uuid import UUID

from flask import Response, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.core import clock, edges, qr
from app.core.clock import civil_text
from app.core.db import transaction
from app.core.forms import text_in
from app.identity import queries as identity
from app.identity.access import current_principal, page_requires
from app.identity.roles import Permission
from app.stations import issuing, labels, posters, queries
from app.stations.hours import Hours
from app.stations.icons import PATHS
from app.stations.issuing import Printed
from app.stations.models import StationCode
from app.stations.pages.blueprint import bp
from app.stations.pages.deeds import done
from app.stations.posters import Poster

CODES = "/staff/stations"


@bp.get(CODES)
@page_requires(Permission.STATION_CODE_READ)
def show_codes() -> ResponseReturnValue:
    """The codes of one's stations, ready to be printed and put on the wall."""
    return render_template("stations/codes.html", **_all())


@bp.get(f"{CODES}/labels")
@page_requires(Permission.STATION_CODE_READ)
def show_labels() -> ResponseReturnValue:
    """The codes of one's stations as labels, eight a sheet."""
    return render_template("stations/labels.html", **_all())


@bp.get(f"{CODES}/labels.pdf")
@page_requires(Permission.STATION_CODE_READ)
def print_labels() -> Response:
    """The same labels as a PDF."""
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        printed = issuing.all_to_print(session, me=me)
        today = clock.civil_day(now, me.zone)
        hours = queries.hours_of(session, [one.station for one in printed], since=today)
    many = [_poster(one, hours[one.station.id]) for one in printed]
    return _pdf(posters.label_sheet(many), name="station-labels")


@bp.get(f"{CODES}/<uuid:station_id>/poster")
@page_requires(Permission.STATION_CODE_READ)
def show_poster(station_id: UUID) -> ResponseReturnValue:
    """One station's poster, as large as a sheet."""
    printed, hours = _one(station_id)
    return render_template(
        "stations/poster.html", station=_shown(printed, hours), station_id=station_id, signs=PATHS
    )


@bp.get(f"{CODES}/<uuid:station_id>/poster.pdf")
@page_requires(Permission.STATION_CODE_READ)
def print_poster(station_id: UUID) -> Response:
    """The same poster as a PDF."""
    printed, hours = _one(station_id)
    return _pdf(posters.poster(_poster(printed, hours)), name="station-poster")


@bp.get(f"{CODES}/<uuid:station_id>/codes")
@page_requires(Permission.STATION_CODE_READ)
def show_history(station_id: UUID) -> ResponseReturnValue:
    """Every code a station has had, and why it was replaced."""
    return _history(station_id, problem=None)


@bp.post(f"{CODES}/<uuid:station_id>/codes")
@page_requires(Permission.STATION_MANAGE)
def replace_code(station_id: UUID) -> ResponseReturnValue:
    """Put another code on a station's wall; the old one earns nothing any more."""
    me, now = current_principal(), clock.now()

    def deed(session: Session) -> object:
        reason = text_in("reason", most=100, needed="请写明为什么换码，例如海报被雨淋坏。")
        return issuing.replace_code(session, me=me, station_id=station_id, reason=reason, now=now)

    return done(
        deed,
        lambda problem: _history(station_id, problem=problem),
        f"{CODES}/{station_id}/codes",
    )


def _all() -> dict[str, Any]:
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        printed = issuing.all_to_print(session, me=me)
        today = clock.civil_day(now, me.zone)
        hours = queries.hours_of(session, [one.station for one in printed], since=today)
    stations = [_shown(one, hours[one.station.id]) for one in printed]
    return {"stations": stations, "signs": PATHS}


def _one(station_id: UUID) -> tuple[Printed, Hours]:
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        printed = issuing.to_print(session, me=me, station_id=station_id)
        return printed, queries.hours_at(session, printed.station, now=now, zone=me.zone)


def _history(station_id: UUID, *, problem: str | None) -> ResponseReturnValue:
    me = current_principal()
    with transaction(me.tenant_id) as session:
        station = issuing.managed(session, me, station_id, to=Permission.STATION_CODE_READ)
        found = queries.list_codes_of(session, station_id)
        ids = {one for code in found for one in (code.issued_by, code.revoked_by) if one}
        names = identity.names_of(session, ids)
    return render_template(
        "stations/history.html",
        station_name=station.name,
        station_id=station_id,
        codes=[_past(code, names) for code in found],
        has_code=any(code.revoked_at is None for code in found),
        may_manage=me.may_somewhere(Permission.STATION_MANAGE),
        problem=problem,
    )


def _past(code: StationCode, names: dict[UUID, str]) -> dict[str, Any]:
    zone = current_principal().zone
    revoked = code.revoked_at
    return {
        "ends": code.code[-4:],
        "issued": f"{code.issued_at:%Y}年{civil_text(code.issued_at, zone)}",
        "issued_by": code.issued_by and names.get(code.issued_by, ""),
        "revoked": revoked and f"{revoked:%Y}年{civil_text(revoked, zone)}",
        "revoked_by": code.revoked_by and names.get(code.revoked_by, ""),
        "why": code.revoked_for,
    }


def _shown(printed: Printed, hours: Hours) -> dict[str, Any]:
    address = edges.code_address(printed.code)
    station = printed.station
    return {
        "id": station.id,
        "name": station.name,
        "kind_label": labels.kind_text(station),
        "address": station.address,
        "contact": station.contact,
        "hours_text": hours.text(),
        "services": labels.service_list(station),
        "qr_svg": qr.svg(address, label=f"{station.name}的二维码"),
        "code_text": address,
    }


def _poster(printed: Printed, hours: Hours) -> Poster:
    address = edges.code_address(printed.code)
    return Poster(station=printed.station, hours=hours, address=address)


def _pdf(content: bytes, *, name: str) -> Response:
    answer = Response(content, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer
