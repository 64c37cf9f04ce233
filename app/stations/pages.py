"""The pages of scanning and visiting."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core import clock, edges, places, qr
from app.core.db import transaction
from app.core.errors import DomainError, NotFound
from app.core.problems import shown_on
from app.core.queue import ring_after_commit
from app.core.scans import Scan, resolve
from app.identity.access import current_principal, page_requires
from app.identity.roles import Duty, Permission
from app.ledger import jobs as ledger_jobs
from app.ledger.expected import Expected, points_text
from app.organisation import queries as organisation
from app.stations import codes, labels, queries, services
from app.stations.models import Station

bp = Blueprint("stations_pages", __name__, template_folder="templates")

DUTIES = (
    Duty(
        permission=Permission.STATION_CODE_READ,
        path="/staff/stations",
        title="驿站码",
        text="看一看，或打印出来贴在墙上",
    ),
)

AGAIN = "今天已经记过一次到访，这次不再重复计分。"


@bp.get("/scan")
@page_requires(Permission.SCAN)
def show_scan() -> ResponseReturnValue:
    """The scanner: camera, a picture, or pasted text."""
    return render_template("stations/scan.html", problem=None)


@bp.post("/scan")
@page_requires(Permission.SCAN)
def read_scan() -> ResponseReturnValue:
    """Open the page of what was scanned."""
    try:
        return redirect(_find(request.form.get("text", "")[:512]), code=303)
    except DomainError as refusal:
        page = render_template("stations/scan.html", problem=refusal.detail)
        return shown_on(page, refusal)


@bp.get("/q/<code>")
@page_requires(Permission.SCAN)
def open_code(code: str) -> ResponseReturnValue:
    """The page that any scanner opens for a code of ours."""
    if not codes.is_ours(code):
        return redirect(_find(code), code=303)
    return _station_page(code, problem=None)


@bp.post("/q/<code>/visit")
@page_requires(Permission.VISIT_CREATE)
def visit(code: str) -> ResponseReturnValue:
    """Check in for a service at the station."""
    me, now = current_principal(), clock.now()
    service = request.form.get("service") or None
    try:
        with transaction(me.tenant_id) as session:
            visited = services.visit_station(
                session, me=me, code=code, service=service, location=None, now=now
            )
            if visited.first_today:
                ring_after_commit(session, ledger_jobs.settle_waiting)
    except NotFound:
        raise
    except DomainError as refusal:
        return shown_on(_station_page(code, problem=refusal.detail), refusal)
    edges.note_done()
    again = None if visited.first_today else 1
    return redirect(url_for(".show_visit", code=code, again=again), code=303)


@bp.get("/q/<code>/visit")
@page_requires(Permission.VISIT_CREATE)
def show_visit(code: str) -> ResponseReturnValue:
    """Today's visit to the station, for as long as somebody reads of it."""
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        station = services.station_by_code(session, me=me, text=code, now=now)
        visited = services.visited_today(session, me=me, station=station, now=now)
    if visited is None:
        return redirect(url_for(".open_code", code=code), code=303)
    visit, outcome = visited
    again, waits = "again" in request.args, edges.just_done() or outcome.waits
    return render_template(
        "stations/visited.html",
        station_name=station.name,
        service_name=labels.SERVICES.get(visit.service or ""),
        first_today=not again,
        message=AGAIN if again else _message(outcome.expected, waits=waits),
    )


@bp.get("/staff/stations")
@page_requires(Permission.STATION_CODE_READ)
def show_codes() -> ResponseReturnValue:
    """The codes of one's stations, ready to be printed and put on the wall."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        communities = organisation.communities_under(
            session, me.units_with(Permission.STATION_CODE_READ)
        )
        stations = queries.list_stations_of(session, communities)
        live = queries.live_codes_of(session, [row.id for row in stations])
    shown = [_printed(row, live[row.id]) for row in stations if row.id in live]
    return render_template("stations/codes.html", stations=shown)


def _printed(station: Station, code: str) -> dict[str, Any]:
    address = edges.code_address(code)
    return {
        "name": station.name,
        "kind_label": labels.KINDS.get(station.kind, station.kind),
        "address": station.address,
        "qr_svg": qr.svg(address, label=f"{station.name}的二维码"),
        "code_text": address,
    }


def _find(text: str) -> str:
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        scan = Scan(
            code=text,
            person_id=me.person_id,
            zone=me.zone,
            now=now,
            keyring=edges.keyring(),
        )
        return resolve(session, scan, edges.resolvers()).href


def _station_page(code: str, *, problem: str | None) -> ResponseReturnValue:
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        station = services.station_by_code(session, me=me, text=code, now=now)
        expected = services.expect_visit(session, me=me, station=station, now=now)
    return render_template(
        "stations/station.html",
        station={
            "name": station.name,
            "kind_label": labels.KINDS.get(station.kind, station.kind),
            "address": station.address,
            "open_now": station.is_open(now=now, zone=me.zone),
            "hours_text": places.hours_text(station),
            "services": labels.service_list(station),
        },
        code=code,
        problem=problem,
        expected_text=_expected_text(expected),
    )


def _expected_text(expected: tuple[Expected, ...] | None) -> str:
    if expected is None:
        return "今天已经到访过，欢迎继续使用各项服务"
    if not any(line.amount for line in expected):
        return "欢迎到访，这次到访不计分"
    return f"今天第一次到访 {points_text(expected)} 分"


def _message(expected: tuple[Expected, ...], *, waits: bool) -> str:
    if not any(line.amount for line in expected):
        return "已经记下这次到访，按现行办法不计分。"
    state = "待结算" if waits else "已经记入账户"
    return f"今天第一次到访 {points_text(expected)} {state}"
