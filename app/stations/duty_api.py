"""Turns at a station over HTTP: taking one, handing it over, serving it, and confirming others'."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response
from sqlalchemy.orm import Session

from app.core import clock
from app.core.db import transaction
from app.core.http import ApiBlueprint, json_answer
from app.core.idempotency import Ask, client_key, header, once
from app.core.queue import ring_after_commit
from app.identity import queries as identity
from app.identity.access import current_principal, requires
from app.identity.roles import Permission, Principal
from app.ledger import jobs as ledger_jobs
from app.stations import issuing, on_duty, queries, rota, turns
from app.stations.duty_schemas import (
    LettingGoRequest,
    ServedAnswer,
    ShiftAnswer,
    ShiftsAnswer,
    StepRequest,
    UnconfirmedAnswer,
)
from app.stations.errors import NO_STATION, StationUnknown
from app.stations.kinds import TurnState
from app.stations.models import DutyTurn
from app.stations.on_duty import Scanned, Served
from app.stations.rota import Rostered

bp = ApiBlueprint("duties", __name__, description="驿站值班")

AHEAD = timedelta(days=28)
KEY_TEXT = "这一步的唯一编号；重复提交返回第一次的结果"
SERVED = ServedAnswer()


@bp.get("/stations/<uuid:station_id>/shifts")
@requires(Permission.DUTY_TAKE)
@bp.gives(200, ShiftsAnswer)
def list_shifts(station_id: UUID) -> dict[str, Any]:
    """The shifts of a station in the four weeks from today on, and one's own part in each."""
    me, today = current_principal(), clock.civil_day(clock.now(), current_principal().zone)
    with transaction(me.tenant_id) as session:
        if queries.get_station(session, station_id) is None:
            raise StationUnknown(NO_STATION)
        found = rota.list_of_stations(session, [station_id], since=today, until=today + AHEAD)
        return {"items": [_shown(one, me) for one in found]}


@bp.get("/me/shifts")
@requires(Permission.DUTY_TAKE)
@bp.gives(200, ShiftsAnswer)
def list_my_shifts() -> dict[str, Any]:
    """The shifts one has or had a part in, from yesterday on."""
    me, now = current_principal(), clock.now()
    since = clock.civil_day(now, me.zone) - timedelta(days=1)  # one may be left after midnight
    with transaction(me.tenant_id) as session:
        found = rota.list_own(session, me.person_id, since=since)
        return {"items": [_shown(one, me) for one in found]}


@bp.post("/shifts/<uuid:shift_id>/turn")
@requires(Permission.DUTY_TAKE)
@bp.gives(201, ShiftAnswer)
def take_shift(shift_id: UUID) -> dict[str, Any]:
    """Take a place in a shift, or that of somebody who cannot come. Taken again, it is kept."""
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        turns.take(session, me=me, shift_id=shift_id, now=now)
        return _one(session, shift_id, me)


@bp.post("/shifts/<uuid:shift_id>/offer")
@requires(Permission.DUTY_TAKE)
@bp.takes(LettingGoRequest)
@bp.gives(200, ShiftAnswer)
def offer_shift(body: dict[str, Any], shift_id: UUID) -> dict[str, Any]:
    """Look for somebody who takes one's turn over; it stays one's own until somebody does."""
    return _let_go(shift_id, to=TurnState.OFFERED, reason=body["reason"])


@bp.post("/shifts/<uuid:shift_id>/leave")
@requires(Permission.DUTY_TAKE)
@bp.takes(LettingGoRequest)
@bp.gives(200, ShiftAnswer)
def leave_shift(body: dict[str, Any], shift_id: UUID) -> dict[str, Any]:
    """Be excused from one's turn, with a reason."""
    return _let_go(shift_id, to=TurnState.ON_LEAVE, reason=body["reason"])


@bp.post("/shifts/<uuid:shift_id>/begin")
@requires(Permission.DUTY_TAKE)
@bp.takes(StepRequest)
@bp.gives(200, ServedAnswer)
def begin_shift(body: dict[str, Any], shift_id: UUID) -> dict[str, Any]:
    """Begin one's turn, with the code on the station's wall; begun already, it stays as it is."""
    with transaction(current_principal().tenant_id) as session:
        return _served(_scanned(session, shift_id, body["code"], step=on_duty.begin))


@bp.post("/shifts/<uuid:shift_id>/end")
@requires(Permission.DUTY_TAKE)
@header("Idempotency-Key", required=False, text=KEY_TEXT)
@bp.takes(StepRequest)
@bp.gives(200, ServedAnswer)
def end_shift(body: dict[str, Any], shift_id: UUID) -> Response:
    """End one's turn, with the code on the station's wall; the first time counts."""
    code = body["code"]
    ask = _ask(f"shift-end:{shift_id}", {"code": code})
    return _settled(ask, lambda session: _scanned(session, shift_id, code, step=on_duty.end))


@bp.get("/stations/<uuid:station_id>/unconfirmed-turns")
@requires(Permission.STATION_DAY)
@bp.gives(200, UnconfirmedAnswer)
def list_unconfirmed_turns(station_id: UUID) -> dict[str, Any]:
    """Whose turns of the last 31 days are over without both scans, for somebody to confirm."""
    me, now = current_principal(), clock.now()
    since = clock.civil_day(now, me.zone) - on_duty.CONFIRMED_WITHIN
    with transaction(me.tenant_id) as session:
        issuing.managed(session, me, station_id, to=Permission.STATION_DAY)
        past = rota.list_unconfirmed(session, station_id, since=since, now=now, zone=me.zone)
        names = identity.names_of(session, {one.person_id for each in past for one in each.turns})
        items = [
            {
                "turn": turn,
                "shift": _shown(one, me),
                "name": names.get(turn.person_id, ""),
                "own": turn.person_id == me.person_id,
            }
            for one in past
            for turn in one.unserved
        ]
    return {"items": items}


@bp.post("/turns/<uuid:turn_id>/confirmation")
@requires(Permission.STATION_DAY)
@header("Idempotency-Key", required=False, text=KEY_TEXT)
@bp.gives(200, ServedAnswer)
def confirm_turn(turn_id: UUID) -> Response:
    """Confirm that somebody served their turn without scanning; nobody confirms their own."""
    me, now = current_principal(), clock.now()
    ask = _ask(f"turn-confirm:{turn_id}", {})
    return _settled(ask, lambda session: on_duty.confirm(session, me=me, turn_id=turn_id, now=now))


def _scanned(
    session: Session, shift_id: UUID, code: str, *, step: Callable[[Session, Scanned], Served]
) -> Served:
    scanned = Scanned(me=current_principal(), shift_id=shift_id, code=code, now=clock.now())
    return step(session, scanned)


def _ask(route: str, body: dict[str, Any]) -> Ask:
    me = current_principal()
    return Ask(actor_id=me.person_id, key=client_key(), route=route, body=body, now=clock.now())


def _settled(ask: Ask, step: Callable[[Session], Served]) -> Response:
    """Do what may be worth something, once under its key, and let it be settled."""
    with transaction(current_principal().tenant_id) as session:
        ring_after_commit(session, ledger_jobs.settle_waiting)
        return once(session, ask, lambda: json_answer(SERVED, _served(step(session)), status=200))


def _let_go(shift_id: UUID, *, to: TurnState, reason: str) -> dict[str, Any]:
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        turns.let_go(session, me=me, shift_id=shift_id, to=to, reason=reason, now=now)
        return _one(session, shift_id, me)


def _one(session: Session, shift_id: UUID, me: Principal) -> dict[str, Any]:
    rostered = rota.get_shift(session, shift_id)
    assert rostered is not None  # its turn has just been changed
    return {"shift": _shown(rostered, me)}


def _served(served: Served) -> dict[str, Any]:
    return {"turn": served.turn, "expected": served.expected}


def _shown(one: Rostered, me: Principal) -> dict[str, Any]:
    own: DutyTurn | None = one.turn_of(me.person_id)
    return {
        "id": one.shift.id,
        "station_id": one.station.id,
        "station": one.station.name,
        "day": one.shift.day,
        "from_minute": one.shift.from_minute,
        "to_minute": one.shift.to_minute,
        "task": one.shift.task,
        "wanted": one.shift.wanted,
        "free": one.free,
        "offered": len(one.offered),
        "called_off": one.shift.called_off_at is not None,
        "turn": own,
    }
