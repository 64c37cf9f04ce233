"""What a shop gives for points, what it costs and how it looks."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from app.core import places
from app.core.checked_photos import CheckedPhoto, kept_well
from app.core.db import Moment, TenantRow, belongs_to
from app.supermarket.kinds import ItemKind, listed

NOTICE_DAYS = 7  # between saying a new price and taking it


class Item(TenantRow):
    """Something a shop gives for points."""

    __tablename__ = "item"
    __table_args__ = (
        belongs_to("shop", "shop_id"),
        sa.UniqueConstraint("tenant_id", "shop_id", "sku"),
        sa.UniqueConstraint("tenant_id", "shop_id", "barcode"),
        sa.CheckConstraint(places.NAME, name="name"),
        sa.CheckConstraint(r"char_length(sku) <= 30 AND sku ~ '\S'", name="sku"),
        sa.CheckConstraint(r"char_length(unit) <= 6 AND unit ~ '\S'", name="unit"),
        sa.CheckConstraint(r"category ~ '\S'", name="category"),
        sa.CheckConstraint(f"kind IN ({listed(ItemKind)})", name="kind"),
        sa.CheckConstraint("(kind = 'voucher') = (merchant IS NOT NULL)", name="merchant"),
        sa.CheckConstraint("barcode ~ '^([0-9]{8}|[0-9]{12,14})$'", name="barcode"),
        sa.CheckConstraint("quarter_limit BETWEEN 1 AND 99", name="quarter_limit"),
        sa.CheckConstraint("value_fen > 0", name="value_fen"),
    )

    shop_id: Mapped[UUID]
    sku: Mapped[str]
    name: Mapped[str]
    unit: Mapped[str]  # 件, 袋, 瓶: what one of it is called
    category: Mapped[str]
    kind: Mapped[str]
    merchant: Mapped[str | None]  # where a voucher is redeemed
    barcode: Mapped[str | None]
    quarter_limit: Mapped[int | None]  # so many for one person in a quarter
    value_fen: Mapped[int | None]  # a fair value, for staff only
    closed_at: Mapped[Moment | None]


class ItemPrice(TenantRow):
    """What one of an item costs from a day on, until the next one's day.

    The first counts at once; each later one was said a week before (rules C.7).
    """

    __tablename__ = "item_price"
    __table_args__ = (
        belongs_to("item", "item_id"),
        belongs_to("person", "set_by"),
        sa.UniqueConstraint("tenant_id", "item_id", "valid_from"),
        sa.CheckConstraint("points > 0", name="points"),
        sa.CheckConstraint(
            f"is_first OR valid_from >= announced_on + {NOTICE_DAYS}", name="notice"
        ),
        sa.CheckConstraint("is_first OR set_by IS NOT NULL", name="set_by"),
        sa.Index(
            "uq_item_price_first",
            "tenant_id",
            "item_id",
            unique=True,
            postgresql_where=sa.text("is_first"),
        ),
    )

    item_id: Mapped[UUID]
    points: Mapped[int]
    valid_from: Mapped[date]
    announced_on: Mapped[date]
    is_first: Mapped[bool]
    set_by: Mapped[UUID | None]
    set_at: Mapped[Moment]


class ItemPhoto(CheckedPhoto):
    """How an item looks, as we have drawn it anew from what was uploaded."""

    __tablename__ = "item_photo"
    __table_args__ = (
        belongs_to("item", "item_id"),
        belongs_to("person", "uploaded_by"),
        sa.UniqueConstraint("tenant_id", "item_id"),
        *kept_well(),
    )

    item_id: Mapped[UUID]
