"""Goods that are kept for somebody, what came back, and points that were given away."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from app.core.db import Moment, TenantRow, belongs_to
from app.supermarket.kinds import DonationGoal, Fate, ReservationState, listed
from points_engine.postgres import metadata as books

TRANSFER = books.tables["transfer"].c
SAID = r"reason ~ '\S' AND char_length(reason) <= 200"


class Reservation(TenantRow):
    """Goods and points that wait for somebody at one shop, until they come or the time is over.

    Its id is that of the redemption it becomes. Of its code only a digest is kept.
    """

    __tablename__ = "reservation"
    __table_args__ = (
        belongs_to("shop", "shop_id"),
        belongs_to("person", "person_id"),
        belongs_to("person", "reserved_by"),
        belongs_to("person", "ended_by"),
        belongs_to("delegation", "delegation_id"),
        sa.UniqueConstraint("tenant_id", "code_hash"),
        sa.CheckConstraint(f"state IN ({listed(ReservationState)})", name="state"),
        sa.CheckConstraint("cost > 0", name="cost"),
        sa.CheckConstraint("expires_at > reserved_at", name="expires_at"),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended_at"),
        sa.CheckConstraint(
            "(state IN ('picked_up', 'cancelled')) = (ended_by IS NOT NULL)", name="ended_by"
        ),
        sa.CheckConstraint(
            "state <> 'picked_up' OR (ended_by <> person_id AND ended_by <> reserved_by)",
            name="never_for_oneself",
        ),
        sa.CheckConstraint(
            "(delegation_id IS NULL) = (reserved_by = person_id)", name="by_a_delegate"
        ),
        sa.Index(None, "tenant_id", "person_id", "reserved_at"),
        sa.Index(
            "ix_reservation_open",
            "tenant_id",
            "expires_at",
            postgresql_where=sa.text("state = 'open'"),
        ),
        sa.Index(
            "ix_reservation_delegation",
            "tenant_id",
            "delegation_id",
            postgresql_where=sa.text("delegation_id IS NOT NULL"),
        ),
        sa.Index(None, "tenant_id", "shop_id", "reserved_at"),
    )

    shop_id: Mapped[UUID]
    person_id: Mapped[UUID]
    reserved_by: Mapped[UUID]
    delegation_id: Mapped[UUID | None]  # where somebody else reserved it
    code_hash: Mapped[bytes]
    state: Mapped[str]
    cost: Mapped[int]
    place: Mapped[str]  # what the shop was called, for whoever is told by night
    reserved_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    reminded_at: Mapped[Moment | None]
    ended_at: Mapped[Moment | None]
    ended_by: Mapped[UUID | None]


class ReservationLine(TenantRow):
    """One kind of goods of a reservation, at the price of its day."""

    __tablename__ = "reservation_line"
    __table_args__ = (
        belongs_to("reservation", "reservation_id"),
        belongs_to("item", "item_id"),
        sa.UniqueConstraint("tenant_id", "reservation_id", "item_id"),
        sa.CheckConstraint("quantity > 0", name="quantity"),
        sa.CheckConstraint("points > 0", name="points"),
    )

    reservation_id: Mapped[UUID]
    item_id: Mapped[UUID]
    name: Mapped[str]
    unit: Mapped[str]
    quantity: Mapped[int]
    points: Mapped[int]  # for one


class ReservationPart(TenantRow):
    """So many of one batch that are kept for a reservation."""

    __tablename__ = "reservation_part"
    __table_args__ = (
        belongs_to("reservation", "reservation_id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "batch_id", "item_id", "last_day"],
            ["batch.tenant_id", "batch.id", "batch.item_id", "batch.last_day"],
        ),
        sa.UniqueConstraint("tenant_id", "reservation_id", "batch_id"),
        sa.CheckConstraint("quantity > 0", name="quantity"),
    )

    reservation_id: Mapped[UUID]
    batch_id: Mapped[UUID]
    item_id: Mapped[UUID]
    last_day: Mapped[date]
    quantity: Mapped[int]


class RedemptionReturn(TenantRow):
    """Goods of a redemption that came back for a defect, and the points that went back for them.

    The whole payment is reversed; where something was kept, that is paid again under `paid_id`.
    """

    __tablename__ = "redemption_return"
    __table_args__ = (
        belongs_to("redemption", "redemption_id"),
        belongs_to("person", "entered_by"),
        sa.ForeignKeyConstraint(["tenant_id", "reversal_id"], [TRANSFER.tenant_id, TRANSFER.id]),
        sa.ForeignKeyConstraint(["tenant_id", "paid_id"], [TRANSFER.tenant_id, TRANSFER.id]),
        sa.UniqueConstraint("tenant_id", "reversal_id"),
        sa.UniqueConstraint("tenant_id", "paid_id"),
        sa.UniqueConstraint("tenant_id", "redemption_id", "place"),
        sa.CheckConstraint("place > 0", name="place"),
        sa.CheckConstraint("points > 0", name="points"),
        sa.CheckConstraint(SAID, name="reason"),
        sa.CheckConstraint(f"fate IN ({listed(Fate)})", name="fate"),
    )

    redemption_id: Mapped[UUID]
    place: Mapped[int]  # the first, the second of that redemption
    points: Mapped[int]
    reason: Mapped[str]
    fate: Mapped[str]
    reversal_id: Mapped[UUID]
    paid_id: Mapped[UUID | None]
    entered_by: Mapped[UUID]
    at: Mapped[Moment]


class ReturnLine(TenantRow):
    """So many of one kind of goods that came back."""

    __tablename__ = "return_line"
    __table_args__ = (
        belongs_to("redemption_return", "return_id"),
        belongs_to("item", "item_id"),
        sa.UniqueConstraint("tenant_id", "return_id", "item_id"),
        sa.CheckConstraint("quantity > 0", name="quantity"),
    )

    return_id: Mapped[UUID]
    item_id: Mapped[UUID]
    quantity: Mapped[int]


class PointsDonation(TenantRow):
    """Points somebody gave to the love pool of a community, for everybody or a family in need."""

    __tablename__ = "points_donation"
    __table_args__ = (
        belongs_to("person", "person_id"),
        belongs_to("org_unit", "community_id"),
        sa.ForeignKeyConstraint(["tenant_id", "transfer_id"], [TRANSFER.tenant_id, TRANSFER.id]),
        sa.UniqueConstraint("tenant_id", "transfer_id"),
        sa.CheckConstraint("points > 0", name="points"),
        sa.CheckConstraint(f"goal IN ({listed(DonationGoal)})", name="goal"),
        sa.Index(None, "tenant_id", "community_id", "quarter"),
        sa.Index(None, "tenant_id", "person_id", "at"),
    )

    person_id: Mapped[UUID]
    community_id: Mapped[UUID]
    goal: Mapped[str]
    points: Mapped[int]
    quarter: Mapped[str]
    transfer_id: Mapped[UUID]
    at: Mapped[Moment]
