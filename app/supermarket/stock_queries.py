"""Reading what stands on the shelves, what came, and what waits for a second person."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.checked_photos import RISKY
from app.core.db import get
from app.supermarket.kinds import PROPOSED, DeliveryKind, ProposalState
from app.supermarket.models import (
    Batch,
    Delivery,
    Item,
    ItemPhoto,
    ItemPrice,
    Stock,
    StockCount,
    StockCountLine,
    StockMove,
    StockProposal,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelved:
    """A batch of an item, and how much of it there is."""

    batch: Batch
    item: Item
    stock: Stock


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What came in a delivery of one kind of goods."""

    item: Item
    quantity: int
    best_before: date | None


_SHELVED = (
    sa.select(Batch, Item, Stock)
    .join(Stock, sa.and_(Stock.tenant_id == Batch.tenant_id, Stock.id == Batch.id))
    .join(Item, sa.and_(Item.tenant_id == Batch.tenant_id, Item.id == Batch.item_id))
)


def list_shelf(session: Session, shop_id: UUID) -> list[Shelved]:
    """The batches of a shop that are not used up, and of what is sold out the latest."""
    latest = sa.select(sa.func.max(Batch.last_day)).where(
        Batch.tenant_id == Item.tenant_id, Batch.item_id == Item.id
    )
    some = sa.or_(
        Stock.on_hand > 0,
        sa.and_(
            Item.closed_at.is_(None),
            Batch.last_day == latest.correlate(Item).scalar_subquery(),
        ),
    )
    query = _SHELVED.where(Item.shop_id == shop_id, some)
    return _shelved(session, query.order_by(Item.sku, Item.id, Batch.last_day, Batch.id))


def list_ending(session: Session, shop_ids: Collection[UUID], *, until: date) -> list[Shelved]:
    """What is on hand and not good beyond a day, what ends first first."""
    query = _SHELVED.where(Item.shop_id.in_(shop_ids), Stock.on_hand > 0, Batch.last_day <= until)
    return _shelved(session, query.order_by(Batch.last_day, Item.sku, Batch.id))


def _shelved(session: Session, query: sa.Select[Batch, Item, Stock]) -> list[Shelved]:
    return [Shelved(batch=row[0], item=row[1], stock=row[2]) for row in session.execute(query)]


def list_all_items(session: Session, shop_id: UUID) -> list[Item]:
    """Everything the shop has ever put up, what was closed last."""
    query = sa.select(Item).filter_by(shop_id=shop_id)
    return list(session.scalars(query.order_by(Item.closed_at.is_not(None), Item.sku, Item.id)))


def prices_of(session: Session, item_ids: Collection[UUID]) -> dict[UUID, list[ItemPrice]]:
    """The prices of some items, the latest day first."""
    query = sa.select(ItemPrice).where(ItemPrice.item_id.in_(item_ids))
    found: dict[UUID, list[ItemPrice]] = {}
    for price in session.scalars(query.order_by(ItemPrice.valid_from.desc())):
        found.setdefault(price.item_id, []).append(price)
    return found


def digests_of(session: Session, item_ids: Collection[UUID]) -> dict[UUID, str]:
    """Which of these items have a photo to show, and by what one knows it."""
    query = sa.select(ItemPhoto.item_id, ItemPhoto.digest).where(
        ItemPhoto.item_id.in_(item_ids), ItemPhoto.verdict.is_distinct_from(RISKY)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def photo_is_risky(session: Session, item_id: UUID) -> bool:
    """Whether there is a photo that is not shown, because of what is in it."""
    query = sa.select(ItemPhoto.id).filter_by(item_id=item_id, verdict=RISKY)
    return session.scalar(query) is not None


def get_photo(session: Session, item_id: UUID) -> ItemPhoto | None:
    return session.scalar(sa.select(ItemPhoto).filter_by(item_id=item_id))


def get_delivery(session: Session, delivery_id: UUID) -> Delivery | None:
    return get(session, Delivery, delivery_id)


def list_deliveries(session: Session, shop_id: UUID, *, limit: int) -> list[Delivery]:
    """What came to a shop, the latest first."""
    query = sa.select(Delivery).where(
        Delivery.shop_id == shop_id, Delivery.kind != DeliveryKind.OPENING.value
    )
    newest = query.order_by(Delivery.day.desc(), Delivery.entered_at.desc(), Delivery.id.desc())
    return list(session.scalars(newest.limit(limit)))


def list_donations(session: Session, shop_id: UUID, *, since: date, until: date) -> list[Delivery]:
    """What was given to a shop from a day up to another, in the order of their numbers."""
    query = sa.select(Delivery).where(
        Delivery.shop_id == shop_id,
        Delivery.kind == DeliveryKind.DONATION.value,
        Delivery.day >= since,
        Delivery.day < until,
    )
    return list(session.scalars(query.order_by(Delivery.day, Delivery.year, Delivery.number)))


def given_by(session: Session, person_id: UUID) -> list[Delivery]:
    """What a person of ours has given, the oldest first."""
    query = sa.select(Delivery).filter_by(donor_id=person_id)
    return list(session.scalars(query.order_by(Delivery.day, Delivery.id)))


def lines_of(session: Session, delivery_ids: Collection[UUID]) -> dict[UUID, list[Line]]:
    """What came in each of these deliveries."""
    query = (
        sa.select(Batch.delivery_id, Batch.best_before, Item, StockMove.delta)
        .join(Item, sa.and_(Item.tenant_id == Batch.tenant_id, Item.id == Batch.item_id))
        .join(
            StockMove,
            sa.and_(StockMove.tenant_id == Batch.tenant_id, StockMove.batch_id == Batch.id),
        )
        .where(
            Batch.delivery_id.in_(delivery_ids),
            StockMove.kind.in_([kind.value for kind in DeliveryKind]),
        )
        .order_by(Item.sku, Batch.id)
    )
    found: dict[UUID, list[Line]] = {}
    for delivery_id, best_before, item, quantity in session.execute(query):
        assert delivery_id is not None  # only these are asked for
        line = Line(item=item, quantity=quantity, best_before=best_before)
        found.setdefault(delivery_id, []).append(line)
    return found


def alone_since(session: Session, item_id: UUID, *, since: date) -> int:
    """How many of an item were written off or corrected by one person alone since a day."""
    query = sa.select(sa.func.coalesce(sa.func.sum(sa.func.abs(StockMove.delta)), 0)).where(
        StockMove.item_id == item_id,
        StockMove.kind.in_([kind.value for kind in PROPOSED]),
        StockMove.approved_by.is_(None),
        StockMove.day >= since,
    )
    return int(session.scalar(query) or 0)


def get_proposal(
    session: Session, proposal_id: UUID, *, lock: bool = False
) -> StockProposal | None:
    return get(session, StockProposal, proposal_id, lock=lock)


def list_pending(
    session: Session, shop_ids: Collection[UUID]
) -> list[tuple[StockProposal, Batch, Item]]:
    """What waits for a second person in some shops, the oldest first."""
    query = (
        sa.select(StockProposal, Batch, Item)
        .join(
            Batch,
            sa.and_(Batch.tenant_id == StockProposal.tenant_id, Batch.id == StockProposal.batch_id),
        )
        .join(Item, sa.and_(Item.tenant_id == Batch.tenant_id, Item.id == Batch.item_id))
        .where(Item.shop_id.in_(shop_ids), StockProposal.state == ProposalState.PENDING.value)
        .order_by(StockProposal.entered_at, StockProposal.id)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def list_refused(
    session: Session, person_id: UUID, *, limit: int
) -> list[tuple[StockProposal, Item]]:
    """What somebody proposed and was refused, the latest first."""
    query = (
        sa.select(StockProposal, Item)
        .join(
            Batch,
            sa.and_(Batch.tenant_id == StockProposal.tenant_id, Batch.id == StockProposal.batch_id),
        )
        .join(Item, sa.and_(Item.tenant_id == Batch.tenant_id, Item.id == Batch.item_id))
        .where(
            StockProposal.entered_by == person_id,
            StockProposal.state == ProposalState.REFUSED.value,
        )
        .order_by(StockProposal.decided_at.desc(), StockProposal.id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def waiting_among(session: Session, batch_ids: Iterable[UUID]) -> set[UUID]:
    """Those of these batches about which something waits for a second person."""
    query = sa.select(StockProposal.batch_id).where(
        StockProposal.batch_id.in_(list(batch_ids)),
        StockProposal.state == ProposalState.PENDING.value,
    )
    return set(session.scalars(query))


def get_count_of(session: Session, shop_id: UUID, *, reference: str) -> StockCount | None:
    return session.scalar(sa.select(StockCount).filter_by(shop_id=shop_id, reference=reference))


def get_count(session: Session, count_id: UUID) -> StockCount | None:
    return get(session, StockCount, count_id)


def list_counts(session: Session, shop_id: UUID, *, limit: int) -> list[StockCount]:
    """The counts of a shop, the latest first."""
    query = sa.select(StockCount).filter_by(shop_id=shop_id)
    return list(session.scalars(query.order_by(StockCount.entered_at.desc()).limit(limit)))


def counted_in(session: Session, count_id: UUID) -> list[tuple[StockCountLine, Batch, Item]]:
    """The lines of a count, by the number of the goods."""
    query = (
        sa.select(StockCountLine, Batch, Item)
        .join(
            Batch,
            sa.and_(
                Batch.tenant_id == StockCountLine.tenant_id, Batch.id == StockCountLine.batch_id
            ),
        )
        .join(Item, sa.and_(Item.tenant_id == Batch.tenant_id, Item.id == Batch.item_id))
        .where(StockCountLine.count_id == count_id)
        .order_by(Item.sku, Batch.last_day, Batch.id)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def items_by_batch(
    session: Session, shop_id: UUID, batch_ids: Collection[UUID]
) -> dict[UUID, Item]:
    """The items of those of these batches that are the shop's."""
    query = (
        sa.select(Batch.id, Item)
        .join(Item, sa.and_(Item.tenant_id == Batch.tenant_id, Item.id == Batch.item_id))
        .where(Batch.id.in_(batch_ids), Item.shop_id == shop_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}
