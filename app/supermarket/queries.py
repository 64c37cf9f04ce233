"""Reading shops, shelves and codes. Nothing here writes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import places
from app.core.db import get
from app.core.geodesy import Spot
from app.core.paging import Page
from app.supermarket.models import (
    Batch,
    Delivery,
    Funding,
    Item,
    ItemPrice,
    RedeemCode,
    Redemption,
    Shop,
    Stock,
    StockMove,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """An item as it is to be had on a day: what one costs, and how many there are for everybody."""

    item: Item
    points: int
    available: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A batch on the shelf, as it is held."""

    stock: Stock
    item_id: UUID
    last_day: date

    @property
    def free(self) -> int:
        """What is nobody's yet."""
        return self.stock.on_hand - self.stock.held


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


def list_items(session: Session, shop_id: UUID, *, on: date) -> list[Goods]:
    """What the shop gives on a day, by its number; without a price yet, nothing is given."""
    return _goods(session, _ON_SHELVES.where(Item.shop_id == shop_id), on)


def items_of(
    session: Session, *, shop_id: UUID, item_ids: Collection[UUID], on: date
) -> list[Goods]:
    """These of the shop's goods, as they are to be had on a day."""
    return _goods(session, _ON_SHELVES.where(Item.shop_id == shop_id, Item.id.in_(item_ids)), on)


def _on_shelves() -> sa.Select[Item, int, int]:
    day = sa.bindparam("day", type_=sa.Date)
    price = (
        sa.select(ItemPrice.points)
        .where(
            ItemPrice.tenant_id == Item.tenant_id,
            ItemPrice.item_id == Item.id,
            ItemPrice.valid_from <= day,
        )
        .order_by(ItemPrice.valid_from.desc())
        .limit(1)
        .lateral("price")
    )
    left = (
        sa.select(sa.func.coalesce(sa.func.sum(Stock.on_hand - Stock.held), 0))
        .join(Batch, sa.and_(Batch.tenant_id == Stock.tenant_id, Batch.id == Stock.id))
        .where(Batch.tenant_id == Item.tenant_id, Batch.item_id == Item.id, Batch.last_day >= day)
        .scalar_subquery()
    )
    shown = sa.select(Item, price.c.points, left).join(price, sa.true())
    return shown.where(Item.closed_at.is_(None)).order_by(Item.sku, Item.id)


_ON_SHELVES = _on_shelves()


def _goods(session: Session, query: sa.Select[Item, int, int], on: date) -> list[Goods]:
    rows = session.execute(query, {"day": on})
    return [Goods(item=row[0], points=row[1], available=int(row[2])) for row in rows]


def lock_shelf(
    session: Session, item_ids: Collection[UUID], *, empty: bool = False
) -> dict[UUID, Row]:
    """The batches of these items that are not used up, held in id order until the end."""
    some = _ROWS.where(Batch.item_id.in_(item_ids))
    return _lock_rows(session, some if empty else some.where(Stock.on_hand > 0))


def lock_batches(session: Session, batch_ids: Collection[UUID]) -> dict[UUID, Row]:
    """These batches, held in id order until the end of the transaction."""
    return _lock_rows(session, _ROWS.where(Stock.id.in_(batch_ids)))


_ROWS = sa.select(Stock, Batch.item_id, Batch.last_day).join(
    Batch, sa.and_(Batch.tenant_id == Stock.tenant_id, Batch.id == Stock.id)
)


def _lock_rows(session: Session, query: sa.Select[Stock, UUID, date]) -> dict[UUID, Row]:
    found = session.execute(
        query.order_by(Stock.id).with_for_update(of=Stock).execution_options(populate_existing=True)
    )
    return {row[0].id: Row(stock=row[0], item_id=row[1], last_day=row[2]) for row in found}


def taken_for(session: Session, redemption_id: UUID) -> dict[UUID, int]:
    """How much of each batch a redemption took and has not brought back."""
    query = (
        sa.select(StockMove.batch_id, -sa.func.sum(StockMove.delta))
        .where(StockMove.redemption_id == redemption_id)
        .group_by(StockMove.batch_id)
    )
    return {row[0]: int(row[1]) for row in session.execute(query)}


def open_items(session: Session, shop_id: UUID, item_ids: Collection[UUID]) -> dict[UUID, Item]:
    """Those of these items that are the shop's and have not been closed."""
    query = sa.select(Item).where(
        Item.shop_id == shop_id, Item.id.in_(item_ids), Item.closed_at.is_(None)
    )
    return {item.id: item for item in session.scalars(query)}


def has_item(session: Session, shop_id: UUID, *, but: UUID | None, **said: str) -> bool:
    """Whether another item of the shop has this number."""
    query = sa.select(Item.id).filter_by(shop_id=shop_id, **said)
    return session.scalar(query.where(Item.id != but) if but else query) is not None


def has_price(session: Session, item_id: UUID, *, valid_from: date) -> bool:
    query = sa.select(ItemPrice.id).filter_by(item_id=item_id, valid_from=valid_from)
    return session.scalar(query) is not None


def has_delivery(session: Session, shop_id: UUID, *, reference: str) -> bool:
    query = sa.select(Delivery.id).filter_by(shop_id=shop_id, reference=reference)
    return session.scalar(query) is not None


def get_delivery_of(session: Session, shop_id: UUID, *, reference: str) -> Delivery:
    """The delivery of that reference, which there is."""
    query = sa.select(Delivery).filter_by(shop_id=shop_id, reference=reference)
    return session.scalars(query).one()


def last_number(session: Session, shop_id: UUID, *, kind: str, year: int) -> int:
    """The highest number of the shop's deliveries of a kind in a year; 0 before the first."""
    query = sa.select(sa.func.max(Delivery.number)).filter_by(shop_id=shop_id, kind=kind, year=year)
    return session.scalar(query) or 0


def get_code(session: Session, *, code_hash: bytes) -> RedeemCode | None:
    return session.scalar(sa.select(RedeemCode).filter_by(code_hash=code_hash))


def get_own_code(session: Session, *, code_id: UUID, person_id: UUID) -> RedeemCode | None:
    return session.scalar(sa.select(RedeemCode).filter_by(id=code_id, person_id=person_id))


def get_redemption_of(session: Session, *, code_id: UUID) -> Redemption | None:
    return session.scalar(sa.select(Redemption).filter_by(code_id=code_id))


def points_by_mandate(session: Session, mandate_id: UUID, *, since: datetime) -> int:
    """The points spent by a delegate's mandate since an instant."""
    query = sa.select(sa.func.coalesce(sa.func.sum(Redemption.cost), 0)).where(
        Redemption.delegation_id == mandate_id, Redemption.at >= since
    )
    return int(session.scalar(query) or 0)


def pickups_by_delegate(session: Session, mandate_ids: Collection[UUID], *, since: datetime) -> int:
    """How often goods were fetched by these mandates since an instant."""
    query = (
        sa.select(sa.func.count())
        .select_from(Redemption)
        .where(
            Redemption.delegation_id.in_(mandate_ids),
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
