"""Taking goods back at the counter: find the redemption by its number, choose, print the slip."""

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.core import clock
from app.core.clock import civil_text
from app.core.db import transaction
from app.core.errors import DomainError
from app.core.forms import FieldWrong, id_in, text_in
from app.core.ids import new_id
from app.core.problems import shown_on
from app.identity.access import current_principal, page_requires
from app.identity.roles import Permission
from app.supermarket import desk, labels, returning, services
from app.supermarket.errors import RedemptionUnknown
from app.supermarket.forms import pieces_in, said_by
from app.supermarket.kinds import Fate
from app.supermarket.returning import UNKNOWN, Sold

bp = Blueprint("return_pages", __name__, template_folder="templates")


@bp.get("/counter/<uuid:shop_id>/returns")
@page_requires(Permission.REDEMPTION_CREATE)
def show_returns(shop_id: UUID) -> ResponseReturnValue:
    """The redemption with the number on the receipt, or the question for one."""
    number = request.args.get("number", "")[:20]
    try:
        return _page(shop_id, number=number)
    except RedemptionUnknown as refusal:
        return shown_on(
            _page(shop_id, number=number, problem=refusal.detail, unknown=True), refusal
        )


@bp.post("/counter/<uuid:shop_id>/returns")
@page_requires(Permission.REDEMPTION_CREATE)
def take_back(shop_id: UUID) -> ResponseReturnValue:
    """Take back what was filled in."""
    number = request.form.get("number", "")[:20]
    try:
        redemption_id = _redemption_id()
        reason = text_in("reason", most=200, needed="请写一下哪里有问题，例如包装破损、胀包。")
        pieces = pieces_in(request.form)
        answer = desk.take_back(
            current_principal(),
            key=request.form.get("idempotency_key"),
            redemption_id=redemption_id,
            reason=reason,
            fate=_fate(),
            pieces=pieces,
        )
    except RedemptionUnknown as refusal:
        return shown_on(
            _page(shop_id, number=number, problem=refusal.detail, unknown=True), refusal
        )
    except DomainError as refusal:
        return shown_on(_page(shop_id, number=number, problem=refusal.detail), refusal)
    if answer.status_code != 201:
        return _page(shop_id, number=number, problem=said_by(answer)), answer.status_code
    slip = {**answer.get_json()["redemption"], "reason": reason, "pieces": pieces}
    return _page(shop_id, number=number, slip=slip)


def _redemption_id() -> UUID:
    found = id_in("redemption_id")
    if found is None:
        raise RedemptionUnknown(UNKNOWN)
    return found


def _fate() -> Fate:
    try:
        return Fate(request.form.get("goods", ""))
    except ValueError as error:
        say = "请选择退回的商品放回货架，还是报损。"
        raise FieldWrong(say, errors={"goods": [say]}) from error


def _page(
    shop_id: UUID,
    *,
    number: str,
    problem: str | None = None,
    unknown: bool = False,
    slip: dict[str, Any] | None = None,
) -> str:
    """`unknown`: nothing has this number, which is shown once more to be mended."""
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        shop = services.shop_of(session, me=me, shop_id=shop_id)
        sold = (
            returning.find(session, me, shop_id, number=number, now=now)
            if number and not unknown
            else None
        )
        shown = _shown(sold, me.zone) if sold else None
    if slip and shown:
        slip["lines"] = [
            {"name": line["name"], "quantity": slip["pieces"][UUID(line["item_id"])]}
            for line in shown["lines"]
            if UUID(line["item_id"]) in slip["pieces"]
        ]
        slip["now"] = civil_text(now, me.zone)
    return render_template(
        "supermarket/returns.html",
        shop={"id": str(shop.id), "name": shop.name},
        sold=shown,
        slip=slip,
        fates=labels.FATES,
        number=number,
        said=request.form if problem else {},
        problem=problem,
        manager_name=me.display_name,
        idempotency_key=new_id().hex,
    )


def _shown(sold: Sold, zone: str) -> dict[str, Any]:
    return {
        "id": str(sold.redemption.id),
        "number": labels.number(sold.redemption.id),
        "at": civil_text(sold.redemption.at, zone),
        "cost": sold.redemption.cost,
        "member": sold.member_name_masked,
        "left": sum(sold.left.values()),
        "lines": [
            {
                "item_id": str(line.item_id),
                "name": line.name,
                "quantity": line.quantity,
                "left": sold.left[line.item_id],
                "points": line.points // line.quantity,
            }
            for line in sold.lines
        ],
    }
