"""Turns at a station, as those see them who take them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.core import clock
from app.core.db import transaction
from app.core.forms import text_in
from app.core.queue import ring_after_commit
from app.identity.access import current_principal, page_requires
from app.identity.roles import Permission
from app.ledger import jobs as ledger_jobs
from app.ledger.expected import earns, points_reason, why_nothing_was
from app.stations import labels, on_duty, queries, rota, turns
from app.stations.hours import day_text, span_text
from app.stations.kinds import HOLDING, TurnState
from app.stations.models import DutyTurn, Station
from app.stations.on_duty import Scanned, Served
from app.stations.pages.blueprint import bp
from app.stations.pages.deeds import done
from app.stations.rota import Rostered

AHEAD = timedelta(days=28)
DUTIES = "/duties"


@bp.get(DUTIES)
@page_requires(Permission.DUTY_TAKE)
def show_duties() -> ResponseReturnValue:
    """One's own turns, and the shifts of one's community that still look for people."""
    return _duties(problem=None)


@bp.post("/duties/<uuid:shift_id>/take")
@page_requires(Permission.DUTY_TAKE)
def take_turn(shift_id: UUID) -> ResponseReturnValue:
    """Take a turn, or that of somebody who cannot come."""
    me = current_principal()
    return done(
        lambda session: turns.take(session, me=me, shift_id=shift_id, now=clock.now()),
        lambda problem: _duties(problem=problem),
        DUTIES,
    )


@bp.post("/duties/<uuid:shift_id>/offer")
@page_requires(Permission.DUTY_TAKE)
def offer_turn(shift_id: UUID) -> ResponseReturnValue:
    """Look for somebody who takes one's turn over."""
    return _let_go(shift_id, TurnState.OFFERED)


@bp.post("/duties/<uuid:shift_id>/leave")
@page_requires(Permission.DUTY_TAKE)
def leave_turn(shift_id: UUID) -> ResponseReturnValue:
    """Be excused, with a reason."""
    return _let_go(shift_id, TurnState.ON_LEAVE)


@bp.post("/duties/<uuid:shift_id>/begin")
@page_requires(Permission.DUTY_TAKE)
def begin_turn(shift_id: UUID) -> ResponseReturnValue:
    """Begin one's turn, with the code on the station's wall."""
    return _scanned(shift_id, on_duty.begin)


@bp.post("/duties/<uuid:shift_id>/end")
@page_requires(Permission.DUTY_TAKE)
def end_turn(shift_id: UUID) -> ResponseReturnValue:
    """End one's turn, with the code on the station's wall; it counts from then on."""
    return _scanned(shift_id, on_duty.end)


def turns_here(session: Session, station: Station, *, now: datetime) -> list[dict[str, Any]]:
    """One's own turns of today at a station, and the next step of each."""
    me = current_principal()
    since = clock.civil_day(now, me.zone) - timedelta(days=1)  # one may be left after midnight
    found = rota.list_own(session, me.person_id, since=since)
    here = [one for one in found if one.station.id == station.id and _holds(one, me.person_id)]
    return [shown for one in here if (shown := _step(session, one, now=now))]


def _scanned(shift_id: UUID, step: Callable[[Session, Scanned], Served]) -> ResponseReturnValue:
    me, code = current_principal(), request.form.get("code", "")[:512]
    scanned = Scanned(me=me, shift_id=shift_id, code=code, now=clock.now())

    def deed(session: Session) -> object:
        ring_after_commit(session, ledger_jobs.settle_waiting)
        return step(session, scanned)

    return done(deed, lambda problem: _duties(problem=problem), DUTIES)


def _step(session: Session, one: Rostered, *, now: datetime) -> dict[str, Any] | None:
    """A turn that can be begun or ended now, or is served; None for one of another time."""
    me, turn = current_principal(), one.turn_of(current_principal().person_id)
    assert turn is not None  # one's own
    begins, ends = (at(one.shift, me.zone) for at in (rota.begins_at, rota.ends_at))
    if not begins - on_duty.OPENS_BEFORE <= now <= ends + on_duty.SCANS_UNTIL:
        return None
    begun, served = turn.came_at is not None, turn.left_at is not None
    if now >= ends and not begun:
        return None
    return {
        "id": one.shift.id,
        "when": _when(one),
        "task": one.shift.task,
        "begun": begun,
        "served": served,
        "step": None if served else "end" if begun else "begin",
        "said": _said(session, one, turn),
    }


def _said(session: Session, one: Rostered, turn: DutyTurn) -> str:
    """How far somebody is with their turn, and what it earns."""
    zone = current_principal().zone
    if turn.came_at is None:
        return ""
    if turn.left_at is None:
        return (
            f"{clock.civil_text(turn.came_at, zone)} 开始值班，走时请再扫驿站的码，点“结束值班”。"
        )
    expected = on_duty.expected_of(session, one, turn, zone=zone)
    by = "，由站长确认" if turn.confirmed_by else ""
    why = points_reason(expected) if earns(expected) else why_nothing_was(expected)
    return f"值了 {turn.minutes} 分钟{by}。{why}。"


def _when(one: Rostered) -> str:
    shift = one.shift
    return f"{day_text(shift.day)} {span_text(shift.from_minute, shift.to_minute)}"


def _let_go(shift_id: UUID, to: TurnState) -> ResponseReturnValue:
    me = current_principal()

    def deed(session: Session) -> object:
        reason = text_in("reason", most=100, needed="请写一下原因，例如要带孩子看病。")
        return turns.let_go(
            session, me=me, shift_id=shift_id, to=to, reason=reason, now=clock.now()
        )

    return done(deed, lambda problem: _duties(problem=problem), DUTIES)


def _duties(*, problem: str | None) -> ResponseReturnValue:
    me, now = current_principal(), clock.now()
    today = clock.civil_day(now, me.zone)
    with transaction(me.tenant_id) as session:
        own = rota.list_own(session, me.person_id, since=today)
        stations = queries.list_stations_of(session, [me.community_id], closed=False)
        ids = [station.id for station in stations]
        said = {one.shift.id: _said_of(session, one) for one in own}
        coming = rota.list_of_stations(session, ids, since=today, until=today + AHEAD)
    open_ones = [
        one
        for one in coming
        if (one.free or one.offered)
        and not _holds(one, me.person_id)
        and rota.begins_at(one.shift, me.zone) > now
    ]
    return render_template(
        "stations/duties.html",
        own=[{**_shown(one, me.person_id), "said": said[one.shift.id]} for one in own],
        open_ones=[_shown(one, me.person_id) for one in open_ones],
        problem=problem,
    )


def _said_of(session: Session, one: Rostered) -> str:
    turn = one.turn_of(current_principal().person_id)
    return _said(session, one, turn) if turn is not None else ""


def _holds(one: Rostered, person_id: UUID) -> bool:
    turn = one.turn_of(person_id)
    return turn is not None and turn.state in HOLDING


def _shown(one: Rostered, person_id: UUID) -> dict[str, Any]:
    me, shift, turn = current_principal(), one.shift, one.turn_of(person_id)
    begun = rota.begins_at(shift, me.zone) <= clock.now()
    state = TurnState(turn.state) if turn is not None else None
    return {
        "id": shift.id,
        "station": one.station.name,
        "address": one.station.address,
        "when": _when(one),
        "task": shift.task,
        "free": one.free,
        "offered": len(one.offered),
        "state": labels.TURNS[state] if state else "",
        "reason": turn.reason if turn is not None else None,
        "may_let_go": state is TurnState.ON_DUTY and not begun and not (turn and turn.came_at),
        "may_come_back": state is TurnState.OFFERED and not begun,
    }
