"""What a terminal may sell while it has no network, and what it brings back."""

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Moment, TenantRow, belongs_to
from app.supermarket.kinds import OfflineState, ShareState, listed

SAID = r"reason ~ '\S' AND char_length(reason) <= 200"


class OfflineSlice(TenantRow):
    """What one shop's terminal may sell on one day without a network, to whom and how much.

    It sells until `ends_at`; what it brings later is good until `kept_until`, or until somebody
    has given the slice back.
    """

    __tablename__ = "offline_slice"
    __table_args__ = (
        belongs_to("shop", "shop_id"),
        belongs_to("person", "granted_to"),
        belongs_to("person", "ended_by"),
        sa.CheckConstraint("ends_at > granted_at", name="ends_at"),
        sa.CheckConstraint("kept_until > ends_at", name="kept_until"),
        sa.CheckConstraint("ended_by IS NULL OR ended_at IS NOT NULL", name="ended_by"),
        sa.Index(
            "uq_offline_slice_open",
            "tenant_id",
            "shop_id",
            "day",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )

    shop_id: Mapped[UUID]
    granted_to: Mapped[UUID]  # whose sales they are
    terminal: Mapped[UUID]  # a number that one browser made up: nobody else reads the slice
    granted_at: Mapped[Moment]
    day: Mapped[date]
    ends_at: Mapped[Moment]
    kept_until: Mapped[Moment]
    ended_at: Mapped[Moment | None]
    ended_by: Mapped[UUID | None]


class OfflineShare(TenantRow):
    """Points of one person that are held for a slice; it becomes one redemption, of its id."""

    __tablename__ = "offline_share"
    __table_args__ = (
        belongs_to("offline_slice", "slice_id"),
        belongs_to("person", "person_id"),
        sa.UniqueConstraint("tenant_id", "slice_id", "person_id"),
        sa.CheckConstraint("points > 0", name="points"),
        sa.CheckConstraint(f"state IN ({listed(ShareState)})", name="state"),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended_at"),
        sa.Index(
            "uq_offline_share_of_day",
            "tenant_id",
            "person_id",
            "day",
            unique=True,
            postgresql_where=sa.text("state <> 'released'"),
        ),
    )

    slice_id: Mapped[UUID]
    person_id: Mapped[UUID]
    day: Mapped[date]
    points: Mapped[int]
    state: Mapped[str]
    ended_at: Mapped[Moment | None]


class OfflineSale(TenantRow):
    """A sale a terminal made without a network, as it was brought: once for its nonce.

    The goods are gone. So it is booked, or it waits with what stood in the way until somebody has
    seen to it, or it was closed without points by another person than who sold.
    """

    __tablename__ = "offline_sale"
    __table_args__ = (
        belongs_to("offline_slice", "slice_id"),
        belongs_to("offline_share", "share_id"),
        belongs_to("person", "brought_by"),
        belongs_to("person", "decided_by"),
        sa.UniqueConstraint("tenant_id", "nonce"),
        sa.CheckConstraint("place > 0", name="place"),
        sa.CheckConstraint("total > 0", name="total"),
        sa.CheckConstraint(f"state IN ({listed(OfflineState)})", name="state"),
        sa.CheckConstraint(
            "(state = 'waiting') = (decided_at IS NULL)"
            " AND (decided_at IS NULL) = (decided_by IS NULL)",
            name="decided",
        ),
        sa.CheckConstraint("(state = 'closed') = (reason IS NOT NULL)", name="closed"),
        sa.CheckConstraint(f"reason IS NULL OR ({SAID})", name="reason"),
        sa.Index(
            "uq_offline_sale_of_share",
            "tenant_id",
            "share_id",
            unique=True,
            postgresql_where=sa.text("state = 'booked'"),
        ),
        sa.Index(None, "tenant_id", "slice_id", "place"),
        sa.Index(
            "ix_offline_sale_waiting",
            "tenant_id",
            "share_id",
            postgresql_where=sa.text("state = 'waiting'"),
        ),
    )

    slice_id: Mapped[UUID]
    share_id: Mapped[UUID]
    nonce: Mapped[UUID]
    place: Mapped[int]  # the first, the second the terminal made with this slice
    sold_at: Mapped[Moment]  # as the terminal's clock said
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)  # item_id, name, quantity
    total: Mapped[int]
    state: Mapped[str]
    problem: Mapped[str | None]
    said: Mapped[str | None]
    brought_at: Mapped[Moment]
    brought_by: Mapped[UUID]
    decided_at: Mapped[Moment | None]
    decided_by: Mapped[UUID | None]
    reason: Mapped[str | None]


class OfflineStray(TenantRow):
    """A sale a terminal tells of that fits nothing we know, or was altered: kept as it was told.

    It is no proof, so no points are taken for it. Another person than who put it aside, and than
    who sold where that is known, looks at the paper, and says what was done.
    """

    __tablename__ = "offline_stray"
    __table_args__ = (
        belongs_to("shop", "shop_id"),
        belongs_to("person", "put_by"),
        belongs_to("person", "sold_by"),
        belongs_to("person", "closed_by"),
        sa.UniqueConstraint("tenant_id", "shop_id", "nonce"),
        sa.CheckConstraint("num_nulls(closed_at, closed_by, reason) IN (0, 3)", name="closed"),
        sa.CheckConstraint("closed_by <> put_by", name="second"),
        sa.CheckConstraint("closed_by <> sold_by", name="not_by_seller"),
        sa.CheckConstraint(SAID, name="reason"),
        sa.Index(
            "ix_offline_stray_open",
            "tenant_id",
            "shop_id",
            postgresql_where=sa.text("closed_at IS NULL"),
        ),
        sa.Index(
            "ix_offline_stray_closed",
            "tenant_id",
            "closed_at",
            postgresql_where=sa.text("closed_at IS NOT NULL"),
        ),
    )

    shop_id: Mapped[UUID]
    nonce: Mapped[UUID]
    told: Mapped[dict[str, Any]] = mapped_column(JSONB)  # sold_at, total, name, share, lines
    problem: Mapped[str]
    said: Mapped[str]
    put_at: Mapped[Moment]
    put_by: Mapped[UUID]
    sold_by: Mapped[UUID | None]  # who had the slice, where a signature or the share says so
    closed_at: Mapped[Moment | None]
    closed_by: Mapped[UUID | None]
    reason: Mapped[str | None]
