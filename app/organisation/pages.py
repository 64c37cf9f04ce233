"""The pages of registrations: 我的报到, 待定报到."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.core import clock
from app.core.db import transaction
from app.core.errors import DomainError
from app.core.forms import id_asked, id_in, text_in
from app.core.problems import shown_on
from app.identity.access import current_principal, page_requires
from app.identity.errands import REGISTER, errands
from app.identity.roles import Duty, DutyGroup, Permission
from app.organisation import queries, registering, registrations
from app.organisation.errors import CommunityUnknown
from app.organisation.kinds import RegistrationState
from app.organisation.labels import STATES
from app.organisation.registrations import Decision

bp = Blueprint("organisation_pages", __name__, template_folder="templates")

DUTIES = (
    Duty(
        permission=Permission.REGISTRATION_DECIDE,
        path="/staff/registrations",
        group=DutyGroup.PEOPLE,
        title="待定报到",
        text="在职党员和单位来报到，在这里接收或退回",
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
    """Where one is registered, since when, and what comes next; or of whom one is a delegate."""
    return _own(problem=None, whom=id_asked("for"))


@bp.post("/registration")
@page_requires(Permission.REGISTRATION_OWN)
def register() -> ResponseReturnValue:
    """Register where one lives, or ask to move."""
    me, now, whom = current_principal(), clock.now(), id_in("for")
    try:
        community_id = id_in("community_id")
        if community_id is None:
            raise CommunityUnknown("请先选择居住的社区。")
        with transaction(me.tenant_id) as session:
            errand = errands().take_on(session, me, whom, deed=REGISTER, now=now)
            made = registrations.propose(session, me=errand.me, community_id=community_id, now=now)
            errands().done(session, errand, deed=REGISTER, about_id=made.id, now=now)
    except DomainError as refusal:
        return shown_on(_own(problem=refusal.detail, whom=whom), refusal)
    return redirect(f"/registration?for={whom}" if whom else "/registration", code=303)


@bp.post("/registration/<uuid:registration_id>/withdraw")
@page_requires(Permission.REGISTRATION_OWN)
def withdraw(registration_id: UUID) -> ResponseReturnValue:
    """Take back what one has asked for."""
    me = current_principal()
    try:
        with transaction(me.tenant_id) as session:
            registrations.withdraw(session, me=me, registration_id=registration_id, now=clock.now())
    except DomainError as refusal:
        return shown_on(_own(problem=refusal.detail, whom=None), refusal)
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


def _own(*, problem: str | None, whom: UUID | None) -> str:
    me = current_principal()
    with transaction(me.tenant_id) as session:
        now = clock.now()
        me = errands().looking_on(session, me, whom, deed=REGISTER, now=now).me
        rows = list(registering.own(session, me).items)
        communities = queries.names_of(session, queries.open_communities(session))
    return render_template(
        "organisation/registration.html",
        problem=problem,
        current=[row for row in rows if row["until"] is None],
        past=[row for row in rows if row["until"] is not None],
        waits=any(row["state"] == RegistrationState.PROPOSED.value for row in rows),
        communities=communities,
        whom=me.on_behalf_of,
        whose_name=me.display_name if me.on_behalf_of else "",
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
