"""号码换了主人: staff let a number go from the file of whoever had it before."""

from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.core import clock, edges
from app.core.db import transaction
from app.core.errors import DomainError, NotFound
from app.core.forms import FieldWrong, text_in
from app.core.problems import shown_on
from app.identity.access import current_principal, lead_on, page_requires, require_fresh
from app.identity.roles import Permission
from app.phones import releasing, shown
from app.phones.releasing import Verdict

bp = Blueprint("phone_release_pages", __name__, template_folder="templates")

TO_CHECK = "/staff/phones"
LONGEST_REASON = 100


@bp.get("/staff/people/<uuid:person_id>/phone-release")
@page_requires(Permission.PHONE_CHECK)
def show_release(person_id: UUID) -> ResponseReturnValue:
    """What it means to let somebody's number go, and where to say why."""
    require_fresh(current_principal())
    return _asking(person_id, problem=None)


@bp.post("/staff/people/<uuid:person_id>/phone-release")
@page_requires(Permission.PHONE_CHECK)
def ask_release(person_id: UUID) -> ResponseReturnValue:
    """Say that the number has another owner. The person is told and has a day to object."""
    me = current_principal()
    require_fresh(me)
    try:
        reason = text_in("reason", most=LONGEST_REASON)
        with transaction(me.tenant_id) as session:
            vault, now = edges.vault(), clock.now()
            releasing.ask(session, vault, person_id, me=me, reason=reason, now=now)
    except NotFound:
        raise
    except DomainError as refusal:
        return shown_on(_asking(person_id, problem=refusal.detail), refusal)
    edges.note_done()
    return lead_on(TO_CHECK)


@bp.get(f"{TO_CHECK}/releases/<uuid:release_id>")
@page_requires(Permission.PHONE_CHECK)
def show_open_release(release_id: UUID) -> ResponseReturnValue:
    """One that is under way: who asked for it, why, and since when."""
    return _deciding(release_id, problem=None)


@bp.post(f"{TO_CHECK}/releases/<uuid:release_id>")
@page_requires(Permission.PHONE_CHECK)
def decide_release(release_id: UUID) -> ResponseReturnValue:
    """Let the number go, or let it stay where it is."""
    me = current_principal()
    require_fresh(me)
    try:
        verdict = Verdict(
            release_id=release_id, goes=_goes(), reason=text_in("reason", most=LONGEST_REASON)
        )
        with transaction(me.tenant_id) as session:
            releasing.decide(session, edges.vault(), verdict, me=me, now=clock.now())
    except NotFound:
        raise
    except DomainError as refusal:
        return shown_on(_deciding(release_id, problem=refusal.detail), refusal)
    edges.note_done()
    return lead_on(TO_CHECK)


def _asking(person_id: UUID, *, problem: str | None) -> str:
    me = current_principal()
    with transaction(me.tenant_id) as session:
        found = shown.to_release(session, edges.vault(), person_id, me=me)
    return render_template("phones/release.html", problem=problem, **found)


def _deciding(release_id: UUID, *, problem: str | None) -> str:
    me = current_principal()
    with transaction(me.tenant_id) as session:
        found = shown.release(session, edges.vault(), release_id, me=me, now=clock.now())
    return render_template("phones/releasing.html", problem=problem, one=found)


def _goes() -> bool:
    found = request.form.get("decision", "")
    if found not in {"release", "stop"}:
        raise FieldWrong("请选择解绑还是停止，再提交。", errors={"decision": ["请选择"]})
    return found == "release"
