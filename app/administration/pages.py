"""The pages of roles, accounts and the audit log."""

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.administration import labels, shown, watch
from app.administration.schemas import (
    STATES,
    AuditRequest,
    GrantRequest,
    GrantsRequest,
    ReasonRequest,
)
from app.core import clock, edges
from app.core.audit import reading
from app.core.db import transaction
from app.core.errors import DomainError, Invalid
from app.core.problems import shown_on
from app.identity import finding, granted, grants, units
from app.identity.access import current_principal, page_requires, require_fresh
from app.identity.ranks import CITY_ROLES, RANKS, ROLE_LABELS, ROLE_TEXTS
from app.identity.roles import Duty, DutyGroup, Permission
from app.identity.rules import Proposal

bp = Blueprint("administration_pages", __name__, template_folder="templates")

GRANTS, ACCOUNTS, AUDIT = "/staff/grants", "/staff/accounts", "/staff/audit"
DUTIES = (
    Duty(
        permission=Permission.ROLE_READ,
        path=GRANTS,
        group=DutyGroup.SYSTEM,
        title="岗位与授权",
        text="谁在哪里有什么岗位，提出、复核、收回",
    ),
    Duty(
        permission=Permission.ACCOUNT_MANAGE,
        path=ACCOUNTS,
        group=DutyGroup.SYSTEM,
        title="工作人员账号",
        text="重设密码和第二步验证",
    ),
    Duty(
        permission=Permission.AUDIT_READ,
        path=AUDIT,
        group=DutyGroup.SYSTEM,
        title="审计记录",
        text="谁在什么时候办了什么，只看不改",
    ),
)


@bp.get(GRANTS)
@page_requires(Permission.ROLE_READ)
def show_grants() -> ResponseReturnValue:
    """Who has which role where, in the subtrees of this member of staff."""
    me = current_principal()
    wanted = _query(GrantsRequest)
    with transaction(me.tenant_id) as session:
        page = granted.list_grants_in(session, me.units_with(Permission.ROLE_READ), **wanted)
        lines = shown.grant_lines(session, me, page.items)
        mixed = shown.mixed_lines(session, me, on=clock.civil_day(clock.now(), me.zone))
    return render_template(
        "administration/grants.html",
        grants=lines,
        mixed=mixed,
        state=wanted["state"],
        states=[(None, "全部"), *((state, labels.STATE_LABELS[state]) for state in STATES)],
        next_cursor=page.next_cursor,
        may_grant=me.may_somewhere(Permission.ROLE_GRANT),
        just_done=edges.just_done(),
    )


@bp.get(f"{GRANTS}/new")
@page_requires(Permission.ROLE_GRANT)
def show_new_grant() -> ResponseReturnValue:
    """Choose a person, a role, a place and two days."""
    require_fresh(current_principal())
    return _new_grant(problem=None)


@bp.post(f"{GRANTS}/new")
@page_requires(Permission.ROLE_GRANT)
def find_grantee() -> ResponseReturnValue:
    """Find whom to give a role. What is asked for is in the body: addresses are remembered."""
    require_fresh(current_principal())
    return _new_grant(problem=None)


@bp.post(GRANTS)
@page_requires(Permission.ROLE_GRANT)
def propose_grant() -> ResponseReturnValue:
    """Give a role, or propose one that is a city's."""
    me = current_principal()
    require_fresh(me)
    try:
        proposal = Proposal(**_form(GrantRequest))
        with transaction(me.tenant_id) as session:
            grants.propose(session, me=me, proposal=proposal, now=clock.now())
    except DomainError as refusal:
        return shown_on(_new_grant(problem=refusal.detail), refusal)
    return _done(GRANTS)


@bp.post(f"{GRANTS}/<uuid:grant_id>/approve")
@page_requires(Permission.ROLE_APPROVE)
def approve_grant(grant_id: UUID) -> ResponseReturnValue:
    """Approve what another has proposed."""
    me = current_principal()
    require_fresh(me)
    with transaction(me.tenant_id) as session:
        grants.approve(session, me=me, grant_id=grant_id, now=clock.now())
    return _done(GRANTS)


@bp.post(f"{GRANTS}/<uuid:grant_id>/refuse")
@page_requires(Permission.ROLE_APPROVE)
def refuse_grant(grant_id: UUID) -> ResponseReturnValue:
    """Let a proposal come to nothing."""
    me = current_principal()
    require_fresh(me)
    with transaction(me.tenant_id) as session:
        grants.refuse(session, me=me, grant_id=grant_id, reason=_reason(), now=clock.now())
    return _done(GRANTS)


@bp.post(f"{GRANTS}/<uuid:grant_id>/end")
@page_requires(Permission.ROLE_GRANT)
def end_grant(grant_id: UUID) -> ResponseReturnValue:
    """Take a role away."""
    me = current_principal()
    require_fresh(me)
    with transaction(me.tenant_id) as session:
        grants.end(session, me=me, grant_id=grant_id, reason=_reason(), now=clock.now())
    return _done(GRANTS)


@bp.get(AUDIT)
@page_requires(Permission.AUDIT_READ)
def show_audit() -> ResponseReturnValue:
    """The audit log, to be read and not to be changed."""
    me, problem = current_principal(), None
    try:
        wanted = _query(AuditRequest)
    except Invalid as refusal:
        wanted, problem = AuditRequest().load({}), refusal
    with transaction(me.tenant_id) as session:
        page = watch.list_entries(session, me, **wanted)
        entries = shown.audit_lines(session, me, page.items)
        actions = reading.list_actions(session)
        today = clock.civil_day(clock.now(), me.zone)
        calls = shown.call_counts(session, watch.count_calls(session, me, today=today))
    rendered = render_template(
        "administration/audit.html",
        entries=entries,
        asked=request.args,
        actions=[(action, labels.action_text(action)) for action in actions],
        next_cursor=page.next_cursor,
        calls=calls,
        problem=problem and problem.detail,
    )
    return rendered if problem is None else shown_on(rendered, problem)


def _new_grant(*, problem: str | None) -> str:
    me, sought = current_principal(), request.form.get("q", "").strip()[:40]
    tops = me.units_with(Permission.ROLE_GRANT)
    with transaction(me.tenant_id) as session:
        found = finding.people_in(session, edges.vault(), sought, tops=tops)
        below = units.list_open_below(session, tops)
    highest = max(RANKS[grant.role] for grant in me.grants if grant.allows(Permission.ROLE_GRANT))
    return render_template(
        "administration/new_grant.html",
        problem=problem,
        sought=sought,
        people=found,
        roles=[
            (role, ROLE_LABELS[role], ROLE_TEXTS[role], role in CITY_ROLES)
            for role in ROLE_LABELS
            if RANKS[role] <= highest
        ],
        places=[(id_, "　" * (depth - 1) + name) for id_, name, depth in below],
        today=clock.civil_day(clock.now(), me.zone),
        given=request.form,
    )


def _query(schema: type[ma.Schema]) -> dict[str, Any]:
    """What the address asks for; a field that is left empty is not asked for."""
    given = {name: value for name, value in request.args.items() if value.strip()}
    return _loaded(schema, given)


def _form(schema: type[ma.Schema]) -> dict[str, Any]:
    names = schema().fields
    return _loaded(schema, {name: request.form.get(name, "").strip() for name in names})


def _loaded(schema: type[ma.Schema], given: dict[str, str]) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema().load(given)
    except ma.ValidationError as error:
        raise Invalid("有内容没有填写或填写不正确，请检查后再提交。") from error
    return loaded


def _reason() -> str:
    reason: str = _form(ReasonRequest)["reason"]
    return reason


def _done(target: str) -> ResponseReturnValue:
    edges.note_done()
    return redirect(target, code=303)
