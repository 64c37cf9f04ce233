"""What love-supermarkets keep about a person."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.keeping import Keeping
from app.supermarket import queries
from app.supermarket.models import RedeemCode, Redemption, RedemptionLine, Shop


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


KEEPINGS = (
    Keeping(
        key="redemptions",
        title="兑换物品的记录",
        why="核对积分、库存和资金，防止冒领",
        until="与账目同期保存；注销后只剩编号，看不出是谁",
        export=_redemptions,
        pending=_pending,
    ),
)
