"""What a shop prints: receipts of donations, the quarter's thanks, labels with barcodes."""

import re
from uuid import UUID

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from app.core import clock, edges
from app.core.clock import civil_day
from app.core.db import transaction
from app.core.errors import NotFound
from app.core.forms import FieldWrong
from app.identity.access import current_principal, page_requires
from app.identity.roles import Permission
from app.supermarket import deliveries, labels, receipts, shops, shown, stock_queries, tags
from app.supermarket.errors import DeliveryUnknown
from app.supermarket.kinds import DeliveryKind
from app.supermarket.receipts import Receipt, Thanked
from app.supermarket.shops import Hand
from app.supermarket.tags import Tag
from points_engine import quarter_of

bp = Blueprint("stock_papers", __name__, template_folder="templates")

QUARTERS = 4
QUARTER = re.compile(r"20[0-9]{2}Q[1-4]")


@bp.get("/staff/deliveries/<uuid:delivery_id>/receipt.pdf")
@page_requires(Permission.STOCK_MANAGE)
def print_receipt(delivery_id: UUID) -> Response:
    """捐赠收据, on A5, or on A4 where somebody asks for it."""
    hand = _hand(Permission.STOCK_MANAGE)
    with transaction(hand.me.tenant_id) as session:
        delivery = stock_queries.get_delivery(session, delivery_id)
        if delivery is None or delivery.kind != DeliveryKind.DONATION.value:
            raise DeliveryUnknown("没有找到这张捐赠单，请从商品与库存进入。")
        try:
            shop = shops.managed(session, hand, delivery.shop_id)
        except NotFound as error:
            raise DeliveryUnknown("没有找到这张捐赠单，请从商品与库存进入。") from error
        lines = stock_queries.lines_of(session, [delivery.id]).get(delivery.id, [])
        receipt = Receipt(
            shop=shop,
            number=labels.delivery_number(delivery),
            donor=deliveries.donor_name(edges.vault(), delivery),
            day=delivery.day,
            lines=lines,
        )
    return _pdf(receipts.receipt(receipt, large=request.args.get("size") == "a4"), name="receipt")


@bp.get("/staff/shops/<uuid:shop_id>/thanks")
@page_requires(Permission.STOCK_READ)
def show_thanks(shop_id: UUID) -> ResponseReturnValue:
    """致谢榜: who gave in a quarter, by name where they want that."""
    quarter, thanked, shop_name = _thanks(shop_id)
    return render_template(
        "supermarket/thanks.html",
        shop_id=shop_id,
        shop_name=shop_name,
        quarter=quarter,
        quarters=[(code, labels.quarter_name(code)) for code in _choices(quarter)],
        thanked=thanked,
    )


@bp.get("/staff/shops/<uuid:shop_id>/thanks.pdf")
@page_requires(Permission.STOCK_READ)
def print_thanks(shop_id: UUID) -> Response:
    """The same for the wall."""
    quarter, thanked, shop_name = _thanks(shop_id)
    return _pdf(receipts.thanks(shop_name, quarter=quarter, thanked=thanked), name="thanks")


@bp.get("/staff/shops/<uuid:shop_id>/labels.pdf")
@page_requires(Permission.STOCK_READ)
def print_labels(shop_id: UUID) -> Response:
    """A label for each item: its name, its price, its barcode."""
    hand = _hand(Permission.STOCK_READ)
    today = civil_day(hand.now, hand.me.zone)
    with transaction(hand.me.tenant_id) as session:
        shops.managed(session, hand, shop_id)
        items = stock_queries.list_all_items(session, shop_id)
        prices = stock_queries.prices_of(session, [item.id for item in items])
    many = [
        Tag(
            name=item.name,
            price=f"{shown.price_on(prices.get(item.id, []), today)} 积分／{item.unit}",
            code=item.barcode or item.sku,
        )
        for item in items
        if item.closed_at is None
    ]
    return _pdf(tags.sheet(many), name="labels")


def _thanks(shop_id: UUID) -> tuple[str, list[Thanked], str]:
    hand = _hand(Permission.STOCK_READ)
    today = civil_day(hand.now, hand.me.zone)
    quarter = request.args.get("quarter") or quarter_of(today)
    if not QUARTER.fullmatch(quarter):
        raise FieldWrong("请选择季度，例如 2026Q1。", errors={"quarter": ["无效"]})
    span = receipts.span(quarter)
    with transaction(hand.me.tenant_id) as session:
        shop = shops.managed(session, hand, shop_id)
        given = stock_queries.list_donations(session, shop.id, since=span.since, until=span.until)
        lines = stock_queries.lines_of(session, [one.id for one in given])
        thanked = [
            Thanked(
                who=deliveries.donor_name(edges.vault(), one)
                if one.named
                else receipts.KIND[one.donor_kind or "unit"],
                number=labels.delivery_number(one),
                day=one.day,
                goods=shown.goods_of(lines.get(one.id, [])),
            )
            for one in given
        ]
    return quarter, thanked, shop.name


def _choices(chosen: str) -> list[str]:
    """The quarters one may want, the newest first, with the one that is looked at."""
    quarter = quarter_of(civil_day(clock.now(), current_principal().zone))
    year, number = int(quarter[:4]), int(quarter[5:])
    places = range(year * QUARTERS + number - 1, (year - 2) * QUARTERS - 1, -1)
    recent = [f"{place // QUARTERS}Q{place % QUARTERS + 1}" for place in places]
    return sorted({*recent, chosen}, reverse=True)


def _hand(to: Permission) -> Hand:
    return Hand(me=current_principal(), to=to, now=clock.now())


def _pdf(content: bytes, *, name: str) -> Response:
    answer = Response(content, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer
