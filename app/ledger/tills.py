"""What the points ledger itself says of a shop's till and of a community's points."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.db import tenant_of
from points_engine import Unit, till
from points_engine.postgres import metadata as books

TRANSFER, LOT, LOT_USE = (books.tables[name] for name in ("transfer", "lot", "lot_use"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarter:
    """Points earned and used in a quarter, and how many were left with people at its end."""

    first_day: date
    earned: int
    used: int
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Circulation:
    """A community's points by quarter, the oldest first, and what has moved lately."""

    quarters: Sequence[Quarter]
    earned_lately: int
    used_lately: int


def taken_at(session: Session, shop_id: UUID, *, since: date, until: date) -> int:
    """The points a shop's till took from a day up to another, less those it gave back."""
    tenant_id = tenant_of(session)
    account = till(shop_id).id_in(tenant_id)
    came = sa.case((TRANSFER.c.credit_account_id == account, 1), else_=-1)
    query = sa.select(sa.func.coalesce(sa.func.sum(TRANSFER.c.amount * came), 0)).where(
        TRANSFER.c.tenant_id == tenant_id,
        TRANSFER.c.unit == Unit.POINTS.value,
        sa.or_(TRANSFER.c.credit_account_id == account, TRANSFER.c.debit_account_id == account),
        TRANSFER.c.occurred_on >= since,
        TRANSFER.c.occurred_on < until,
    )
    return int(session.scalar(query) or 0)


def circulation(session: Session, community_id: UUID, *, lately: date) -> Circulation:
    """How a community's points came and went; what came and went since `lately` besides."""
    flow = _flow(tenant_of(session), community_id)
    quarter = sa.cast(sa.func.date_trunc("quarter", flow.c.day), sa.Date).label("quarter")
    earned, used = sa.func.sum(flow.c.earned), sa.func.sum(flow.c.used)
    fresh = flow.c.day > lately
    query = (
        sa.select(
            quarter,
            earned.label("earned"),
            used.label("used"),
            sa.func.coalesce(sa.func.sum(flow.c.earned).filter(fresh), 0).label("earned_lately"),
            sa.func.coalesce(sa.func.sum(flow.c.used).filter(fresh), 0).label("used_lately"),
            sa.func.sum(earned - used).over(order_by=quarter).label("left"),
        )
        .group_by(quarter)
        .order_by(quarter)
    )
    rows = session.execute(query).all()
    return Circulation(
        quarters=[
            Quarter(
                first_day=row.quarter,
                earned=int(row.earned),
                used=int(row.used),
                left=int(row.left),
            )
            for row in rows
        ],
        earned_lately=sum(int(row.earned_lately) for row in rows),
        used_lately=sum(int(row.used_lately) for row in rows),
    )


def _flow(tenant_id: int, community_id: UUID) -> sa.Subquery:
    """A row for each lot on the day it was booked, and for each use of one on the day of that."""
    none = sa.literal(0)
    came = (
        sa.select(
            TRANSFER.c.occurred_on.label("day"), LOT.c.original.label("earned"), none.label("used")
        )
        .select_from(LOT)
        .join(TRANSFER, sa.and_(TRANSFER.c.tenant_id == tenant_id, TRANSFER.c.id == LOT.c.id))
        .where(LOT.c.tenant_id == tenant_id, LOT.c.community_id == community_id)
    )
    went = (
        sa.select(TRANSFER.c.occurred_on, none, LOT_USE.c.amount)
        .select_from(LOT_USE)
        .join(LOT, sa.and_(LOT.c.tenant_id == tenant_id, LOT.c.id == LOT_USE.c.lot_id))
        .join(
            TRANSFER,
            sa.and_(TRANSFER.c.tenant_id == tenant_id, TRANSFER.c.id == LOT_USE.c.transfer_id),
        )
        .where(LOT_USE.c.tenant_id == tenant_id, LOT.c.community_id == community_id)
    )
    return sa.union_all(came, went).subquery("flow")
