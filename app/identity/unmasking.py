"""查看完整信息: a member of staff sees one datum of somebody in full, for a reason they give."""

from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request

from app.core import clock, edges
from app.core.clock import civil_text
from app.core.db import transaction
from app.core.errors import DomainError, NotFound
from app.core.forms import text_in
from app.core.problems import shown_on
from app.identity import disclosing, whereabouts
from app.identity.access import current_principal, page_requires, require_fresh
from app.identity.disclosing import Asked
from app.identity.fields import LABELS, Field, shown
from app.identity.roles import Permission, Principal
from app.identity.whereabouts import Deed, Spot

bp = Blueprint("unmasking_pages", __name__, template_folder="templates")

LONGEST_REASON = 100
DEEDS = {Deed.CHECK_IN: "签到", Deed.CHECK_OUT: "签退"}


@bp.get("/staff/people/<uuid:person_id>/data")
@page_requires(Permission.PERSON_UNMASK)
def show_masked(person_id: UUID) -> Response:
    """What there is of somebody, masked, and where to say what is needed of it and why."""
    require_fresh(current_principal())
    return _page(person_id, problem=None)


@bp.post("/staff/people/<uuid:person_id>/data")
@page_requires(Permission.PERSON_UNMASK)
def unmask(person_id: UUID) -> Response:
    """Show one datum in full, this once; who saw it, and why, is written down."""
    me, chosen = current_principal(), request.form.get("field", "")
    require_fresh(me)
    field = Field(chosen) if chosen in set(Field) else Field.PHONE
    asked = Asked(person_id=person_id, field=field, reason=text_in("reason", most=LONGEST_REASON))
    try:
        with transaction(me.tenant_id) as session:
            value = disclosing.read(session, edges.vault(), me=me, asked=asked, at=clock.now())
    except DomainError as refusal:
        return shown_on(_page(person_id, problem=refusal.detail), refusal)
    return _page(person_id, problem=None, full=(LABELS[field], shown(field, value)))


@bp.get("/staff/people/<uuid:person_id>/whereabouts")
@page_requires(Permission.LOCATION_READ)
def show_whereabouts(person_id: UUID) -> Response:
    """Where to say why one needs to know where somebody checked in."""
    require_fresh(current_principal())
    return _spots_page(person_id, problem=None)


@bp.post("/staff/people/<uuid:person_id>/whereabouts")
@page_requires(Permission.LOCATION_READ)
def read_whereabouts(person_id: UUID) -> Response:
    """Show where somebody checked in, this once; who saw it, and why, is written down."""
    me = current_principal()
    require_fresh(me)
    try:
        reason = text_in("reason", most=LONGEST_REASON)
        with transaction(me.tenant_id) as session:
            spots = whereabouts.read(
                session,
                edges.vault(),
                me=me,
                person_id=person_id,
                reason=reason,
                now=clock.now(),
            )
    except NotFound:
        raise
    except DomainError as refusal:
        return shown_on(_spots_page(person_id, problem=refusal.detail), refusal)
    return _spots_page(person_id, problem=None, spots=[_spot(one, me) for one in spots])


def _spots_page(
    person_id: UUID, *, problem: str | None, spots: list[dict[str, str]] | None = None
) -> Response:
    me = current_principal()
    with transaction(me.tenant_id) as session:
        name = whereabouts.within_reach(session, me, person_id)
    page = render_template(
        "identity/whereabouts.html", person_id=person_id, name=name, problem=problem, spots=spots
    )
    return make_response(page)


def _spot(spot: Spot, me: Principal) -> dict[str, str]:
    near = f"，误差约 {spot.accuracy_m:.0f} 米" if spot.accuracy_m is not None else ""
    return {
        "deed": DEEDS[spot.deed],
        "at": civil_text(spot.taken_at, me.zone),
        "place": f"纬度 {spot.lat:.6f}，经度 {spot.lng:.6f}（{spot.crs}）{near}",
    }


def _page(person_id: UUID, *, problem: str | None, full: tuple[str, str] | None = None) -> Response:
    me = current_principal()
    with transaction(me.tenant_id) as session:
        name, known = disclosing.glimpse(session, edges.vault(), me=me, person_id=person_id)
    page = render_template(
        "identity/unmask.html",
        person_id=person_id,
        name=name,
        known=[(field.value, LABELS[field], seen) for field, seen in known.items()],
        problem=problem,
        full=full,
        may_locate=me.may_somewhere(Permission.LOCATION_READ),
    )
    return make_response(page)
