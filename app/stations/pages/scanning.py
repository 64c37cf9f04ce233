"""The pages of scanning and visiting."""

from collections.abc import Callable
from functools import wraps

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core import clock, edges
from app.core.db import transaction
from app.core.errors import DomainError, NotFound
from app.core.problems import shown_on
from app.core.queue import ring_after_commit
from app.core.scans import Scan, resolve
from app.identity.access import current_principal, identify_once, page_requires
from app.identity.errors import SessionEnded, SignInFirst
from app.identity.roles import Permission
from app.ledger import jobs as ledger_jobs
from app.ledger.expected import Expected, points_text
from app.stations import codes, labels, queries, services, shown
from app.stations.pages import duties
from app.stations.pages.blueprint import bp

AGAIN = "今天已经记过一次到访，这次不再重复计分。"
ONE_MORE = "这项服务也记下了。积分每天每站只记一次，今天已经记过。"


def guests_elsewhere(
    view: Callable[[str], ResponseReturnValue],
) -> Callable[[str], ResponseReturnValue]:
    """Show whoever opens a station's code without signing in the page of guests, not a login."""

    @wraps(view)
    def shown(code: str) -> ResponseReturnValue:
        if codes.is_ours(code) and not _signed_in():
            return redirect(url_for(".show_guest", sign=code))
        return view(code)

    return shown


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
@guests_elsewhere
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
    again = None if visited.first_today else service if visited.counted else 1
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
    again, waits = request.args.get("again"), edges.just_done() or outcome.waits
    one_more = again if again in station.services else None
    service = one_more or visit.service
    return render_template(
        "stations/visited.html",
        station_name=station.name,
        service_name=service and labels.service_text(service),
        first_today=not again,
        message=_again(one_more) if again else _message(outcome.expected, waits=waits),
    )


def _again(service: str | None) -> str:
    return ONE_MORE if service else AGAIN


def _signed_in() -> bool:
    try:
        identify_once()
    except (SignInFirst, SessionEnded):
        return False
    return True


def _find(text: str) -> str:
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        scan = Scan(
            code=text,
            person_id=me.person_id,
            zone=me.zone,
            now=now,
            keyring=edges.keyring(),
            units_with=lambda permission: me.units_with(Permission(permission)),
        )
        return resolve(session, scan, edges.resolvers()).href


def _station_page(code: str, *, problem: str | None) -> ResponseReturnValue:
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        station = services.station_by_code(session, me=me, text=code, now=now)
        expected = services.expect_visit(session, me=me, station=station, now=now)
        hours = queries.hours_at(session, station, now=now, zone=me.zone)
        turns = duties.turns_here(session, station, now=now)
    return render_template(
        "stations/station.html",
        turns=turns,
        station=shown.at_the_door(station, hours, now=now, zone=me.zone),
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
