"""The pages on which goods come in: what was bought, and what was given."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from app.core import clock, edges
from app.core.clock import civil_day, civil_text
from app.core.db import transaction
from app.core.errors import NotFound
from app.core.forms import FieldWrong, day_in, text_in, whole_in
from app.core.ids import new_id
from app.identity import queries as identity
from app.identity.access import current_principal, page_requires
from app.identity.roles import Permission
from app.supermarket import deliveries, labels, shops, shown, stock_queries, stockroom
from app.supermarket.deliveries import Donor
from app.supermarket.errors import DeliveryUnknown
from app.supermarket.kinds import DonorKind
from app.supermarket.receiving import MOST_AT_ONCE, Arrived
from app.supermarket.shops import Hand
from app.supermarket.stock_forms import concluded, fields, key
from app.supermarket.stockroom import Brought

bp = Blueprint("intake_pages", __name__, template_folder="templates")

SHOPS = "/staff/shops"
NO_DELIVERY = "没有找到这张入库单，请从商品与库存进入。"


@bp.get(f"{SHOPS}/<uuid:shop_id>/purchase")
@page_requires(Permission.STOCK_MANAGE)
def show_purchase(shop_id: UUID) -> ResponseReturnValue:
    """What is asked about a purchase."""
    return _intake(shop_id, "purchase", problem=None)


@bp.post(f"{SHOPS}/<uuid:shop_id>/purchase")
@page_requires(Permission.STOCK_MANAGE)
def receive(shop_id: UUID) -> ResponseReturnValue:
    """Take in what was bought."""

    def deed() -> Response:
        bought = deliveries.bought_by(
            request.form.get("source", ""),
            text_in("voucher", most=60, needed="请写凭证号，例如发票或采购单号。"),
        )
        return stockroom.receive(current_principal(), _brought(shop_id), key=key(), bought=bought)

    return _taken_in(shop_id, "purchase", deed)


@bp.get(f"{SHOPS}/<uuid:shop_id>/donation")
@page_requires(Permission.STOCK_MANAGE)
def show_donation(shop_id: UUID) -> ResponseReturnValue:
    """What is asked about a donation."""
    return _intake(shop_id, "donation", problem=None)


@bp.post(f"{SHOPS}/<uuid:shop_id>/donation")
@page_requires(Permission.STOCK_MANAGE)
def donate(shop_id: UUID) -> ResponseReturnValue:
    """Take in what somebody gave."""

    def deed() -> Response:
        kind = request.form.get("donor_kind", "")
        if kind not in [*DonorKind]:
            raise FieldWrong("请选择捐赠的是个人还是单位。", errors={"donor_kind": ["必填"]})
        donor = Donor(
            kind=DonorKind(kind),
            name=text_in("donor_name", most=60, needed="请写捐赠人或单位的名称。"),
            named=request.form.get("named") == "1",
        )
        return stockroom.donate(current_principal(), _brought(shop_id), key=key(), donor=donor)

    return _taken_in(shop_id, "donation", deed)


@bp.get("/staff/deliveries/<uuid:delivery_id>")
@page_requires(Permission.STOCK_READ)
def show_delivery(delivery_id: UUID) -> ResponseReturnValue:
    """What came together, and who paid for it or gave it."""
    hand = _hand(Permission.STOCK_READ)
    with transaction(hand.me.tenant_id) as session:
        delivery = stock_queries.get_delivery(session, delivery_id)
        if delivery is None:
            raise DeliveryUnknown(NO_DELIVERY)
        try:
            shop = shops.managed(session, hand, delivery.shop_id)
        except NotFound as error:
            raise DeliveryUnknown(NO_DELIVERY) from error
        lines = stock_queries.lines_of(session, [delivery.id]).get(delivery.id, [])
        by = {delivery.entered_by} - {None}
        names = identity.names_of(session, {one for one in by if one is not None})
    return render_template(
        "supermarket/delivery.html",
        shop=shop,
        delivery=shown.delivery(delivery),
        lines=lines,
        entered_by="、".join(names.values()),
        entered_at=civil_text(delivery.entered_at, hand.me.zone),
        just_done=edges.just_done(),
    )


def _taken_in(shop_id: UUID, kind: str, deed: Callable[[], Response]) -> ResponseReturnValue:
    return concluded(
        deed,
        lambda problem: _intake(shop_id, kind, problem=problem),
        lambda said: f"/staff/deliveries/{said['delivery']['id']}",
    )


def _brought(shop_id: UUID) -> Brought:
    lines = []
    for field, item_id in fields("qty-"):
        quantity = whole_in(field, most=MOST_AT_ONCE)
        if quantity:
            best = _best(f"best-{item_id}")
            lines.append(Arrived(item_id=item_id, quantity=quantity, best_before=best))
    return Brought(shop_id=shop_id, day=day_in("day"), lines=tuple(lines))


def _best(field: str) -> date | None:
    return day_in(field) if request.form.get(field, "").strip() else None


def _intake(shop_id: UUID, kind: str, *, problem: str | None) -> str:
    hand = _hand(Permission.STOCK_MANAGE)
    today = civil_day(hand.now, hand.me.zone)
    with transaction(hand.me.tenant_id) as session:
        shop = shops.managed(session, hand, shop_id)
        items = stock_queries.list_all_items(session, shop.id)
    return render_template(
        f"supermarket/{kind}.html",
        shop=shop,
        items=[shown.item(item) for item in items if item.closed_at is None],
        today=today,
        said=request.form,
        sources=labels.SOURCES,
        donors=labels.DONORS,
        idempotency_key=new_id().hex,
        problem=problem,
    )


def _hand(to: Permission) -> Hand:
    return Hand(me=current_principal(), to=to, now=clock.now())
