"""What love-supermarkets keep about a person."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.keeping import Keeping
from app.supermarket import (
    kept,
    labels,
    offline_queries,
    queries,
    stock_queries,
    till_queries,
    voucher_queries,
)
from app.supermarket.models import (
    Batch,
    Item,
    OfflineShare,
    PointsDonation,
    Redemption,
    RedemptionLine,
    RedemptionReturn,
    SaleQuestion,
    Shop,
    Stock,
)

ALL = 10_000


def _redemptions(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    query = (
        sa.select(Redemption, Shop.name)
        .join(Shop, Shop.id == Redemption.shop_id)
        .where(Redemption.person_id == person_id)
        .order_by(Redemption.at, Redemption.id)
    )
    rows = session.execute(query).all()
    goods = _goods(session, [redemption.id for redemption, _shop in rows])
    for redemption, shop in rows:
        yield {
            "at": redemption.at,
            "shop": shop,
            "state": redemption.state,
            "way": redemption.way,
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


def _reservations(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    rows = kept.list_own(session, person_id, limit=ALL)
    lines = kept.lines_of(session, [row.id for row in rows])
    for row in rows:
        yield {
            "at": row.reserved_at,
            "shop": row.place,
            "state": row.state,
            "points": row.cost,
            "goods": [{"name": line.name, "quantity": line.quantity} for line in lines[row.id]],
        }


def _returns(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    query = (
        sa.select(RedemptionReturn)
        .join(Redemption, Redemption.id == RedemptionReturn.redemption_id)
        .where(Redemption.person_id == person_id)
        .order_by(RedemptionReturn.at, RedemptionReturn.id)
    )
    for one in session.scalars(query):
        yield {"at": one.at, "points": one.points, "reason": one.reason, "fate": one.fate}


def _questions(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    query = sa.select(SaleQuestion).filter_by(person_id=person_id)
    for one in session.scalars(query.order_by(SaleQuestion.asked_at, SaleQuestion.id)):
        goods = [{"name": line["name"], "quantity": line["quantity"]} for line in one.lines]
        yield {"at": one.asked_at, "points": one.cost, "answer": one.state, "goods": goods}


def _donations(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    query = sa.select(PointsDonation).filter_by(person_id=person_id).order_by(PointsDonation.at)
    for row in session.scalars(query):
        yield {"at": row.at, "points": row.points, "goal": row.goal}


def _waiting(session: Session, person_id: UUID, now: datetime) -> list[str]:
    """Goods that wait hold points of an account that would be nobody's."""
    del now
    if kept.count_open(session, person_id):
        return ["还有预约的商品没有取，请先取走或取消，再来办理。"]
    return []


def _shares(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    shares = session.scalars(
        sa.select(OfflineShare)
        .filter_by(person_id=person_id)
        .order_by(OfflineShare.day, OfflineShare.id)
    ).all()
    sales = offline_queries.sales_of(session, [share.id for share in shares])
    for share in shares:
        yield {
            "day": share.day,
            "points": share.points,
            "state": share.state,
            "sales": [
                {
                    "sold_at": sale.sold_at.isoformat(),
                    "brought_at": sale.brought_at.isoformat(),
                    "points": sale.total,
                    "state": sale.state,
                    "goods": [
                        {"name": line["name"], "quantity": line["quantity"]} for line in sale.lines
                    ],
                }
                for sale in sales[share.id]
            ],
        }


def _pending(session: Session, person_id: UUID, now: datetime) -> list[str]:
    """A code that still works may be on its way over the counter."""
    if queries.lock_live_codes(session, person_id=person_id, now=now):
        return ["您刚出示的兑换码还有效，请一分钟后再办理。"]
    if till_queries.waiting_of(session, person_id=person_id, now=now) is not None:
        return ["兑换台正等您确认一笔兑换，请先回答。"]
    return []


def _goods_given(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
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


def _vouchers(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    for one in voucher_queries.list_own(session, person_id, limit=ALL):
        yield {
            "at": one.issued_at,
            "service": one.name,
            "points": one.points,
            "good_until": one.expires_at,
            "state": one.state,
            "ended_at": one.ended_at,
        }


def _unused(session: Session, person_id: UUID, now: datetime) -> list[str]:
    """A voucher that still works would be nobody's."""
    if voucher_queries.count_live(session, person_id, now=now):
        return ["还有没用的服务券，请先用掉或退回，再来办理。"]
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
    Keeping(
        key="donations",
        title="捐赠物资的记录",
        why="开具捐赠收据，登记物品捐赠簿",
        until="与账目同期保存；注销后不再写明是谁",
        export=_goods_given,
        forget=_forget_donor,
    ),
    Keeping(
        key="reservations",
        title="预约商品的记录",
        why="为您留货、留积分，到期退回",
        until="与账目同期保存；注销后只剩编号，看不出是谁",
        export=_reservations,
        pending=_waiting,
    ),
    Keeping(
        key="offline_shares",
        title="断网备用的积分和兑换记录",
        why="兑换点没有网络时也能凭卡签字兑换，不会多扣",
        until="与账目同期保存；注销后只剩编号，看不出是谁",
        export=_shares,
    ),
    Keeping(
        key="sale_questions",
        title="大额兑换请您确认的记录",
        why="分清是不是您本人同意的",
        until="与账目同期保存；注销后只剩编号，看不出是谁",
        export=_questions,
    ),
    Keeping(
        key="returns",
        title="退回商品的记录",
        why="退回积分，核对库存",
        until="与账目同期保存；注销后只剩编号，看不出是谁",
        export=_returns,
    ),
    Keeping(
        key="service_vouchers",
        title="公益服务券的记录",
        why="凭券到商户享受服务，和商户对账",
        until="与账目同期保存；注销后只剩编号，看不出是谁",
        export=_vouchers,
        pending=_unused,
    ),
    Keeping(
        key="points_donations",
        title="捐赠积分的记录",
        why="核对爱心池的收支；公开的只有总数",
        until="与账目同期保存；注销后只剩编号，看不出是谁",
        export=_donations,
    ),
)
