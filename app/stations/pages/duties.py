"""Turns at a station, as those see them who take them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.core import clock
from app.core.db import transaction
from app.core.forms import text_in
from app.identity.access import current_principal, page_requires
from app.identity.roles import Permission
from app.stations import labels, queries, rota, turns
from app.stations.hours import day_text, span_text
from app.stations.kinds import HOLDING, TurnState
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
        own=[_shown(one, me.person_id) for one in own],
        open_ones=[_shown(one, me.person_id) for one in open_ones],
        problem=problem,
    )


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
        "when": f"{day_text(shift.day)} {span_text(shift.from_minute, shift.to_minute)}",
        "task": shift.task,
        "free": one.free,
        "offered": len(one.offered),
        "state": labels.TURNS[state] if state else "",
        "reason": turn.reason if turn is not None else None,
        "may_let_go": state is TurnState.ON_DUTY and not begun,
        "may_come_back": state is TurnState.OFFERED and not begun,
    }
