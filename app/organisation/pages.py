"""The pages of registrations and of the tree: 我的报到, 待定报到, 组织架构."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.core import clock
from app.core.db import transaction
from app.core.errors import DomainError
from app.core.forms import day_in, id_in, text_in
from app.core.problems import shown_on
from app.identity.access import current_principal, page_requires
from app.identity.roles import Duty, Permission, Principal
from app.organisation import chart, queries, registering, registrations, services, stationed
from app.organisation.errors import NO_UNIT, CommunityUnknown, UnitUnknown
from app.organisation.kinds import Nature, RegistrationState
from app.organisation.labels import NATURES, STATES
from app.organisation.registrations import Decision

bp = Blueprint("organisation_pages", __name__, template_folder="templates")

DUTIES = (
    Duty(
        permission=Permission.REGISTRATION_DECIDE,
        path="/staff/registrations",
        title="待定报到",
        text="在职党员和单位来报到，在这里接收或退回",
    ),
    Duty(
        permission=Permission.ORG_READ,
        path="/staff/organisation",
        title="组织架构",
        text="看一看上下级、驻区单位，调整要留日期和原因",
    ),
)
PAGE = 20
SHOWN_STATES = (
    RegistrationState.PROPOSED,
    RegistrationState.ACCEPTED,
    RegistrationState.SUSPENDED,
    RegistrationState.REFUSED,
)


@bp.get("/registration")
@page_requires(Permission.REGISTRATION_OWN)
def show_registration() -> ResponseReturnValue:
    """Where one is registered, since when, and what comes next."""
    return _own(problem=None)


@bp.post("/registration")
@page_requires(Permission.REGISTRATION_OWN)
def register() -> ResponseReturnValue:
    """Register where one lives, or ask to move."""
    me = current_principal()
    try:
        community_id = id_in("community_id")
        if community_id is None:
            raise CommunityUnknown("请先选择您居住的社区。")
        with transaction(me.tenant_id) as session:
            registrations.propose(session, me=me, community_id=community_id, now=clock.now())
    except DomainError as refusal:
        return shown_on(_own(problem=refusal.detail), refusal)
    return redirect("/registration", code=303)


@bp.post("/registration/<uuid:registration_id>/withdraw")
@page_requires(Permission.REGISTRATION_OWN)
def withdraw(registration_id: UUID) -> ResponseReturnValue:
    """Take back what one has asked for."""
    me = current_principal()
    try:
        with transaction(me.tenant_id) as session:
            registrations.withdraw(session, me=me, registration_id=registration_id, now=clock.now())
    except DomainError as refusal:
        return shown_on(_own(problem=refusal.detail), refusal)
    return redirect("/registration", code=303)


@bp.get("/staff/registrations")
@page_requires(Permission.REGISTRATION_DECIDE)
def list_registrations() -> ResponseReturnValue:
    """What waits for a decision in one's communities, or was decided."""
    return _to_decide(problem=None)


@bp.post("/staff/registrations/<uuid:registration_id>")
@page_requires(Permission.REGISTRATION_DECIDE)
def decide(registration_id: UUID) -> ResponseReturnValue:
    """Accept, refuse, suspend, resume or end a registration."""
    me = current_principal()
    to = registering.TO.get(request.form.get("decision", ""), RegistrationState.PROPOSED)
    try:
        reason = text_in("reason", most=200)
        with transaction(me.tenant_id) as session:
            decision = Decision(registration_id=registration_id, to=to, reason=reason)
            registrations.decide(session, decision, me=me, now=clock.now())
    except DomainError as refusal:
        return shown_on(_to_decide(problem=refusal.detail), refusal)
    return redirect(f"/staff/registrations?state={_state().value}", code=303)


@bp.get("/staff/organisation")
@page_requires(Permission.ORG_READ)
def show_tops() -> ResponseReturnValue:
    """The tops of one's own subtrees; the only one opens by itself."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        tops = chart.tops(session, me)
    if len(tops) == 1:
        return _unit(UUID(tops[0]["id"]), problem=None)
    return render_template("organisation/tops.html", tops=tops)


@bp.get("/staff/organisation/<uuid:unit_id>")
@page_requires(Permission.ORG_READ)
def show_unit(unit_id: UUID) -> ResponseReturnValue:
    """A unit: what stands above and under it, where it stood, and what it does."""
    return _unit(unit_id, problem=None)


@bp.post("/staff/organisation/<uuid:unit_id>/move")
@page_requires(Permission.ORG_MANAGE)
def move(unit_id: UUID) -> ResponseReturnValue:
    """Let the unit stand elsewhere from a day on."""
    me = current_principal()
    try:
        to = services.Move(
            unit_id=unit_id,
            parent_id=id_in("parent_id") or unit_id,
            on=day_in("on"),
            reason=text_in("reason", most=200),
        )
        with transaction(me.tenant_id) as session:
            services.move_unit(session, to, me=me, now=clock.now())
    except DomainError as refusal:
        return shown_on(_unit(unit_id, problem=refusal.detail), refusal)
    return redirect(f"/staff/organisation/{unit_id}", code=303)


@bp.post("/staff/organisation/<uuid:unit_id>/units")
@page_requires(Permission.REGISTRATION_DECIDE)
def station_unit(unit_id: UUID) -> ResponseReturnValue:
    """Enter a unit that registers with the community."""
    me = current_principal()
    nature = request.form.get("nature", "")
    try:
        arriving = stationed.Arriving(
            community_id=unit_id,
            name=text_in("name", most=60, needed="请填写单位名称。"),
            nature=Nature(nature) if nature in set(Nature) else Nature.ORGAN,
        )
        with transaction(me.tenant_id) as session:
            stationed.station_unit(session, arriving, me=me, now=clock.now())
    except DomainError as refusal:
        return shown_on(_unit(unit_id, problem=refusal.detail), refusal)
    return redirect(f"/staff/organisation/{unit_id}", code=303)


def _own(*, problem: str | None) -> str:
    me = current_principal()
    with transaction(me.tenant_id) as session:
        rows = list(registering.own(session, me).items)
        communities = queries.names_of(session, queries.list_communities(session))
    return render_template(
        "organisation/registration.html",
        problem=problem,
        current=[row for row in rows if row["until"] is None],
        past=[row for row in rows if row["until"] is not None],
        waits=any(row["state"] == RegistrationState.PROPOSED.value for row in rows),
        communities=communities,
    )


def _to_decide(*, problem: str | None) -> str:
    me, state = current_principal(), _state()
    with transaction(me.tenant_id) as session:
        found = registering.to_decide(
            session, me, state=state, cursor=request.args.get("cursor"), limit=PAGE
        )
    return render_template(
        "organisation/to_decide.html",
        problem=problem,
        rows=found.items,
        state=state.value,
        states=[(one.value, STATES[one]) for one in SHOWN_STATES],
        next_cursor=found.next_cursor,
    )


def _state() -> RegistrationState:
    wanted = request.values.get("state", "")
    return RegistrationState(wanted) if wanted in set(RegistrationState) else SHOWN_STATES[0]


def _unit(unit_id: UUID, *, problem: str | None) -> str:
    me = current_principal()
    with transaction(me.tenant_id) as session:
        shown = _chart(session, me, unit_id)
    return render_template(
        "organisation/unit.html",
        problem=problem,
        today=_today(me).isoformat(),
        natures=[(one.value, label) for one, label in NATURES.items()],
        **shown,
    )


def _chart(session: Session, me: Principal, unit_id: UUID) -> dict[str, Any]:
    shown = chart.unit(session, me, unit_id)
    if shown is None:
        raise UnitUnknown(NO_UNIT)
    return shown


def _today(me: Principal) -> date:
    return clock.civil_day(clock.now(), me.zone)
