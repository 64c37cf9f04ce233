"""Planning the turns at a station."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.core import clock
from app.core.clock import civil_text
from app.core.db import transaction
from app.core.forms import day_in, id_in, text_in, whole_in
from app.core.queue import ring_after_commit
from app.identity import queries as identity
from app.identity.access import current_principal, page_requires
from app.identity.roles import Permission
from app.ledger import jobs as ledger_jobs
from app.stations import issuing, labels, on_duty, rota, turns
from app.stations.hours import Span, day_text, read_spans, span_text
from app.stations.kinds import TurnState
from app.stations.models import DutyTurn
from app.stations.pages.blueprint import bp
from app.stations.pages.deeds import done
from app.stations.rota import Rostered
from app.stations.turns import MOST_WEEKS, Plan

AHEAD = timedelta(weeks=MOST_WEEKS)


@bp.get("/staff/stations/<uuid:station_id>/shifts")
@page_requires(Permission.STATION_DAY)
def show_shifts(station_id: UUID) -> ResponseReturnValue:
    """The turns of the weeks to come, and who takes them."""
    return _shifts(station_id, problem=None)


@bp.post("/staff/stations/<uuid:station_id>/shifts")
@page_requires(Permission.STATION_DAY)
def plan_shifts(station_id: UUID) -> ResponseReturnValue:
    """Plan a shift, or the same one for some weeks."""
    me, now = current_principal(), clock.now()
    return done(
        lambda session: turns.plan_shifts(session, _plan(), me=me, station_id=station_id, now=now),
        lambda problem: _shifts(station_id, problem=problem),
        f"/staff/stations/{station_id}/shifts",
    )


@bp.post("/staff/shifts/<uuid:shift_id>/assign")
@page_requires(Permission.STATION_DAY)
def assign_turn(shift_id: UUID) -> ResponseReturnValue:
    """Enter somebody who has said yes: one who is known here, or by the card they show."""
    me, now = current_principal(), clock.now()

    def deed(session: Session) -> object:
        person_id, card_no = id_in("person_id"), text_in("card_no", most=20).upper()
        if person_id is not None and not card_no:
            return turns.assign(session, me=me, shift_id=shift_id, person_id=person_id, now=now)
        return turns.assign_card(session, me=me, shift_id=shift_id, card_no=card_no, now=now)

    return _of_shift(deed, shift_id)


@bp.post("/staff/shifts/<uuid:shift_id>/call-off")
@page_requires(Permission.STATION_DAY)
def call_off(shift_id: UUID) -> ResponseReturnValue:
    """Call a shift off; who is in it is told why."""
    me, now = current_principal(), clock.now()

    def deed(session: Session) -> object:
        reason = text_in("reason", most=100, needed="请写明取消的原因，值班的人会看到。")
        return turns.call_off(session, me=me, shift_id=shift_id, reason=reason, now=now)

    return _of_shift(deed, shift_id)


@bp.post("/staff/turns/<uuid:turn_id>/confirm")
@page_requires(Permission.STATION_DAY)
def confirm_turn(turn_id: UUID) -> ResponseReturnValue:
    """Confirm that somebody served their turn without scanning; nobody confirms their own."""
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        station_id = on_duty.station_of(session, me, turn_id)

    def deed(session: Session) -> object:
        ring_after_commit(session, ledger_jobs.settle_waiting)
        return on_duty.confirm(session, me=me, turn_id=turn_id, now=now)

    return done(
        deed,
        lambda problem: _shifts(station_id, problem=problem),
        f"/staff/stations/{station_id}/shifts",
    )


def _of_shift(deed: Callable[[Session], object], shift_id: UUID) -> ResponseReturnValue:
    me = current_principal()
    with transaction(me.tenant_id) as session:
        station_id = turns.at_my_station(session, me, shift_id).station.id
    return done(
        deed,
        lambda problem: _shifts(station_id, problem=problem),
        f"/staff/stations/{station_id}/shifts",
    )


def _plan() -> Plan:
    spans = read_spans(request.form.get("span", "")[:60]) or (Span(0, 0),)
    return Plan(
        day=day_in("day"),
        span=spans[0],
        wanted=min(max(whole_in("wanted", most=20), 1), 20),
        task=text_in("task", most=60),
        weeks=max(whole_in("weeks", most=MOST_WEEKS), 1),
    )


def _shifts(station_id: UUID, *, problem: str | None) -> ResponseReturnValue:
    me, now = current_principal(), clock.now()
    today = clock.civil_day(now, me.zone)
    with transaction(me.tenant_id) as session:
        station = issuing.managed(session, me, station_id, to=Permission.STATION_DAY)
        found = rota.list_of_stations(session, [station_id], since=today, until=today + AHEAD)
        since = today - on_duty.CONFIRMED_WITHIN
        past = rota.list_unconfirmed(session, station_id, since=since, now=now, zone=me.zone)
        familiar = rota.familiar_people(session, station_id, on=today)
        ids = {turn.person_id for one in past for turn in one.turns}
        ids |= {turn.person_id for one in found for turn in one.turns} | familiar
        names = identity.names_of(session, ids)
    return render_template(
        "stations/shifts.html",
        station_name=station.name,
        station_id=station_id,
        shifts=[_shown(one, names) for one in found],
        unconfirmed=[_waiting(one, turn, names) for one in past for turn in one.unserved],
        familiar=sorted((names.get(id_, ""), id_) for id_ in familiar),
        tomorrow=today + timedelta(days=1),
        most_weeks=MOST_WEEKS,
        problem=problem,
    )


def _shown(one: Rostered, names: dict[UUID, str]) -> dict[str, Any]:
    me, shift = current_principal(), one.shift
    return {
        "id": shift.id,
        "when": f"{day_text(shift.day)} {span_text(shift.from_minute, shift.to_minute)}",
        "task": shift.task,
        "wanted": shift.wanted,
        "free": one.free,
        "turns": [(names.get(turn.person_id, ""), _state(turn), turn.reason) for turn in one.turns],
        "may_change": rota.begins_at(shift, me.zone) > clock.now(),
    }


def _state(turn: DutyTurn) -> str:
    if turn.left_at is None:
        return labels.DUTY[TurnState(turn.state)]
    return f"值了 {turn.minutes} 分钟{'，站长确认' if turn.confirmed_by else ''}"


def _waiting(one: Rostered, turn: DutyTurn, names: dict[UUID, str]) -> dict[str, Any]:
    me, shift = current_principal(), one.shift
    return {
        "id": turn.id,
        "who": names.get(turn.person_id, ""),
        "when": f"{day_text(shift.day)} {span_text(shift.from_minute, shift.to_minute)}",
        "task": shift.task,
        "came": turn.came_at and civil_text(turn.came_at, me.zone),
        "own": turn.person_id == me.person_id,
    }
