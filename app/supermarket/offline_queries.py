"""Reading what terminals hold and what they have brought. Nothing here writes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.db import get
from app.supermarket.kinds import OfflineState, ShareState, Way
from app.supermarket.models import (
    OfflineSale,
    OfflineShare,
    OfflineSlice,
    OfflineStray,
    Redemption,
    Shop,
)

BY_CARD = (Way.CARD_PIN.value, Way.PAPER.value, Way.ERRAND.value, Way.OFFLINE.value)
_OF_SHOP = OfflineSlice.shop_id == Shop.id
_OF_SLICE = OfflineShare.slice_id == OfflineSlice.id
_SLICE_OF_SHARE = sa.and_(OfflineSlice.tenant_id == OfflineShare.tenant_id, _OF_SLICE)
WAITING = OfflineSale.state == OfflineState.WAITING.value
OPEN = OfflineShare.state == ShareState.OPEN.value


MOST_SLICES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a sale that a terminal brought: whose it was, and its redemption if any."""

    sale: OfflineSale
    person_id: UUID
    sold_by: UUID
    redemption: Redemption | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """Points of somebody that are held for a shop's terminal: of which day, and until when."""

    place: str
    points: int
    day: date
    until: datetime


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


def id_in(text: str | None) -> UUID | None:
    """The id that a terminal wrote, if it is one."""
    try:
        return UUID(str(text or ""))
    except ValueError:
        return None


def share_named(session: Session, name: str | None, *, shop_id: UUID) -> OfflineShare | None:
    """The share of this shop that a terminal tells of, whatever it wrote there."""
    share_id = id_in(name)
    share = get(session, OfflineShare, share_id) if share_id else None
    ours = share is not None and slice_of(session, share.slice_id, shop_id=shop_id) is not None
    return share if ours else None


def lock_share(session: Session, share_id: UUID) -> OfflineShare | None:
    return get(session, OfflineShare, share_id, lock=True)


def is_used(session: Session, share_id: UUID) -> bool:
    """Whether a sale was booked on it."""
    booked = OfflineSale.state == OfflineState.BOOKED.value
    query = sa.select(OfflineSale.id).where(booked, OfflineSale.share_id == share_id)
    return session.scalar(query) is not None


def list_over(session: Session, *, now: datetime, limit: int) -> list[UUID]:
    """Shares nobody will use: their slice was given back, or waited for long enough.

    Until then one is kept for a sale that waits for a person.
    """
    query = sa.select(OfflineShare.id).join(OfflineSlice, _SLICE_OF_SHARE).where(_is_over(now))
    return list(session.scalars(query.order_by(OfflineShare.id).limit(limit)))


def lock_over(session: Session, share_id: UUID, *, now: datetime) -> OfflineShare | None:
    """One of these, if it still is; one that somebody is at is stepped round."""
    query = sa.select(OfflineShare).join(OfflineSlice, _SLICE_OF_SHARE)
    query = query.where(OfflineShare.id == share_id, _is_over(now))
    return session.scalar(query.with_for_update(of=OfflineShare, skip_locked=True))


def slice_of_sale(session: Session, sale_id: UUID, *, shop_id: UUID) -> OfflineSlice | None:
    """Of what a sale of this shop was sold."""
    query = (
        sa.select(OfflineSlice)
        .join(OfflineSale, _same(OfflineSlice, OfflineSlice.id == OfflineSale.slice_id))
        .where(OfflineSale.id == sale_id, OfflineSlice.shop_id == shop_id)
    )
    return session.scalar(query)


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
) -> list[Outcome]:
    """What one terminal has brought to a shop, the last ones."""
    of_terminal = (OfflineSlice.shop_id == shop_id, OfflineSlice.terminal == terminal)
    found = _OUTCOME.where(*of_terminal).order_by(OfflineSale.brought_at.desc(), OfflineSale.id)
    return [_as_outcome(row) for row in session.execute(found.limit(limit))]


def list_waiting(session: Session, shop_id: UUID, *, limit: int) -> list[Outcome]:
    """What waits for a person in a shop, as it was sold."""
    found = _OUTCOME.where(WAITING, OfflineSlice.shop_id == shop_id)
    in_order = found.order_by(OfflineSale.sold_at, OfflineSale.id)
    return [_as_outcome(row) for row in session.execute(in_order.limit(limit))]


def outcome_of(session: Session, sale_id: UUID) -> Outcome:
    """One sale with what became of it."""
    return _as_outcome(session.execute(_OUTCOME.where(OfflineSale.id == sale_id)).one())


def list_open_slices(session: Session, shop_id: UUID) -> list[OfflineSlice]:
    """The slices of a shop that nobody has given back, the newest first."""
    query = sa.select(OfflineSlice).filter_by(shop_id=shop_id, ended_at=None)
    return list(session.scalars(query.order_by(OfflineSlice.granted_at.desc()).limit(MOST_SLICES)))


def count_waiting(session: Session, shop_id: UUID) -> int:
    """How many sales of a shop wait for a person to see to them, strays among them."""
    query = (
        sa.select(sa.func.count())
        .select_from(OfflineSale)
        .join(OfflineSlice, _same(OfflineSlice, OfflineSlice.id == OfflineSale.slice_id))
        .where(WAITING, OfflineSlice.shop_id == shop_id)
    )
    return (session.scalar(query) or 0) + count_strays(session, shop_id)


def list_strays(session: Session, shop_id: UUID, *, limit: int) -> list[OfflineStray]:
    """What was put aside in a shop and nobody has ended yet."""
    query = sa.select(OfflineStray).where(_open_strays(shop_id))
    return list(session.scalars(query.order_by(OfflineStray.id).limit(limit)))


def stray_by_nonce(session: Session, shop_id: UUID, nonce: UUID) -> OfflineStray | None:
    return session.scalar(sa.select(OfflineStray).filter_by(shop_id=shop_id, nonce=nonce))


def owners_of(session: Session, strays: Collection[OfflineStray]) -> dict[UUID, UUID]:
    """Whose card each of a shop's strays was told to be, where that shop knows it."""
    told = {stray.id: named for stray in strays if (named := id_in(stray.told.get("share")))}
    query = (
        sa.select(OfflineShare.id, OfflineShare.person_id)
        .join(OfflineSlice, _SLICE_OF_SHARE)
        .where(OfflineShare.id.in_(told.values()))
        .where(OfflineSlice.shop_id.in_({stray.shop_id for stray in strays}))
    )
    owners = {row[0]: row[1] for row in session.execute(query)}
    return {stray_id: owners[share] for stray_id, share in told.items() if share in owners}


def count_strays(session: Session, shop_id: UUID) -> int:
    """How many were put aside in a shop and wait for somebody to end them."""
    query = sa.select(sa.func.count()).select_from(OfflineStray).where(_open_strays(shop_id))
    return session.scalar(query) or 0


def lock_stray(session: Session, stray_id: UUID) -> OfflineStray | None:
    return get(session, OfflineStray, stray_id, lock=True)


def drop_strays(session: Session, *, before: datetime, limit: int) -> int:
    """Delete some that were closed before then; how many."""
    old = sa.select(OfflineStray.id).where(OfflineStray.closed_at < before)
    some = old.order_by(OfflineStray.closed_at).limit(limit)
    gone = sa.delete(OfflineStray).where(OfflineStray.id.in_(some)).returning(OfflineStray.id)
    return len(session.scalars(gone).all())


def held_for(session: Session, person_id: UUID) -> list[Aside]:
    """What of somebody's points is held right now."""
    columns = (Shop.name, OfflineShare.points, OfflineShare.day, OfflineSlice.kept_until)
    query = (
        sa.select(*columns)
        .join(OfflineSlice, sa.and_(OfflineSlice.tenant_id == Shop.tenant_id, _OF_SHOP))
        .join(OfflineShare, sa.and_(OfflineShare.tenant_id == Shop.tenant_id, _OF_SLICE))
        .where(OPEN, OfflineShare.person_id == person_id)
    )
    rows = session.execute(query.order_by(OfflineShare.id))
    return [Aside(place=row[0], points=row[1], day=row[2], until=row[3]) for row in rows]


def _open_strays(shop_id: UUID) -> sa.ColumnElement[bool]:
    return sa.and_(OfflineStray.shop_id == shop_id, OfflineStray.closed_at.is_(None))


def _is_over(now: datetime) -> sa.ColumnElement[bool]:
    waits = sa.exists().where(
        OfflineSale.tenant_id == OfflineShare.tenant_id,
        OfflineSale.share_id == OfflineShare.id,
        WAITING,
    )
    given_back = sa.and_(OfflineSlice.ended_at.is_not(None), ~waits)
    return sa.and_(OPEN, sa.or_(OfflineSlice.kept_until <= now, given_back))


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
_OUTCOME = (
    sa.select(OfflineSale, OfflineShare.person_id, OfflineSlice.granted_to, Redemption)
    .join(OfflineShare, _same(OfflineShare, OfflineShare.id == OfflineSale.share_id))
    .join(OfflineSlice, _same(OfflineSlice, OfflineSlice.id == OfflineSale.slice_id))
    .outerjoin(Redemption, _OF_SALE)
)


def _as_outcome(row: sa.Row[OfflineSale, UUID, UUID, Redemption]) -> Outcome:
    return Outcome(sale=row[0], person_id=row[1], sold_by=row[2], redemption=row[3])
