"""The PIN of a printed card."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from app.core.db import Moment, TenantRow, belongs_to

TRIES = 5


class CardPin(TenantRow):
    """What somebody types beside their card. Only a digest is kept; five misses lock it."""

    __tablename__ = "card_pin"
    __table_args__ = (
        belongs_to("person", "person_id"),
        belongs_to("person", "set_by"),
        sa.UniqueConstraint("tenant_id", "person_id"),
        sa.CheckConstraint("digest LIKE '$argon2id$%'", name="digest"),
        sa.CheckConstraint(f"misses BETWEEN 0 AND {TRIES}", name="misses"),
        sa.CheckConstraint(f"(misses = {TRIES}) = (locked_at IS NOT NULL)", name="locked"),
        sa.CheckConstraint("set_by <> person_id", name="set_by_another"),
    )

    person_id: Mapped[UUID]
    digest: Mapped[str]
    misses: Mapped[int]  # in a row
    locked_at: Mapped[Moment | None]
    set_by: Mapped[UUID]  # before whom the person chose it
    set_at: Mapped[Moment]
