"""Shops, and the money that was raised for what they give."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core import places
from app.core.db import Moment, TenantRow, belongs_to
from app.supermarket.kinds import FundSource, listed


class Shop(places.Place):
    """One counter of the love-supermarket."""

    __tablename__ = "shop"
    __table_args__ = (
        belongs_to("org_unit", "community_id"),
        sa.UniqueConstraint("tenant_id", "community_id", "name"),
        *places.checks(),
        sa.CheckConstraint("offline_points BETWEEN 0 AND 200", name="offline_points"),
    )

    community_id: Mapped[UUID]
    # so many of one person's points on one day, without a network; 0: not at all
    offline_points: Mapped[int] = mapped_column(server_default="0", default=0)


class Funding(TenantRow):
    """Money that was raised for what a community's points will buy. Below zero it takes back."""

    __tablename__ = "funding"
    __table_args__ = (
        belongs_to("org_unit", "community_id"),
        belongs_to("person", "recorded_by"),
        sa.UniqueConstraint("tenant_id", "community_id", "voucher"),
        sa.CheckConstraint("amount_fen <> 0", name="amount_fen"),
        sa.CheckConstraint(f"source IN ({listed(FundSource)})", name="source"),
        sa.CheckConstraint("voucher <> ''", name="voucher"),
    )

    community_id: Mapped[UUID]
    voucher: Mapped[str]
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)
    source: Mapped[str]
    funded_on: Mapped[date]
    recorded_by: Mapped[UUID]
    recorded_at: Mapped[Moment]
