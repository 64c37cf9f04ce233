"""Reading what terminals hold and what they have brought. Nothing here writes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.db import get
from app.supermarket.kinds import OfflineState, ShareState, Way
from app.supermarket.models import OfflineSale, OfflineShare, OfflineSlice, Redemption, Shop

BY_CARD = (Way.CARD_PIN.value, Way.PAPER.value, Way.ERRAND.value, Way.OFFLINE.value)
_OF_SHOP = OfflineSlice.shop_id == Shop.id
_OF_SLICE = OfflineShare.slice_id == OfflineSlice.id
WAITING = OfflineSale.state == OfflineState.WAITING.value
OPEN = OfflineShare.state == ShareState.OPEN.value


MOST_SLICES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A sale that a terminal brought, whose it was, and the redemption it became if it did."""

    sale: OfflineSale
    person_id: UUID
    sold_by: UUID
    redemption: Redemption | None


def slice_of(
    session: Session, slice_id: UUID, *, shop_id: UUID, lock: bool = False
) -> OfflineSlice | None:
    """A slice of this very shop."""
    found = get(session, OfflineSlice, slice_id, lock=lock)
    return found if found is not None and found.shop_id == shop_id else None


def open_slice(session: Session, shop_id: UUID, *, day: date) -> OfflineSlice | None:
    query = sa.select(OfflineSlice).filter_by(shop_id=shop_id, day=day, ended_at=None)
    return session.scalar(query)


def served_by_card(session: Session, shop_id: UUID, *, since: datetime, limit: int) -> list[UUID]:
    """Who used a card at a shop's counter since then, the last one first."""
    r = Redemption
    query = (
        sa.select(r.person_id)
        .where(r.shop_id == shop_id, r.at >= since, r.state == "completed", r.way.in_(BY_CARD))
        .group_by(r.person_id)
        .order_by(sa.func.max(r.at).desc(), r.person_id)
    )
    return list(session.scalars(query.limit(limit)))


def with_share(session: Session, day: date, person_ids: Collection[UUID]) -> set[UUID]:
    """For whom points are or were held on that day, and not given back unused."""
    query = sa.select(OfflineShare.person_id).where(
        OfflineShare.day == day,
        OfflineShare.person_id.in_(person_ids),
        OfflineShare.state != ShareState.RELEASED.value,
    )
    return set(session.scalars(query))


def shares_of(session: Session, slice_id: UUID) -> list[OfflineShare]:
    query = sa.select(OfflineShare).filter_by(slice_id=slice_id)
    return list(session.scalars(query.order_by(OfflineShare.id)))


def has_share(session: Session, slice_id: UUID, share_id: UUID) -> bool:
    """Whether a share is of that slice."""
    query = sa.select(OfflineShare.id).filter_by(id=share_id, slice_id=slice_id)
    return session.scalar(query) is not None


def lock_share(session: Session, share_id: UUID) -> OfflineShare | None:
    return get(session, OfflineShare, share_id, lock=True)


def is_used(session: Session, share_id: UUID) -> bool:
    """Whether a sale was booked on it."""
    booked = OfflineSale.state == OfflineState.BOOKED.value
    query = sa.select(OfflineSale.id).where(booked, OfflineSale.share_id == share_id)
    return session.scalar(query) is not None


def lock_one_over(session: Session, *, now: datetime) -> OfflineShare | None:
    """A share nobody will use: its slice was given back, or waited for long enough.

    Until then it is kept for a sale that waits for a person. Those that somebody is at are
    stepped round.
    """
    waits = sa.exists().where(
        OfflineSale.tenant_id == OfflineShare.tenant_id,
        OfflineSale.share_id == OfflineShare.id,
        WAITING,
    )
    over = OfflineSlice.kept_until <= now
    query = (
        sa.select(OfflineShare)
        .join(
            OfflineSlice,
            sa.and_(
                OfflineSlice.tenant_id == OfflineShare.tenant_id,
                OfflineSlice.id == OfflineShare.slice_id,
            ),
        )
        .where(OPEN, sa.or_(over, sa.and_(OfflineSlice.ended_at.is_not(None), ~waits)))
        .order_by(OfflineShare.id)
        .limit(1)
    )
    return session.scalar(query.with_for_update(of=OfflineShare, skip_locked=True))


def sale_by_nonce(session: Session, nonce: UUID) -> OfflineSale | None:
    return session.scalar(sa.select(OfflineSale).filter_by(nonce=nonce))


def lock_sale(session: Session, sale_id: UUID) -> OfflineSale | None:
    return get(session, OfflineSale, sale_id, lock=True)


def sales_of(session: Session, share_ids: Collection[UUID]) -> dict[UUID, list[OfflineSale]]:
    """What was brought of some shares."""
    found: dict[UUID, list[OfflineSale]] = {each: [] for each in share_ids}
    query = sa.select(OfflineSale).where(OfflineSale.share_id.in_(share_ids))
    for sale in session.scalars(query.order_by(OfflineSale.sold_at, OfflineSale.id)):
        found[sale.share_id].append(sale)
    return found


def brought_by(
    session: Session, shop_id: UUID, *, terminal: UUID | None, limit: int
) -> list[Brought]:
    """What one terminal has brought to a shop, the last ones."""
    of_terminal = (OfflineSlice.shop_id == shop_id, OfflineSlice.terminal == terminal)
    found = _BROUGHT.where(*of_terminal).order_by(OfflineSale.brought_at.desc(), OfflineSale.id)
    return [_as_brought(row) for row in session.execute(found.limit(limit))]


def list_waiting(session: Session, shop_id: UUID, *, limit: int) -> list[Brought]:
    """What waits for a person in a shop, as it was sold."""
    found = _BROUGHT.where(WAITING, OfflineSlice.shop_id == shop_id)
    in_order = found.order_by(OfflineSale.sold_at, OfflineSale.id)
    return [_as_brought(row) for row in session.execute(in_order.limit(limit))]


def as_brought(session: Session, sale_id: UUID) -> Brought:
    """One sale with what became of it."""
    return _as_brought(session.execute(_BROUGHT.where(OfflineSale.id == sale_id)).one())


def list_open_slices(session: Session, shop_id: UUID) -> list[OfflineSlice]:
    """The slices of a shop that nobody has given back, the newest first."""
    query = sa.select(OfflineSlice).filter_by(shop_id=shop_id, ended_at=None)
    return list(session.scalars(query.order_by(OfflineSlice.granted_at.desc()).limit(MOST_SLICES)))


def count_waiting(session: Session, shop_id: UUID) -> int:
    """How many sales of a shop wait for a person to see to them."""
    query = (
        sa.select(sa.func.count())
        .select_from(OfflineSale)
        .join(OfflineSlice, _same(OfflineSlice, OfflineSlice.id == OfflineSale.slice_id))
        .where(WAITING, OfflineSlice.shop_id == shop_id)
    )
    return session.scalar(query) or 0


def held_for(session: Session, person_id: UUID) -> list[tuple[str, int]]:
    """Where points of somebody are held right now, and how many."""
    query = (
        sa.select(Shop.name, OfflineShare.points)
        .join(OfflineSlice, sa.and_(OfflineSlice.tenant_id == Shop.tenant_id, _OF_SHOP))
        .join(OfflineShare, sa.and_(OfflineShare.tenant_id == Shop.tenant_id, _OF_SLICE))
        .where(OPEN, OfflineShare.person_id == person_id)
    )
    return [(name, points) for name, points in session.execute(query.order_by(OfflineShare.id))]


def _same(
    right: type[OfflineShare | OfflineSlice], condition: sa.ColumnElement[bool]
) -> sa.ColumnElement[bool]:
    """Joined within the tenant."""
    return sa.and_(right.tenant_id == OfflineSale.tenant_id, condition)


_OF_SALE = sa.and_(
    Redemption.tenant_id == OfflineSale.tenant_id,
    Redemption.offline_sale_id == OfflineSale.id,
    Redemption.state == "completed",
)
_BROUGHT = (
    sa.select(OfflineSale, OfflineShare.person_id, OfflineSlice.granted_to, Redemption)
    .join(OfflineShare, _same(OfflineShare, OfflineShare.id == OfflineSale.share_id))
    .join(OfflineSlice, _same(OfflineSlice, OfflineSlice.id == OfflineSale.slice_id))
    .outerjoin(Redemption, _OF_SALE)
)


def _as_brought(row: sa.Row[OfflineSale, UUID, UUID, Redemption]) -> Brought:
    return Brought(sale=row[0], person_id=row[1], sold_by=row[2], redemption=row[3])
