"""服务券: a service at a merchant's, sold for points and redeemed once."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from app.core import places
from app.core.db import Moment, TenantRow, belongs_to
from app.supermarket.kinds import VoucherState, listed


class Merchant(TenantRow):
    """A partner of a community's shop that redeems vouchers of one category, and by whose hand."""

    __tablename__ = "merchant"
    __table_args__ = (
        belongs_to("org_unit", "community_id"),
        belongs_to("person", "clerk_id"),
        sa.CheckConstraint(places.NAME, name="name"),
        sa.CheckConstraint(r"category ~ '\S'", name="category"),
        sa.Index(None, "tenant_id", "community_id"),
        sa.Index(None, "tenant_id", "clerk_id"),
    )

    community_id: Mapped[UUID]
    name: Mapped[str]
    category: Mapped[str]
    clerk_id: Mapped[UUID]
    opened_at: Mapped[Moment]
    closed_at: Mapped[Moment | None]


class ServiceVoucher(TenantRow):
    """One service that was paid for; any merchant of its category in its community redeems it.

    Its code follows from its id and a secret; a digest is kept.
    """

    __tablename__ = "service_voucher"
    __table_args__ = (
        belongs_to("redemption", "redemption_id"),
        belongs_to("item", "item_id"),
        belongs_to("person", "person_id"),
        belongs_to("org_unit", "community_id"),
        belongs_to("merchant", "merchant_id"),
        belongs_to("person", "ended_by"),
        sa.UniqueConstraint("tenant_id", "code_hash"),
        sa.CheckConstraint(f"state IN ({listed(VoucherState)})", name="state"),
        sa.CheckConstraint("points > 0", name="points"),
        sa.CheckConstraint("expires_at > issued_at", name="expires_at"),
        sa.CheckConstraint("(state = 'live') = (ended_at IS NULL)", name="ended_at"),
        sa.CheckConstraint("(state = 'used') = (merchant_id IS NOT NULL)", name="used"),
        sa.CheckConstraint(
            "(state IN ('used', 'returned')) = (ended_by IS NOT NULL)", name="ended_by"
        ),
        sa.CheckConstraint("state <> 'used' OR ended_by <> person_id", name="never_for_oneself"),
        sa.Index(None, "tenant_id", "redemption_id"),
        sa.Index(None, "tenant_id", "person_id", "issued_at"),
        sa.Index(
            "ix_service_voucher_live",
            "tenant_id",
            "expires_at",
            postgresql_where=sa.text("state = 'live'"),
        ),
        sa.Index(
            "ix_service_voucher_used",
            "tenant_id",
            "merchant_id",
            "ended_at",
            postgresql_where=sa.text("merchant_id IS NOT NULL"),
        ),
    )

    redemption_id: Mapped[UUID]
    item_id: Mapped[UUID]
    person_id: Mapped[UUID]
    community_id: Mapped[UUID]
    name: Mapped[str]
    category: Mapped[str]
    points: Mapped[int]
    code_hash: Mapped[bytes]
    issued_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    reminded_at: Mapped[Moment | None]
    state: Mapped[str]
    ended_at: Mapped[Moment | None]
    merchant_id: Mapped[UUID | None]
    ended_by: Mapped[UUID | None]
