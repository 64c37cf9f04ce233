"""The lines of a shop's books, and what its stock says of the same time by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.db import TenantRow
from app.supermarket.kinds import DeliveryKind, MoveKind
from app.supermarket.models import (
    Batch,
    Delivery,
    Item,
    OfflineSale,
    OfflineSlice,
    Redemption,
    RedemptionLine,
    Reservation,
    StockMove,
)

OUT = (MoveKind.REDEMPTION, MoveKind.RETURN)
GIVEN = (MoveKind.DONATION,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whose book, from a day up to another, and how many lines at most."""

    shop_id: UUID
    since: date
    until: date
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gift:
    """A kind of goods that somebody gave, as one batch of it came."""

    delivery: Delivery
    item: Item
    batch: Batch
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """Goods of a batch that went out for points, or came back: then the move is above zero."""

    move: StockMove
    item: Item
    batch: Batch
    redemption: Redemption
    line: RedemptionLine
    fetched: bool  # by somebody else, in their stead
    offline: date | None  # of which day's slice, where there was no network


def list_gifts(session: Session, asked: Asked) -> list[Gift]:
    """What was given, in the order of the receipts."""
    query = (
        sa.select(Delivery, Item, Batch, StockMove.delta)
        .join(Batch, _same(Batch, Delivery, Batch.delivery_id == Delivery.id))
        .join(Item, _same(Item, Batch, Item.id == Batch.item_id))
        .join(StockMove, _same(StockMove, Batch, StockMove.batch_id == Batch.id))
        .where(
            Delivery.shop_id == asked.shop_id,
            Delivery.kind == DeliveryKind.DONATION.value,
            Delivery.day >= asked.since,
            Delivery.day < asked.until,
            StockMove.kind == MoveKind.DONATION.value,
        )
        .order_by(Delivery.day, Delivery.year, Delivery.number, Item.sku, Batch.id)
        .limit(asked.most)
    )
    return [
        Gift(delivery=row[0], item=row[1], batch=row[2], quantity=row[3])
        for row in session.execute(query)
    ]


def list_issues(session: Session, asked: Asked) -> list[Issue]:
    """What went out for points and what of it came back, in the order of time."""
    of_line = sa.and_(
        RedemptionLine.redemption_id == StockMove.redemption_id,
        RedemptionLine.item_id == StockMove.item_id,
    )
    of_sale = OfflineSale.id == Redemption.offline_sale_id
    of_reservation = Reservation.id == Redemption.reservation_id
    of_slice = OfflineSlice.id == OfflineSale.slice_id
    query = (
        sa.select(
            StockMove,
            Item,
            Batch,
            Redemption,
            RedemptionLine,
            sa.or_(Redemption.delegation_id.is_not(None), Reservation.delegation_id.is_not(None)),
            OfflineSlice.day,
        )
        .join(Redemption, _same(Redemption, StockMove, Redemption.id == StockMove.redemption_id))
        .join(RedemptionLine, _same(RedemptionLine, StockMove, of_line))
        .join(Item, _same(Item, StockMove, Item.id == StockMove.item_id))
        .join(Batch, _same(Batch, StockMove, Batch.id == StockMove.batch_id))
        .outerjoin(Reservation, _same(Reservation, Redemption, of_reservation))
        .outerjoin(OfflineSale, _same(OfflineSale, Redemption, of_sale))
        .outerjoin(OfflineSlice, _same(OfflineSlice, OfflineSale, of_slice))
        .where(
            Redemption.shop_id == asked.shop_id,
            StockMove.kind.in_(OUT),
            StockMove.day >= asked.since,
            StockMove.day < asked.until,
        )
        .order_by(StockMove.day, StockMove.at, Redemption.id, StockMove.id)
        .limit(asked.most)
    )
    return [_issue(tuple(row)) for row in session.execute(query)]


def _issue(row: tuple[Any, ...]) -> Issue:
    names = ("move", "item", "batch", "redemption", "line", "fetched", "offline")
    return Issue(**dict(zip(names, row, strict=True)))


def moved(session: Session, asked: Asked, kinds: tuple[MoveKind, ...]) -> Mapping[UUID, int]:
    """By item, how many came in or went out so: asked of the stock alone."""
    query = (
        sa.select(StockMove.item_id, sa.func.sum(StockMove.delta))
        .join(Item, _same(Item, StockMove, Item.id == StockMove.item_id))
        .where(
            Item.shop_id == asked.shop_id,
            StockMove.kind.in_(kinds),
            StockMove.day >= asked.since,
            StockMove.day < asked.until,
        )
        .group_by(StockMove.item_id)
    )
    return {row[0]: int(row[1]) for row in session.execute(query) if row[1]}


def _same(
    left: type[TenantRow],
    right: type[TenantRow],
    condition: sa.ColumnElement[bool],
) -> sa.ColumnElement[bool]:
    """Joined within the tenant."""
    return sa.and_(left.tenant_id == right.tenant_id, condition)
