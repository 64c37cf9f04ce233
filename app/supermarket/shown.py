"""Goods, batches and deliveries as pages show them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from app.supermarket import categories, labels
from app.supermarket.models import Delivery, Item, ItemPrice
from app.supermarket.queries import Goods
from app.supermarket.stock_queries import Line, Shelved


def item(one: Item) -> dict[str, Any]:
    """An item, as a page shows it."""
    return {
        "id": str(one.id),
        "sku": one.sku,
        "name": one.name,
        "unit": one.unit,
        "category_name": categories.names().get(one.category, one.category),
        "dated": one.category in categories.known() and categories.known()[one.category].dated,
        "merchant": one.merchant or "",
        "barcode": one.barcode or "",
        "quarter_limit": one.quarter_limit or "",
        "closed": one.closed_at is not None,
    }


def until_text(best_before: date | None) -> str:
    return f"保质期到 {best_before:%Y-%m-%d}" if best_before else "没有保质期"


def ending(one: Shelved, today: date) -> dict[str, Any]:
    """A batch, and whether it must be given out soon or not at all."""
    best = one.batch.best_before
    left = (best - today).days if best else None
    return {
        "id": str(one.batch.id),
        "name": one.item.name,
        "unit": one.item.unit,
        "on_hand": one.stock.on_hand,
        "held": one.stock.held,
        "until": until_text(best),
        "over": left is not None and left < 0,
        "soon": left is not None and 0 <= left <= labels.WARNED_DAYS,
        "left": "" if left is None else f"已过期 {-left} 天" if left < 0 else f"还有 {left} 天",
    }


def price_on(prices: Sequence[ItemPrice], day: date) -> int:
    """What counts on a day, of the prices with the latest first; 0 before there is one."""
    return next((one.points for one in prices if one.valid_from <= day), 0)


def price_text(prices: Sequence[ItemPrice], today: date) -> str:
    """The price, and what it will be."""
    coming = [one for one in reversed(prices) if one.valid_from > today]
    later = "".join(f"，{one.valid_from:%m-%d} 起 {one.points}" for one in coming)
    return f"{price_on(prices, today)} 积分{later}"


def delivery(one: Delivery) -> dict[str, Any]:
    """A delivery, as a page shows it."""
    return {
        "id": str(one.id),
        "kind": one.kind,
        "kind_name": labels.DELIVERIES[one.kind],
        "number": labels.delivery_number(one),
        "day": f"{one.day:%Y-%m-%d}",
        "source": labels.SOURCES.get(one.source or "", ""),
        "voucher": one.voucher or "",
        "donor": one.donor_name or "",
        "named": one.named,
    }


def goods_of(lines: Sequence[Line]) -> str:
    """What came, in one line."""
    return "、".join(f"{line.item.name} {line.quantity} {line.item.unit}" for line in lines)


def goods(one: Goods, *, have: int) -> dict[str, Any]:
    """An item as it is offered to whom so many points are free."""
    return {
        "id": str(one.item.id),
        "name": one.item.name,
        "unit": one.item.unit,
        "points": one.points,
        "available": one.available,
        "missing": max(0, one.points - have),
    }
