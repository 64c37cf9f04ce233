"""The counter's queue of what waits, and handing it over against its code."""

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.core import clock, edges, masking
from app.core.clock import civil_text
from app.core.db import transaction
from app.core.errors import DomainError, NotFound
from app.core.ids import new_id
from app.core.problems import shown_on
from app.identity import queries as identity
from app.identity.access import current_principal, page_requires
from app.identity.roles import Permission
from app.supermarket import days, desk, fetching, kept, labels, services, web
from app.supermarket.fetching import Fetch, Waiting
from app.supermarket.forms import pieces_in, said_by

MOST = 100
bp = Blueprint("pickup_pages", __name__, template_folder="templates")


@bp.get("/counter/<uuid:shop_id>/orders")
@page_requires(Permission.REDEMPTION_CREATE)
def show_queue(shop_id: UUID) -> ResponseReturnValue:
    """What waits here, and the day's figures."""
    return _queue(shop_id)


@bp.post("/counter/<uuid:shop_id>/orders/look")
@page_requires(Permission.REDEMPTION_CREATE)
def look_up(shop_id: UUID) -> ResponseReturnValue:
    """What a code fetches, before anything is taken."""
    me = current_principal()
    shown = request.form.get("code", "")[:64]
    fetch = Fetch(me=me, shop_id=shop_id, shown=shown, keyring=edges.keyring(), now=clock.now())
    try:
        with transaction(me.tenant_id) as session:
            found = fetching.look_up(session, fetch)
            waiting = _waiting(found, code=fetch.text)
    except DomainError as refusal:
        return _refused(shop_id, refusal)
    return _queue(shop_id, found=waiting)


@bp.post("/counter/<uuid:shop_id>/orders")
@page_requires(Permission.REDEMPTION_CREATE)
def hand_over(shop_id: UUID) -> ResponseReturnValue:
    """Hand over what was looked up, all of it or as many as were filled in."""
    me = current_principal()
    try:
        answer = desk.pick_up(
            me,
            key=request.form.get("idempotency_key"),
            shop_id=shop_id,
            code=request.form.get("code", "")[:64],
            pieces=pieces_in(request.form),
        )
    except DomainError as refusal:
        return _refused(shop_id, refusal)
    if answer.status_code != 201:
        return _queue(shop_id, problem=said_by(answer)), answer.status_code
    sold = web.sold(answer.get_json()["redemption"], me.zone)
    return _queue(shop_id, done=sold["receipt"])


def _refused(shop_id: UUID, refusal: DomainError) -> ResponseReturnValue:
    """The queue with the reason; a counter that is not theirs stays unknown."""
    if isinstance(refusal, NotFound) and refusal.code == "shop_unknown":
        raise refusal
    return shown_on(_queue(shop_id, problem=refusal.detail), refusal)


def _waiting(found: Waiting, *, code: str) -> dict[str, Any]:
    return {
        "code": code,
        "member": found.member_name_masked,
        "cost": found.reservation.cost,
        "lines": [
            {
                "item_id": str(line.item_id),
                "name": line.name,
                "unit": line.unit,
                "quantity": line.quantity,
                "points": line.points,
            }
            for line in found.lines
        ],
    }


def _queue(
    shop_id: UUID,
    *,
    problem: str | None = None,
    found: dict[str, Any] | None = None,
    done: dict[str, Any] | None = None,
) -> str:
    me = current_principal()
    with transaction(me.tenant_id) as session:
        shop = services.shop_of(session, me=me, shop_id=shop_id)
        rows = kept.list_waiting(session, shop.id, limit=MOST)
        lines = kept.lines_of(session, [row.id for row in rows])
        names = identity.names_of(session, {row.person_id for row in rows})
        day = days.of_shop(session, me, shop.id, day=None, now=clock.now())
    queue = [
        {
            "member": masking.name(names[row.person_id]),
            "goods": labels.goods_text([(one.name, one.quantity) for one in lines[row.id]], ""),
            "cost": row.cost,
            "until": civil_text(row.expires_at, me.zone),
        }
        for row in rows
    ]
    return render_template(
        "supermarket/queue.html",
        shop={"id": str(shop.id), "name": shop.name},
        queue=queue,
        day=day,
        found=found,
        done=done,
        problem=problem,
        code=request.form.get("code", "")[:64] if problem else "",
        manager_name=me.display_name,
        idempotency_key=new_id().hex,
    )
