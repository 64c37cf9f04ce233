"""Reading vouchers and the merchants that redeem them. Nothing here writes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.core.db import get
from app.supermarket.kinds import VoucherState
from app.supermarket.models import Item, Merchant, ServiceVoucher

LIVE = ServiceVoucher.state == VoucherState.LIVE.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What a merchant redeemed of one service in a month."""

    merchant: str
    category: str
    name: str
    number: int
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What ends before `by` and was not over, of who was told nothing since `today` began."""

    now: datetime
    today: datetime
    by: datetime


def get_merchant(session: Session, merchant_id: UUID) -> Merchant | None:
    return get(session, Merchant, merchant_id)


def list_merchants(session: Session, community_ids: Collection[UUID]) -> list[Merchant]:
    """Those of some communities, what was closed last."""
    query = sa.select(Merchant).where(Merchant.community_id.in_(community_ids))
    closed = Merchant.closed_at.is_not(None)
    return list(session.scalars(query.order_by(closed, Merchant.name, Merchant.id)))


def list_run_by(session: Session, person_id: UUID) -> list[Merchant]:
    query = sa.select(Merchant).where(Merchant.clerk_id == person_id, Merchant.closed_at.is_(None))
    return list(session.scalars(query.order_by(Merchant.name, Merchant.id)))


def lock_by_code(
    session: Session, *, code_hash: bytes, merchant: Merchant
) -> ServiceVoucher | None:
    """What a code stands for at a merchant of its kind, held until the end."""
    query = sa.select(ServiceVoucher).filter_by(
        code_hash=code_hash, category=merchant.category, community_id=merchant.community_id
    )
    return session.scalar(query.with_for_update().execution_options(populate_existing=True))


def lock_of_redemption(session: Session, redemption_id: UUID) -> list[ServiceVoucher]:
    """All vouchers of a redemption, held in id order until the end."""
    query = sa.select(ServiceVoucher).filter_by(redemption_id=redemption_id)
    held = query.order_by(ServiceVoucher.id).with_for_update()
    return list(session.scalars(held.execution_options(populate_existing=True)))


def lock_over(session: Session, *, before: datetime, limit: int) -> list[ServiceVoucher]:
    """Some that nobody used in time; those that somebody is at are stepped round."""
    query = sa.select(ServiceVoucher).where(LIVE, ServiceVoucher.expires_at <= before)
    first = query.order_by(ServiceVoucher.expires_at, ServiceVoucher.id).limit(limit)
    return list(session.scalars(first.with_for_update(skip_locked=True)))


def lock_ending(session: Session, ending: Ending, *, limit: int) -> list[ServiceVoucher]:
    """All that end soon and were not bought today, of so many people who were not told of them.

    By person; whose ends first comes first among the people. What somebody is at is stepped round.
    """
    v = ServiceVoucher
    told = aliased(ServiceVoucher)
    today = sa.exists().where(
        told.tenant_id == v.tenant_id,
        told.person_id == v.person_id,
        told.reminded_at >= ending.today,
    )
    soon = (
        LIVE,
        v.reminded_at.is_(None),
        v.expires_at > ending.now,
        v.expires_at < ending.by,
        v.issued_at < ending.today,
    )
    first = sa.func.min(v.expires_at)
    people = sa.select(v.person_id).where(*soon, ~today).group_by(v.person_id)
    some = session.scalars(people.order_by(first, v.person_id).limit(limit)).all()
    theirs = sa.select(v).where(*soon, v.person_id.in_(some)).order_by(v.person_id, v.id)
    return list(session.scalars(theirs.with_for_update(skip_locked=True)))


def items_of(session: Session, item_ids: Collection[UUID]) -> dict[UUID, Item]:
    return {one.id: one for one in session.scalars(sa.select(Item).where(Item.id.in_(item_ids)))}


def get_own(session: Session, voucher_id: UUID, *, person_id: UUID) -> ServiceVoucher | None:
    found = get(session, ServiceVoucher, voucher_id)
    return found if found is not None and found.person_id == person_id else None


def list_own(session: Session, person_id: UUID, *, limit: int) -> list[ServiceVoucher]:
    """A person's vouchers: what can be used first, and of those what ends first."""
    query = sa.select(ServiceVoucher).filter_by(person_id=person_id)
    order = (LIVE.desc(), sa.case((LIVE, ServiceVoucher.expires_at)), ServiceVoucher.id.desc())
    return list(session.scalars(query.order_by(*order).limit(limit)))


def count_live(session: Session, person_id: UUID, *, now: datetime) -> int:
    query = sa.select(sa.func.count()).select_from(ServiceVoucher)
    theirs = ServiceVoucher.person_id == person_id
    return session.scalar(query.where(theirs, LIVE, ServiceVoucher.expires_at > now)) or 0


def used_between(
    session: Session, community_ids: Collection[UUID], *, since: datetime, until: datetime
) -> list[Used]:
    """What the merchants of some communities redeemed, by merchant and service."""
    query = (
        sa.select(
            Merchant.name,
            Merchant.category,
            ServiceVoucher.name,
            sa.func.count(),
            sa.func.sum(ServiceVoucher.points),
        )
        .join(
            Merchant,
            sa.and_(
                Merchant.tenant_id == ServiceVoucher.tenant_id,
                Merchant.id == ServiceVoucher.merchant_id,
            ),
        )
        .where(
            Merchant.community_id.in_(community_ids),
            ServiceVoucher.ended_at >= since,
            ServiceVoucher.ended_at < until,
        )
        .group_by(Merchant.id, Merchant.name, Merchant.category, ServiceVoucher.name)
        .order_by(Merchant.name, Merchant.id, ServiceVoucher.name)
    )
    return [
        Used(merchant=row[0], category=row[1], name=row[2], number=row[3], points=int(row[4]))
        for row in session.execute(query)
    ]


def merchants_of(
    session: Session, vouchers: Collection[ServiceVoucher]
) -> dict[tuple[UUID, str], list[str]]:
    """Where these can be used: the merchants' names by community and category."""
    communities = {one.community_id for one in vouchers}
    query = sa.select(Merchant.community_id, Merchant.category, Merchant.name).where(
        Merchant.community_id.in_(communities), Merchant.closed_at.is_(None)
    )
    found: dict[tuple[UUID, str], list[str]] = {}
    for one in session.execute(query.order_by(Merchant.name, Merchant.id)):
        found.setdefault((one.community_id, one.category), []).append(one.name)
    return found


def used_by(session: Session, merchant_id: UUID, *, since: datetime) -> list[ServiceVoucher]:
    """What a merchant redeemed since an instant, the latest first."""
    query = sa.select(ServiceVoucher).where(
        ServiceVoucher.merchant_id == merchant_id, ServiceVoucher.ended_at >= since
    )
    return list(session.scalars(query.order_by(ServiceVoucher.ended_at.desc())))
