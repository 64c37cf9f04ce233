"""What love-supermarkets keep about a person."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.keeping import Keeping
from app.supermarket import labels, queries, stock_queries
from app.supermarket.models import (
    Batch,
    Item,
    RedeemCode,
    Redemption,
    RedemptionLine,
    Shop,
    Stock,
)


def _redemptions(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    query = (
        sa.select(Redemption, Shop.name)
        .join(RedeemCode, RedeemCode.id == Redemption.code_id)
        .join(Shop, Shop.id == Redemption.shop_id)
        .where(RedeemCode.person_id == person_id)
        .order_by(Redemption.at, Redemption.id)
    )
    rows = session.execute(query).all()
    goods = _goods(session, [redemption.id for redemption, _shop in rows])
    for redemption, shop in rows:
        yield {
            "at": redemption.at,
            "shop": shop,
            "state": redemption.state,
            "points": redemption.cost,
            "goods": goods[redemption.id],
        }


def _goods(session: Session, redemption_ids: list[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    found = defaultdict(list)
    query = sa.select(RedemptionLine).where(RedemptionLine.redemption_id.in_(redemption_ids))
    for line in session.scalars(query.order_by(RedemptionLine.id)):
        goods = {"name": line.name, "quantity": line.quantity, "points": line.points}
        found[line.redemption_id].append(goods)
    return found


def _pending(session: Session, person_id: UUID, now: datetime) -> list[str]:
    """A code that still works may be on its way over the counter."""
    if queries.lock_live_codes(session, person_id=person_id, now=now):
        return ["您刚出示的兑换码还有效，请一分钟后再办理。"]
    return []


def _donations(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    given = stock_queries.given_by(session, person_id)
    lines = stock_queries.lines_of(session, [one.id for one in given])
    for one in given:
        yield {
            "day": one.day,
            "number": labels.delivery_number(one),
            "thanked_by_name": one.named,
            "goods": [
                {"name": line.item.name, "quantity": line.quantity}
                for line in lines.get(one.id, [])
            ],
        }


def _forget_donor(session: Session, person_id: UUID, _now: datetime) -> None:
    """The register keeps that somebody gave, and the masked name; the full one goes."""
    for one in stock_queries.given_by(session, person_id):
        one.donor_sealed, one.donor_id, one.named = None, None, False
    session.flush()


def occupied(session: Session, unit_id: UUID, _now: datetime) -> Iterator[str]:
    """A shop with goods on its shelves keeps its community open."""
    query = (
        sa.select(Shop.name)
        .join(Item, Item.shop_id == Shop.id)
        .join(Batch, Batch.item_id == Item.id)
        .join(Stock, Stock.id == Batch.id)
        .where(Shop.community_id == unit_id, Stock.on_hand > 0)
    )
    if name := session.scalar(query.order_by(Shop.name).limit(1)):
        yield f"爱心超市“{name}”还有存货，请先发完或盘清。"


KEEPINGS = (
    Keeping(
        key="redemptions",
        title="兑换物品的记录",
        why="核对积分、库存和资金，防止冒领",
        until="与账目同期保存；注销后只剩编号，看不出是谁",
        export=_redemptions,
        pending=_pending,
    ),
    Keeping(
        key="donations",
        title="捐赠物资的记录",
        why="开具捐赠收据，登记物品捐赠簿",
        until="与账目同期保存；注销后不再写明是谁",
        export=_donations,
        forget=_forget_donor,
    ),
)
