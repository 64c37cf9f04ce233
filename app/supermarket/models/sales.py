"""Redeem codes, and what came of them at the counter."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from app.core.db import Moment, TenantRow, belongs_to
from app.supermarket.kinds import Way, listed
from points_engine.postgres import metadata as books

TRANSFER = books.tables["transfer"].c
SAID = r"reason ~ '\S' AND char_length(reason) <= 200"


class RedeemCode(TenantRow):
    """A code a member shows at the counter. Only digests are kept; it burns once."""

    __tablename__ = "redeem_code"
    __table_args__ = (
        belongs_to("person", "person_id"),
        belongs_to("delegation", "delegation_id"),
        sa.UniqueConstraint("tenant_id", "code_hash"),
        sa.Index(None, "tenant_id", "digits_hash"),
        sa.Index(None, "tenant_id", "person_id", "expires_at"),
        sa.Index(
            "ix_redeem_code_delegation",
            "tenant_id",
            "delegation_id",
            postgresql_where=sa.text("delegation_id IS NOT NULL"),
        ),
        sa.Index(
            "ix_redeem_code_unused",
            "tenant_id",
            "expires_at",
            postgresql_where=sa.text("burnt_at IS NULL"),
        ),
    )

    person_id: Mapped[UUID]
    code_hash: Mapped[bytes]
    digits_hash: Mapped[bytes]
    issued_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    burnt_at: Mapped[Moment | None]
    delegation_id: Mapped[UUID | None]  # where somebody else asked for it


class Redemption(TenantRow):
    """What came of one try at the counter: goods for points, or a refusal.

    Exactly one thing proves that the member wants it: a code, a card with its PIN, a signature on
    paper, the card and PIN of whom they let fetch, what they have reserved, or what they signed
    for while there was no network. A pick-up has the id of its reservation, so that nothing is
    picked up twice.
    """

    __tablename__ = "redemption"
    __table_args__ = (
        belongs_to("shop", "shop_id"),
        belongs_to("person", "person_id"),
        belongs_to("person", "manager_id"),
        belongs_to("redeem_code", "code_id"),
        belongs_to("delegation", "delegation_id"),
        belongs_to("reservation", "reservation_id"),
        belongs_to("offline_sale", "offline_sale_id"),
        sa.ForeignKeyConstraint(["tenant_id", "transfer_id"], [TRANSFER.tenant_id, TRANSFER.id]),
        sa.UniqueConstraint("tenant_id", "code_id"),
        sa.UniqueConstraint("tenant_id", "transfer_id"),
        sa.CheckConstraint("state IN ('completed', 'refused')", name="state"),
        sa.CheckConstraint("reservation_id = id", name="of_its_reservation"),
        sa.CheckConstraint(
            "state = 'refused' OR manager_id <> person_id", name="never_for_oneself"
        ),
        sa.CheckConstraint("(state = 'refused') = (refused_for IS NOT NULL)", name="refused_for"),
        sa.CheckConstraint("(state = 'completed') = (transfer_id IS NOT NULL)", name="paid"),
        sa.CheckConstraint("cost >= 0", name="cost"),
        sa.CheckConstraint("state = 'refused' OR cost > 0", name="costs_points"),
        sa.CheckConstraint(
            "(state = 'completed') = (balance_after IS NOT NULL)", name="says_what_is_left"
        ),
        sa.CheckConstraint("balance_after >= 0", name="balance_after"),
        sa.CheckConstraint(f"way IN ({listed(Way)})", name="way"),
        sa.CheckConstraint(
            "(way = 'code') = (code_id IS NOT NULL)"
            " AND (way = 'pickup') = (reservation_id IS NOT NULL)"
            " AND (way = 'offline') = (offline_sale_id IS NOT NULL)",
            name="one_proof",
        ),
        sa.CheckConstraint(
            f"(way IN ('paper', 'errand')) = (reason IS NOT NULL) AND (reason IS NULL OR ({SAID}))",
            name="reason",
        ),
        sa.CheckConstraint(
            "(way <> 'errand' OR delegation_id IS NOT NULL)"
            " AND (way IN ('code', 'errand') OR delegation_id IS NULL)",
            name="fetched",
        ),
        sa.Index(
            "uq_redemption_of_offline_sale",
            "tenant_id",
            "offline_sale_id",
            unique=True,
            postgresql_where=sa.text("state = 'completed' AND offline_sale_id IS NOT NULL"),
        ),
        sa.Index(None, "tenant_id", "shop_id", "at"),
        sa.Index(None, "tenant_id", "manager_id", "at"),
        sa.Index(None, "tenant_id", "person_id", "at"),
        sa.Index(
            "ix_redemption_delegation",
            "tenant_id",
            "delegation_id",
            "at",
            postgresql_where=sa.text("delegation_id IS NOT NULL"),
        ),
    )

    shop_id: Mapped[UUID]
    person_id: Mapped[UUID]
    manager_id: Mapped[UUID]
    way: Mapped[str]
    code_id: Mapped[UUID | None]
    reservation_id: Mapped[UUID | None]
    offline_sale_id: Mapped[UUID | None]
    delegation_id: Mapped[UUID | None]  # where somebody else fetched it with a code or a card
    reason: Mapped[str | None]  # why there was no phone
    state: Mapped[str]
    refused_for: Mapped[str | None]
    cost: Mapped[int]
    balance_after: Mapped[int | None]
    transfer_id: Mapped[UUID | None]
    at: Mapped[Moment]


class RedemptionLine(TenantRow):
    """One kind of goods of a redemption, at the price of that moment."""

    __tablename__ = "redemption_line"
    __table_args__ = (
        belongs_to("redemption", "redemption_id"),
        belongs_to("item", "item_id"),
        sa.UniqueConstraint("tenant_id", "redemption_id", "item_id"),
        sa.CheckConstraint("quantity > 0", name="quantity"),
        sa.CheckConstraint("points > 0", name="points"),
    )

    redemption_id: Mapped[UUID]
    item_id: Mapped[UUID]
    name: Mapped[str]
    quantity: Mapped[int]
    points: Mapped[int]
