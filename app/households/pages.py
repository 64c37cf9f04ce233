"""The page 我的家庭与代办."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.core import clock
from app.core.db import transaction
from app.core.errors import DomainError
from app.core.forms import id_in, whole_in
from app.core.problems import shown_on
from app.households import delegations, family
from app.households.delegations import Mandate
from app.households.errors import ActUnknown, DelegateUnknown
from app.households.kinds import Act
from app.households.labels import ACTS
from app.households.schemas import LARGEST_LIMIT
from app.identity.access import current_principal, page_requires
from app.identity.roles import Permission

bp = Blueprint("households_pages", __name__, template_folder="templates")

OFFERED = tuple(Act)
USUAL_LIMIT = 100


@bp.get("/household")
@page_requires(Permission.HOUSEHOLD_OWN)
def show_household() -> ResponseReturnValue:
    """One's household, who acts for one, and for whom one acts."""
    return _page(problem=None)


@bp.post("/household/delegates")
@page_requires(Permission.HOUSEHOLD_OWN)
def give() -> ResponseReturnValue:
    """Let somebody of one's household act for oneself."""
    me = current_principal()
    try:
        mandate = Mandate(
            person_id=me.person_id,
            delegate_id=_chosen(),
            acts=acts_chosen(),
            daily_limit=whole_in("daily_limit", most=LARGEST_LIMIT),
        )
        with transaction(me.tenant_id) as session:
            delegations.give(session, mandate, me=me, now=clock.now())
    except DomainError as refusal:
        return shown_on(_page(problem=refusal.detail), refusal)
    return redirect("/household", code=303)


@bp.post("/household/delegates/<uuid:mandate_id>/revoke")
@page_requires(Permission.HOUSEHOLD_OWN)
def revoke(mandate_id: UUID) -> ResponseReturnValue:
    """Take a mandate back, or give it up."""
    me = current_principal()
    try:
        with transaction(me.tenant_id) as session:
            delegations.revoke(session, me=me, mandate_id=mandate_id, now=clock.now())
    except DomainError as refusal:
        return shown_on(_page(problem=refusal.detail), refusal)
    return redirect("/household", code=303)


def acts_chosen() -> frozenset[Act]:
    """The acts that were ticked; at least one."""
    ticked = request.form.getlist("acts")
    acts = frozenset(act for act in Act if act.value in ticked)
    if not acts:
        raise ActUnknown("请至少勾选一项代办的事情。", errors={"acts": ["必选"]})
    return acts


def _chosen() -> UUID:
    delegate_id = id_in("delegate_id")
    if delegate_id is None:
        raise DelegateUnknown("请先选择代办人。")
    return delegate_id


def _page(*, problem: str | None) -> str:
    me = current_principal()
    with transaction(me.tenant_id) as session:
        shown = family.shown(session, me, on=clock.civil_day(clock.now(), me.zone))
    return render_template(
        "households/household.html",
        problem=problem,
        offered=[(act.value, ACTS[act]) for act in OFFERED],
        usual_limit=USUAL_LIMIT,
        **shown,
    )
