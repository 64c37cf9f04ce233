"""The pages of the redeem code and of the counter."""

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.core import clock, edges, qr
from app.core.clock import civil_day, civil_text
from app.core.db import transaction
from app.core.errors import DomainError
from app.core.forms import id_asked
from app.core.ids import new_id
from app.core.problems import shown_on
from app.households import acting
from app.households.kinds import Act
from app.identity.access import current_principal, page_requires
from app.identity.roles import Duty, Permission
from app.ledger import services as ledger
from app.organisation import queries as organisation
from app.supermarket import codes, counter, funds, issuing, labels, queries, services
from app.supermarket.errors import NO_ITEM, NO_QUANTITY, BasketEmpty, ItemUnknown, QuantityWrong
from app.supermarket.models import Redemption
from app.supermarket.orders import Wish

bp = Blueprint("supermarket_pages", __name__, template_folder="templates")

DUTIES = (
    Duty(
        permission=Permission.REDEMPTION_CREATE,
        path="/counter",
        title="兑换台",
        text="扫居民的兑换码，兑换爱心商品",
    ),
    Duty(
        permission=Permission.BUDGET_READ,
        path="/budget",
        title="积分预算",
        text="在外积分要花多少钱采购，筹到的够不够",
    ),
)

QUANTITY_FIELD = "qty-"
QUANTITY = re.compile(r"[0-9]{1,2}")
ITEM_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@bp.get("/redeem-code")
@page_requires(Permission.REDEEM_CODE_CREATE)
def show_redeem_code() -> ResponseReturnValue:
    """The code to show at the counter."""
    return render_template("supermarket/redeem_code.html", **_fresh_code())


@bp.get("/redeem-code/fresh")
@page_requires(Permission.REDEEM_CODE_CREATE)
def show_fresh_code() -> ResponseReturnValue:
    """The part of the page that changes before the code dies."""
    return render_template("supermarket/_redeem_code.html", **_fresh_code())


@bp.get("/redeem-code/<uuid:code_id>/fate")
@page_requires(Permission.REDEEM_CODE_CREATE)
def show_fate(code_id: UUID) -> ResponseReturnValue:
    """Nothing while the code waits; once it was scanned, what came of it, and a fresh one."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        whose = id_asked("for")
        errand = acting.looked_up(session, me, whose, act=Act.REDEEM, now=clock.now())
        code = queries.get_own_code(session, code_id=code_id, person_id=errand.me.subject_id)
        redemption = queries.get_redemption_of(session, code_id=code_id) if code else None
    if redemption is None:
        return "", 204
    return render_template("supermarket/_redeem_code.html", **_fresh_code(), used=_fate(redemption))


@bp.get("/counter")
@page_requires(Permission.REDEMPTION_CREATE)
def list_counters() -> ResponseReturnValue:
    """The shops whose counters this manager may run; the only one opens by itself."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        communities = organisation.communities_under(
            session, me.units_with(Permission.REDEMPTION_CREATE)
        )
        shops = queries.list_shops_of(session, communities)
    if len(shops) == 1:
        return redirect(f"/counter/{shops[0].id}", code=303)
    shown = [{"id": str(shop.id), "name": shop.name} for shop in shops]
    return render_template("supermarket/counters.html", shops=shown)


@bp.get("/counter/<uuid:shop_id>")
@page_requires(Permission.REDEMPTION_CREATE)
def show_counter(shop_id: UUID) -> ResponseReturnValue:
    """The counter, ready for the next member."""
    return _counter(shop_id, outcome=None, status=200)


@bp.post("/counter/<uuid:shop_id>")
@page_requires(Permission.REDEMPTION_CREATE)
def redeem(shop_id: UUID) -> ResponseReturnValue:
    """Give goods for points."""
    me = current_principal()
    try:
        answer = counter.redeem(
            me,
            key=request.form.get("idempotency_key"),
            shop_id=shop_id,
            shown=request.form.get("redeem_code", "")[:512],
            wishes=_wishes(),
        )
    except DomainError as refusal:
        outcome = {"kind": "refused", "message": refusal.detail, "receipt": None}
        return shown_on(_counter(shop_id, outcome=outcome, status=refusal.status), refusal)
    body = answer.get_json()
    if answer.status_code != 201:
        outcome = {"kind": "refused", "message": body["detail"], "receipt": None}
        return _counter(shop_id, outcome=outcome, status=answer.status_code)
    return _counter(shop_id, outcome=_sold(body["redemption"], me.zone), status=200)


@bp.get("/budget")
@page_requires(Permission.BUDGET_READ)
def show_budgets() -> ResponseReturnValue:
    """What the points in circulation will cost, beside what was raised; for staff alone."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        communities = organisation.communities_under(session, me.units_with(Permission.BUDGET_READ))
        budgets = funds.list_budgets(session, communities, on=civil_day(clock.now(), me.zone))
    return render_template("supermarket/budgets.html", budgets=[_shown_budget(b) for b in budgets])


def _shown_budget(budget: funds.Budget) -> dict[str, Any]:
    return {
        "community": budget.community,
        "text": labels.budget_text(budget.outstanding_points, budget.guard),
        "warning": labels.budget_warning(budget.guard),
        "level": budget.guard.level.value,
        "filled": min(budget.guard.share_percent, 100),
    }


def _fate(redemption: Redemption) -> dict[str, str]:
    if redemption.state == "refused":
        return {"kind": "no", "message": "刚才没有兑换成功，积分没有动，请看店员屏幕上的说明。"}
    message = f"兑换成功，扣 {redemption.cost} 分，还剩 {redemption.balance_after} 分。"
    return {"kind": "ok", "message": message}


def _wishes() -> tuple[Wish, ...]:
    wishes = []
    for field, value in request.form.items():
        quantity = _quantity(value.strip()) if field.startswith(QUANTITY_FIELD) else 0
        if not quantity:
            continue
        item_id = field.removeprefix(QUANTITY_FIELD)
        if not ITEM_ID.fullmatch(item_id):
            raise ItemUnknown(NO_ITEM)
        wishes.append(Wish(item_id=UUID(item_id), quantity=quantity))
    if not wishes:
        raise BasketEmpty("还没有选择商品，请先选择商品和数量。")
    return tuple(wishes)


def _quantity(text: str) -> int:
    if text and not QUANTITY.fullmatch(text):
        raise QuantityWrong(NO_QUANTITY)
    return int(text or 0)


def _counter(shop_id: UUID, *, outcome: dict[str, Any] | None, status: int) -> ResponseReturnValue:
    me = current_principal()
    with transaction(me.tenant_id) as session:
        shop = services.shop_of(session, me=me, shop_id=shop_id)
        rows = queries.list_items(session, shop.id, on=civil_day(clock.now(), me.zone))
    refused = outcome is not None and outcome["kind"] == "refused"
    kept = request.form if refused else {}
    page = render_template(
        "supermarket/counter.html",
        shop={"id": str(shop.id), "name": shop.name},
        items=[
            {
                "id": str(goods.item.id),
                "sku": goods.item.sku,
                "name": goods.item.name,
                "unit": goods.item.unit,
                "points": goods.points,
                "available": goods.available,
            }
            for goods in rows
        ],
        idempotency_key=new_id().hex,
        quantities={
            field.removeprefix(QUANTITY_FIELD): value
            for field, value in kept.items()
            if field.startswith(QUANTITY_FIELD)
        },
        outcome=outcome,
        manager_name=me.display_name,
    )
    return page, status


def _sold(redemption: dict[str, Any], zone: str) -> dict[str, Any]:
    at = datetime.fromisoformat(redemption["at"])
    on_paper = f"{civil_day(at, zone).year}年{civil_text(at, zone)}"
    message = f"兑换成功，扣 {redemption['cost']} 分，还剩 {redemption['balance_after']} 分"
    return {"kind": "ok", "message": message, "receipt": {**redemption, "at": on_paper}}


def _fresh_code() -> dict[str, Any]:
    now = clock.now()
    with transaction(current_principal().tenant_id) as session:
        errand = acting.errand(
            session, current_principal(), id_asked("for"), act=Act.REDEEM, now=now
        )
        me = errand.me
        shown = issuing.create_code(
            session, me=me, keyring=edges.keyring(), now=now, mandate_id=errand.mandate_id
        )
        day = civil_day(now, me.zone)
        points = ledger.numbers(session, person_id=me.subject_id, on=day).points
    return {
        "whose": f"for={me.on_behalf_of}" if me.on_behalf_of else "",
        "for_whom": me.display_name if me.on_behalf_of else "",
        "code_id": str(shown.id),
        "qr_svg": qr.svg(shown.text, label="兑换码"),
        "digits": codes.grouped(shown.digits),
        "expires_at_iso": shown.expires_at.isoformat(),
        "seconds_left": int((shown.expires_at - now).total_seconds()),
        "renews_in": int(codes.REFRESH_AFTER.total_seconds()),
        "points_available": points.available,
    }
