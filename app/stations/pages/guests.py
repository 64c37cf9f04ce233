"""The page behind a station's code for those who sign nothing: choose a service, done.

What is kept of them is a number in a row. A phone is known again for a day, by a digest of where
it calls from, and by what its own cookie says; both are there against counting twice.
"""

import hashlib
import hmac
from datetime import date, datetime

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from app.core import callers, clock, edges, tenancy
from app.core.db import transaction
from app.core.doors import public
from app.core.errors import DomainError, NotFound
from app.core.problems import shown_on
from app.core.scans import CodeUnknown
from app.stations import codes, counting, labels, queries, services, shown
from app.stations.counting import Guest
from app.stations.kinds import Service, Visitor
from app.stations.pages.blueprint import bp

TAPPED = "tapped"
MOST_TAPPED = 8  # a rider's stations of a day
UNKNOWN = "没有找到这个驿站码，可能已经更换。请扫描墙上最新的码。"
AS_WHOM = (Visitor.RIDER, Visitor.DRIVER, Visitor.RESIDENT, Visitor.OTHER)


@bp.get("/s/<sign>")
@public
def show_guest(sign: str) -> ResponseReturnValue:
    """A station's services, for whoever scanned its code without signing in."""
    return _page(sign, problem=None)


@bp.post("/s/<sign>")
@public
def count_guest(sign: str) -> ResponseReturnValue:
    """Count a guest who chose a service; who taps again today is thanked again, and not counted."""
    tenant_id, zone, now = _whose(sign)
    today = clock.civil_day(now, zone)
    if _tapped(today).get(sign):
        return redirect(url_for(".show_thanks", sign=sign, again=1), code=303)
    guest = Guest(
        code=sign,
        service=_chosen_service(),
        visitor=_chosen_visitor(),
        mark=_mark(sign, tenant_id=tenant_id, day=today),
    )
    try:
        with transaction(tenant_id) as unit:
            counting.count_guest(unit, guest, now=now, zone=zone)
    except NotFound:
        raise
    except DomainError as refusal:
        return shown_on(_page(sign, problem=refusal.detail), refusal)
    session[TAPPED] = [str(today), {**_tapped(today), sign: guest.service or "-"}]
    return redirect(url_for(".show_thanks", sign=sign), code=303)


@bp.get("/s/<sign>/done")
@public
def show_thanks(sign: str) -> ResponseReturnValue:
    """Thanks, and how one would earn for it."""
    tenant_id, zone, now = _whose(sign)
    chosen = _tapped(clock.civil_day(now, zone)).get(sign)
    if chosen is None:
        return redirect(url_for(".show_guest", sign=sign), code=303)
    with transaction(tenant_id) as unit:
        station = services.standing(unit, sign)
    return render_template(
        "stations/thanks.html",
        station_name=station.name,
        service_name=labels.service_text(chosen) if chosen != "-" else None,
        again="again" in request.args,
        sign=sign,
    )


def _page(sign: str, *, problem: str | None) -> ResponseReturnValue:
    tenant_id, zone, now = _whose(sign)
    with transaction(tenant_id) as unit:
        station = services.standing(unit, sign)
        hours = queries.hours_at(unit, station, now=now, zone=zone)
    return render_template(
        "stations/guest.html",
        station=shown.at_the_door(station, hours, now=now, zone=zone),
        sign=sign,
        visitors=[(one.value, labels.VISITORS[one]) for one in AS_WHOM],
        problem=problem,
    )


def _whose(sign: str) -> tuple[int, str, datetime]:
    """The tenant whose wall the code is on, its zone, and the time."""
    if codes.is_ours(sign):
        with transaction(None) as unit:
            tenant_id = queries.tenant_of_code(unit, sign)
            tenant = tenant_id and tenancy.get_tenant(unit, tenant_id)
        if tenant:
            return tenant.id, tenant.zone, clock.now()
    raise CodeUnknown(UNKNOWN)


def _chosen_service() -> str | None:
    chosen = request.form.get("service", "")
    return chosen if chosen in [*Service] else None


def _chosen_visitor() -> Visitor:
    chosen = request.form.get("visitor", "")
    return Visitor(chosen) if chosen in [*AS_WHOM] else Visitor.RIDER


def _tapped(today: date) -> dict[str, str]:
    """Where this browser has tapped today, and for what."""
    day, tapped = session.get(TAPPED) or ("", {})
    return dict(list(tapped.items())[-MOST_TAPPED:]) if day == str(today) else {}


def _mark(sign: str, *, tenant_id: int, day: date) -> bytes:
    """A digest of the caller's address, for this code and this day only."""
    key = edges.keyring().key("guest", tenant_id)
    said = f"{sign}|{day}|{callers.network(request.remote_addr or '')}"
    return hmac.new(key, said.encode(), hashlib.sha256).digest()[:16]
