"""Reading shops, shelves and codes. Nothing here writes."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import places
from app.core.db import get
from app.core.geodesy import Spot
from app.core.paging import Page
from app.supermarket.models import (
    Funding,
    Item,
    RedeemCode,
    Redemption,
    Shop,
    Stock,
)


def get_shop(session: Session, shop_id: UUID) -> Shop | None:
    return get(session, Shop, shop_id)


def list_shops(session: Session, wanted: dict[str, Any], *, near: Spot | None = None) -> Page[Shop]:
    """A page of shops: the nearest first, or by name."""
    return places.listed(session, sa.select(Shop), wanted, near=near)


def list_all_shops(session: Session) -> list[Shop]:
    return list(session.scalars(sa.select(Shop).order_by(Shop.name, Shop.id)))


def list_shops_of(session: Session, community_ids: Collection[UUID]) -> list[Shop]:
    query = sa.select(Shop).where(Shop.community_id.in_(community_ids))
    return list(session.scalars(query.order_by(Shop.name, Shop.id)))


def funded_fen(session: Session, community_ids: Collection[UUID]) -> dict[UUID, int]:
    """What was raised in each community, and not taken back."""
    rows = session.execute(
        sa.select(Funding.community_id, sa.func.sum(Funding.amount_fen))
        .where(Funding.community_id.in_(community_ids))
        .group_by(Funding.community_id)
    )
    return {row[0]: int(row[1]) for row in rows}


def list_items(session: Session, shop_id: UUID) -> list[tuple[Item, int]]:
    """The shop's goods by their number, with how many are left."""
    return _with_stock(session, _ON_SHELVES.where(Item.shop_id == shop_id))


def items_of(
    session: Session, *, shop_id: UUID, item_ids: Collection[UUID]
) -> list[tuple[Item, int]]:
    """These of the shop's goods, with how many are left."""
    return _with_stock(session, _ON_SHELVES.where(Item.shop_id == shop_id, Item.id.in_(item_ids)))


_ON_SHELVES = sa.select(Item, Stock.on_hand).join(Stock, Stock.id == Item.id)


def _with_stock(session: Session, query: sa.Select[Item, int]) -> list[tuple[Item, int]]:
    return [(row[0], row[1]) for row in session.execute(query.order_by(Item.sku, Item.id))]


def lock_stock(session: Session, item_ids: Collection[UUID]) -> dict[UUID, Stock]:
    """The stock rows of these items, held in id order until the transaction ends."""
    rows = session.scalars(
        sa.select(Stock)
        .where(Stock.id.in_(item_ids))
        .order_by(Stock.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {stock.id: stock for stock in rows}


def get_code(session: Session, *, code_hash: bytes) -> RedeemCode | None:
    return session.scalar(sa.select(RedeemCode).filter_by(code_hash=code_hash))


def get_own_code(session: Session, *, code_id: UUID, person_id: UUID) -> RedeemCode | None:
    return session.scalar(sa.select(RedeemCode).filter_by(id=code_id, person_id=person_id))


def get_redemption_of(session: Session, *, code_id: UUID) -> Redemption | None:
    return session.scalar(sa.select(Redemption).filter_by(code_id=code_id))


def points_by_mandate(session: Session, mandate_id: UUID, *, since: datetime) -> int:
    """The points spent by a delegate's mandate since an instant."""
    query = (
        sa.select(sa.func.coalesce(sa.func.sum(Redemption.cost), 0))
        .join(RedeemCode, RedeemCode.id == Redemption.code_id)
        .where(RedeemCode.delegation_id == mandate_id, Redemption.at >= since)
    )
    return int(session.scalar(query) or 0)


def pickups_by_delegate(session: Session, mandate_ids: Collection[UUID], *, since: datetime) -> int:
    """How often goods were fetched by these mandates since an instant."""
    query = (
        sa.select(sa.func.count())
        .select_from(Redemption)
        .join(RedeemCode, RedeemCode.id == Redemption.code_id)
        .where(
            RedeemCode.delegation_id.in_(mandate_ids),
            Redemption.at >= since,
            Redemption.state == "completed",
        )
    )
    return int(session.scalar(query) or 0)


def lock_code(session: Session, *, code_hash: bytes) -> RedeemCode | None:
    query = sa.select(RedeemCode).filter_by(code_hash=code_hash)
    return session.scalar(query.with_for_update().execution_options(populate_existing=True))


def lock_code_by_digits(session: Session, *, digits_hash: bytes) -> RedeemCode | None:
    """The newest code with these digits; an older one with the same digits is long dead."""
    query = (
        sa.select(RedeemCode)
        .filter_by(digits_hash=digits_hash)
        .order_by(RedeemCode.issued_at.desc())
        .limit(1)
    )
    return session.scalar(query.with_for_update().execution_options(populate_existing=True))


def lock_live_codes(session: Session, *, person_id: UUID, now: datetime) -> list[RedeemCode]:
    """The person's codes that still work, the oldest first."""
    query = (
        sa.select(RedeemCode)
        .where(
            RedeemCode.person_id == person_id,
            RedeemCode.expires_at > now,
            RedeemCode.burnt_at.is_(None),
        )
        .order_by(RedeemCode.issued_at, RedeemCode.id)
        .with_for_update()
    )
    return list(session.scalars(query))


def dead_codes(*, before: datetime, limit: int) -> sa.Select[UUID]:
    """Codes that lapsed before an instant and were never used, the oldest first."""
    return (
        sa.select(RedeemCode.id)
        .where(RedeemCode.expires_at < before, RedeemCode.burnt_at.is_(None))
        .order_by(RedeemCode.expires_at)
        .limit(limit)
    )
