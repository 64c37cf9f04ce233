"""What a refused sale says to do next: of a card another thing than of a code."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import civil_day
from app.core.errors import BURNT, DomainError
from app.supermarket.errors import SoldOut
from app.supermarket.kinds import Way
from app.supermarket.models import Batch, Stock
from app.supermarket.orders import Order
from app.supermarket.selling import Sale
from app.supermarket.shelves import CODE_AGAIN


def in_words(session: Session, refusal: DomainError, *, order: Order, sale: Sale) -> DomainError:
    """The same refusal, as whoever stands at this counter is to read it."""
    if isinstance(refusal, SoldOut):
        refusal = _of_spoilt(session, order, sale) or refusal
    if sale.proof.way is not Way.CODE:
        refusal.detail = refusal.detail.replace(CODE_AGAIN, "").replace(BURNT, "，再办一次")
    return refusal


def _of_spoilt(session: Session, order: Order, sale: Sale) -> SoldOut | None:
    """Why there is nothing of what lies on the shelf for everybody to see."""
    for wish in order.wishes:
        goods = sale.items[wish.item_id]
        if goods.available >= wish.quantity:
            continue
        day = civil_day(order.now, order.me.zone)
        left = 0 if goods.available else _spoilt(session, wish.item_id, on=day)
        if not left:
            return None
        return SoldOut(
            f"{goods.item.name}只剩过期的 {left} {goods.item.unit}，不能兑出，"
            f"请下架报损；请居民换一种商品{CODE_AGAIN}。"
        )
    return None


def _spoilt(session: Session, item_id: UUID, *, on: date) -> int:
    """How many of an item are on the shelf and past their day."""
    query = (
        sa.select(sa.func.coalesce(sa.func.sum(Stock.on_hand), 0))
        .join(Batch, Batch.id == Stock.id)
        .where(Batch.item_id == item_id, Batch.last_day < on)
    )
    return int(session.scalar(query) or 0)
