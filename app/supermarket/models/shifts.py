"""What waits at a counter for a member's phone, and who handed it over to whom."""

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Moment, TenantRow, belongs_to
from app.supermarket.kinds import QuestionState, listed


class SaleQuestion(TenantRow):
    """A sale the member is asked about on their own phone. Nothing is moved or held meanwhile."""

    __tablename__ = "sale_question"
    __table_args__ = (
        belongs_to("shop", "shop_id"),
        belongs_to("person", "person_id"),
        belongs_to("person", "manager_id"),
        belongs_to("redeem_code", "code_id"),
        sa.UniqueConstraint("tenant_id", "code_id"),
        sa.CheckConstraint(f"state IN ({listed(QuestionState)})", name="state"),
        sa.CheckConstraint("cost > 0", name="cost"),
        sa.CheckConstraint("manager_id <> person_id", name="never_for_oneself"),
        sa.CheckConstraint("ends_at > asked_at", name="ends"),
        sa.CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name="decided"),
        sa.CheckConstraint("state <> 'yes' OR decided_at < ends_at", name="in_time"),
        sa.Index(None, "tenant_id", "person_id", "ends_at"),
    )

    shop_id: Mapped[UUID]
    person_id: Mapped[UUID]
    manager_id: Mapped[UUID]
    code_id: Mapped[UUID]
    cost: Mapped[int]
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)  # item_id, name, quantity
    state: Mapped[str]
    asked_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    decided_at: Mapped[Moment | None]


class Handover(TenantRow):
    """One manager leaves a counter to another, with the day's figures at that moment."""

    __tablename__ = "handover"
    __table_args__ = (
        belongs_to("shop", "shop_id"),
        belongs_to("person", "from_id"),
        belongs_to("person", "to_id"),
        sa.CheckConstraint("from_id <> to_id", name="two_people"),
        sa.CheckConstraint(
            "sales >= 0 AND points >= 0 AND refused >= 0 AND without_code BETWEEN 0 AND sales",
            name="figures",
        ),
        sa.Index(None, "tenant_id", "shop_id", "day"),
    )

    shop_id: Mapped[UUID]
    from_id: Mapped[UUID]
    to_id: Mapped[UUID]
    day: Mapped[date]
    sales: Mapped[int]
    points: Mapped[int]
    refused: Mapped[int]
    without_code: Mapped[int]  # of the sales: by card and PIN, on paper, fetched by others
    at: Mapped[Moment]
