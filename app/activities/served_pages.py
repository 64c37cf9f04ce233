"""The page behind a confirmation slip, for who was served: no account, two buttons."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.activities import confirming, labels, served, slip_codes
from app.activities import jobs as activity_jobs
from app.activities.confirming import Claimed, Said
from app.activities.errors import SlipUnknown
from app.activities.slip_edge import caller_of
from app.activities.ways import Answer
from app.core import tenancy
from app.core.db import transaction
from app.core.doors import public
from app.core.errors import DomainError, Unauthenticated
from app.core.forms import text_in
from app.core.problems import shown_on
from app.core.queue import ring_after_commit
from app.core.tenancy import Tenant
from app.identity import units
from app.identity.access import identify_once

bp = Blueprint("served_pages", __name__, template_folder="templates")


@bp.get("/c/<city>")
@public
def show_typing(city: str) -> ResponseReturnValue:
    """Eight fields' worth of a code, for a phone that cannot scan."""
    return _typing(city)


@bp.post("/c/<city>")
@public
def type_code(city: str) -> ResponseReturnValue:
    """Lead on to the slip of a typed code."""
    code = slip_codes.read(text_in("code", most=40))
    if code is None:
        refusal = SlipUnknown("单子上的码是八位字母和数字，没有 0、1、I、L、O，请再核对一遍。")
        return shown_on(_typing(city, problem=refusal.detail), refusal)
    return redirect(f"/c/{city}/{code}", code=303)


@bp.get("/c/<city>/<slip_code>")
@public
def show_claim(city: str, slip_code: str) -> ResponseReturnValue:
    """What the slip says was done for somebody, and what they say to that."""
    tenant = _tenant(city)
    try:
        with transaction(tenant.id) as session:
            claimed = confirming.look(session, caller_of(tenant, slip_code))
            organiser = units.names_of(session, {claimed.activity.community_id})
    except DomainError as refusal:
        return shown_on(_typing(city, problem=refusal.detail), refusal)
    return _claim(tenant, slip_code, claimed, organiser=next(iter(organiser.values()), ""))


@bp.post("/c/<city>/<slip_code>")
@public
def answer_claim(city: str, slip_code: str) -> ResponseReturnValue:
    """Write the answer down."""
    tenant = _tenant(city)
    caller, denied = caller_of(tenant, slip_code), request.form.get("answer") == Answer.DENIED
    said = Said(
        answer=Answer.DENIED if denied else Answer.CONFIRMED, words=text_in("words", most=300)
    )
    try:
        with transaction(tenant.id) as session:
            ring_after_commit(session, activity_jobs.go_on)
            confirming.answer(session, caller, said, signed_in=_signed_in(tenant))
    except DomainError as refusal:
        return shown_on(_typing(city, problem=refusal.detail), refusal)
    return redirect(f"/c/{city}/{slip_code}", code=303)


def _tenant(city: str) -> Tenant:
    """The city of an address; one there is not is told like a code there is not."""
    with transaction(None) as session:
        tenant = tenancy.find(session, city)
    if tenant is None:
        raise SlipUnknown(confirming.NO_SUCH_CODE)
    return tenant


def _signed_in(tenant: Tenant) -> UUID | None:
    """Who is signed in on this browser, if anybody of this city is."""
    try:
        me = identify_once()
    except Unauthenticated:
        return None
    return me.person_id if me.tenant_id == tenant.id else None


def _typing(city: str, *, problem: str | None = None) -> str:
    return render_template("activities/slip_code.html", city=city, problem=problem)


def _claim(tenant: Tenant, code: str, claimed: Claimed, *, organiser: str) -> str:
    return render_template(
        "activities/claim.html",
        claim={
            **served.claimed_body(claimed, organiser),
            "when": labels.when(claimed.activity, tenant.zone),
            "length": labels.length(claimed.minutes) if claimed.minutes else "",
        },
        city=tenant.slug,
        code=code,
    )
