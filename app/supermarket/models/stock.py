"""Stock as a ledger: deliveries bring batches, and only moves change what is on hand."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from app.core.db import Moment, TenantRow, belongs_to
from app.supermarket.kinds import (
    PROPOSED,
    DeliveryKind,
    DonorKind,
    FundSource,
    MoveKind,
    ProposalState,
    listed,
)

KEEPS_FOR_EVER = date.max  # the last day of what has no best-before
SAID = r"reason ~ '\S' AND char_length(reason) <= 200"
_PERSON = "donor_kind IS NOT DISTINCT FROM 'person'"
_PROPOSED = ", ".join(f"'{kind}'" for kind in PROPOSED)


class Delivery(TenantRow):
    """Goods that came to a shop together: a purchase with its voucher, or somebody's donation."""

    __tablename__ = "delivery"
    __table_args__ = (
        belongs_to("shop", "shop_id"),
        belongs_to("person", "entered_by"),
        belongs_to("person", "donor_id"),
        sa.UniqueConstraint("tenant_id", "shop_id", "reference"),
        sa.UniqueConstraint("tenant_id", "shop_id", "kind", "year", "number"),
        sa.CheckConstraint(f"kind IN ({listed(DeliveryKind)})", name="kind"),
        sa.CheckConstraint("number > 0", name="number"),
        sa.CheckConstraint("reference <> ''", name="reference"),
        sa.CheckConstraint("kind = 'opening' OR entered_by IS NOT NULL", name="entered_by"),
        sa.CheckConstraint(f"source IN ({listed(FundSource)})", name="source"),
        sa.CheckConstraint(
            r"(kind = 'purchase') = (source IS NOT NULL AND voucher IS NOT NULL)"
            r" AND (voucher IS NULL OR (voucher ~ '\S' AND char_length(voucher) <= 60))",
            name="paid_from",
        ),
        sa.CheckConstraint(f"donor_kind IN ({listed(DonorKind)})", name="donor_kind"),
        sa.CheckConstraint(
            r"(kind = 'donation') = (donor_kind IS NOT NULL AND donor_name IS NOT NULL)"
            r" AND (donor_name IS NULL OR (donor_name ~ '\S' AND char_length(donor_name) <= 60))",
            name="donor",
        ),
        sa.CheckConstraint("donor_sealed LIKE 'v1|%'", name="donor_sealed"),
        sa.CheckConstraint(f"{_PERSON} OR donor_sealed IS NULL", name="whose_name"),
        sa.CheckConstraint(f"{_PERSON} OR donor_id IS NULL", name="who_gave"),
        sa.Index(None, "tenant_id", "shop_id", "day"),
        sa.Index(
            "ix_delivery_donor",
            "tenant_id",
            "donor_id",
            postgresql_where=sa.text("donor_id IS NOT NULL"),
        ),
    )

    shop_id: Mapped[UUID]
    kind: Mapped[str]
    year: Mapped[int]
    number: Mapped[int]  # of the shop's deliveries of that kind in that year, from 1
    reference: Mapped[str]
    day: Mapped[date]
    source: Mapped[str | None]
    voucher: Mapped[str | None]
    donor_kind: Mapped[str | None]
    donor_name: Mapped[str | None]  # a unit's name; of a person the masked one
    donor_sealed: Mapped[str | None]  # a person's full name
    donor_id: Mapped[UUID | None]
    named: Mapped[bool]  # whether the donor wants to be thanked by name
    entered_by: Mapped[UUID | None]
    entered_at: Mapped[Moment]


class Batch(TenantRow):
    """Goods of one kind that came together and keep as long. Written once."""

    __tablename__ = "batch"
    __table_args__ = (
        belongs_to("item", "item_id"),
        belongs_to("delivery", "delivery_id"),
        sa.UniqueConstraint("tenant_id", "id", "item_id", "last_day"),
        sa.CheckConstraint("last_day = coalesce(best_before, DATE '9999-12-31')", name="last_day"),
        sa.Index(None, "tenant_id", "item_id", "last_day"),
        sa.Index(None, "tenant_id", "delivery_id"),
    )

    item_id: Mapped[UUID]
    delivery_id: Mapped[UUID | None]  # none for what was there before batches were kept
    best_before: Mapped[date | None]
    last_day: Mapped[date]  # the last on which it may be given out


class Stock(TenantRow):
    """How much of a batch is on hand, and how much of that is held; its id is the batch's.

    Only moves change what is on hand.
    """

    __tablename__ = "stock"
    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "id"], ["batch.tenant_id", "batch.id"]),
        sa.CheckConstraint("on_hand >= 0", name="on_hand"),
        sa.CheckConstraint("held >= 0 AND held <= on_hand", name="held"),
    )

    on_hand: Mapped[int]
    held: Mapped[int]


class StockProposal(TenantRow):
    """A write-off or a difference that one person alone may not book. A second one decides."""

    __tablename__ = "stock_proposal"
    __table_args__ = (
        belongs_to("batch", "batch_id"),
        belongs_to("stock_count", "count_id"),
        belongs_to("person", "entered_by"),
        belongs_to("person", "decided_by"),
        sa.CheckConstraint(f"kind IN ({_PROPOSED})", name="kind"),
        sa.CheckConstraint("delta <> 0 AND (kind = 'count' OR delta < 0)", name="delta"),
        sa.CheckConstraint("(kind = 'count') = (count_id IS NOT NULL)", name="counted"),
        sa.CheckConstraint(SAID, name="reason"),
        sa.CheckConstraint(f"state IN ({listed(ProposalState)})", name="state"),
        sa.CheckConstraint("decided_by <> entered_by", name="by_another"),
        sa.CheckConstraint(
            "(state = 'pending') = (decided_by IS NULL)"
            " AND (decided_by IS NULL) = (decided_at IS NULL)",
            name="decided",
        ),
        sa.CheckConstraint(
            r"(state = 'refused') = (refused_for IS NOT NULL) AND (refused_for IS NULL"
            r" OR (refused_for ~ '\S' AND char_length(refused_for) <= 200))",
            name="refused_for",
        ),
        sa.Index(None, "tenant_id", "batch_id"),
        sa.Index(
            "ix_stock_proposal_pending",
            "tenant_id",
            "entered_at",
            postgresql_where=sa.text("state = 'pending'"),
        ),
    )

    batch_id: Mapped[UUID]
    kind: Mapped[str]
    delta: Mapped[int]
    reason: Mapped[str]
    count_id: Mapped[UUID | None]
    state: Mapped[str]
    entered_by: Mapped[UUID]
    entered_at: Mapped[Moment]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[Moment | None]
    refused_for: Mapped[str | None]


class StockMove(TenantRow):
    """Goods of a batch that came or went, why, and by whom. Nobody changes one.

    The batch's last day is repeated here, and the reference to the batch includes it: so the
    database itself refuses to give out what is no longer good.
    """

    __tablename__ = "stock_move"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["tenant_id", "batch_id", "item_id", "last_day"],
            ["batch.tenant_id", "batch.id", "batch.item_id", "batch.last_day"],
        ),
        belongs_to("redemption", "redemption_id"),
        belongs_to("stock_proposal", "proposal_id"),
        belongs_to("person", "entered_by"),
        belongs_to("person", "approved_by"),
        sa.UniqueConstraint("tenant_id", "batch_id", "reference"),
        sa.UniqueConstraint("tenant_id", "proposal_id"),
        sa.CheckConstraint("delta <> 0", name="delta"),
        sa.CheckConstraint(f"kind IN ({listed(MoveKind)})", name="kind"),
        sa.CheckConstraint(
            "kind = 'count'"
            " OR (kind IN ('opening', 'donation', 'purchase', 'return')) = (delta > 0)",
            name="direction",
        ),
        sa.CheckConstraint(
            "(kind IN ('redemption', 'return')) = (redemption_id IS NOT NULL)", name="cause"
        ),
        sa.CheckConstraint(
            "kind NOT IN ('donation', 'purchase', 'redemption') OR day <= last_day",
            name="still_good",
        ),
        sa.CheckConstraint("kind = 'opening' OR entered_by IS NOT NULL", name="entered_by"),
        sa.CheckConstraint(
            "(approved_by IS NULL) = (proposal_id IS NULL)"
            f" AND (approved_by IS NULL OR kind IN ({_PROPOSED}))",
            name="approved",
        ),
        sa.CheckConstraint("approved_by <> entered_by", name="by_another"),
        sa.CheckConstraint(
            r"(kind IN ('return', 'write_off', 'count')) = (reason IS NOT NULL)"
            rf" AND (reason IS NULL OR ({SAID}))",
            name="reason",
        ),
        sa.Index(None, "tenant_id", "item_id", "at"),
        sa.Index(None, "tenant_id", "redemption_id"),
    )

    item_id: Mapped[UUID]
    batch_id: Mapped[UUID]
    last_day: Mapped[date]
    delta: Mapped[int]
    kind: Mapped[str]
    reference: Mapped[str]
    redemption_id: Mapped[UUID | None]
    proposal_id: Mapped[UUID | None]
    reason: Mapped[str | None]
    entered_by: Mapped[UUID | None]
    approved_by: Mapped[UUID | None]
    day: Mapped[date]
    at: Mapped[Moment]


class StockCount(TenantRow):
    """A count of a shop's shelves: by whom, and when."""

    __tablename__ = "stock_count"
    __table_args__ = (
        belongs_to("shop", "shop_id"),
        belongs_to("person", "entered_by"),
        sa.UniqueConstraint("tenant_id", "shop_id", "reference"),
        sa.CheckConstraint("reference <> ''", name="reference"),
        sa.Index(None, "tenant_id", "shop_id", "day"),
    )

    shop_id: Mapped[UUID]
    reference: Mapped[str]
    day: Mapped[date]
    entered_by: Mapped[UUID]
    entered_at: Mapped[Moment]


class StockCountLine(TenantRow):
    """What the book said of a batch, what was counted, and why they differ."""

    __tablename__ = "stock_count_line"
    __table_args__ = (
        belongs_to("stock_count", "count_id"),
        belongs_to("batch", "batch_id"),
        sa.UniqueConstraint("tenant_id", "count_id", "batch_id"),
        sa.CheckConstraint("expected >= 0 AND counted >= 0", name="counted"),
        sa.CheckConstraint(
            rf"(expected = counted) = (reason IS NULL) AND (reason IS NULL OR ({SAID}))",
            name="reason",
        ),
    )

    count_id: Mapped[UUID]
    batch_id: Mapped[UUID]
    expected: Mapped[int]
    counted: Mapped[int]
    reason: Mapped[str | None]
