"""Numbers that people say are theirs, until somebody has checked them."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Moment, TenantRow, belongs_to


class PhoneClaim(TenantRow):
    """A number and a name somebody typed, sealed for as long as they wait to be checked."""

    __tablename__ = "phone_claim"
    __table_args__ = (
        belongs_to("person", "person_id"),
        belongs_to("person", "decided_by"),
        sa.Index(
            "uq_phone_claim_open",
            "tenant_id",
            "person_id",
            unique=True,
            postgresql_where=sa.text("state = 'open'"),
        ),
        sa.Index(None, "tenant_id", "state", "lapses_at"),
        sa.CheckConstraint(
            "state IN ('open', 'confirmed', 'refused', 'withdrawn', 'lapsed')", name="state"
        ),
        sa.CheckConstraint(
            "(state = 'open') = (number_sealed IS NOT NULL)"
            " AND (state = 'open') = (name_sealed IS NOT NULL)"
            " AND (state = 'open') = (closed_at IS NULL)"
            " AND (state IN ('confirmed', 'refused')) = (decided_by IS NOT NULL)"
            " AND (state = 'confirmed') = (how IS NOT NULL)",
            name="state_says_so",
        ),
        sa.CheckConstraint("how IN ('in_person', 'call')", name="how"),
        sa.CheckConstraint("decided_by <> person_id", name="decided_by_another"),
        sa.CheckConstraint("number_sealed LIKE 'v1|%'", name="number_sealed"),
        sa.CheckConstraint("name_sealed LIKE 'v1|%'", name="name_sealed"),
        sa.CheckConstraint("lapses_at > made_at", name="lapses_later"),
    )

    person_id: Mapped[UUID]
    state: Mapped[str]
    number_sealed: Mapped[str | None]
    name_sealed: Mapped[str | None]
    made_at: Mapped[Moment]
    lapses_at: Mapped[Moment]
    closed_at: Mapped[Moment | None]
    decided_by: Mapped[UUID | None]
    how: Mapped[str | None]
    reason: Mapped[str] = mapped_column(sa.Text)


class PhoneRelease(TenantRow):
    """A proved number that is somebody else's by now, until it is let go of or stays after all."""

    __tablename__ = "phone_release"
    __table_args__ = (
        *(belongs_to("person", column) for column in ("person_id", "asked_by", "closed_by")),
        sa.Index(
            "uq_phone_release_open",
            "tenant_id",
            "person_id",
            unique=True,
            postgresql_where=sa.text("state = 'open'"),
        ),
        sa.CheckConstraint("state IN ('open', 'done', 'stopped')", name="state"),
        sa.CheckConstraint(
            "(state = 'open') = (closed_at IS NULL) AND (state = 'open') = (closed_by IS NULL)",
            name="state_says_so",
        ),
        sa.CheckConstraint("asked_by <> person_id", name="asked_by_another"),
        sa.CheckConstraint(
            "state <> 'done' OR closed_by NOT IN (person_id, asked_by) AND closed_at >= due_at",
            name="done_by_another",
        ),
        sa.CheckConstraint("due_at >= asked_at + interval '24 hours'", name="due_a_day_later"),
    )

    person_id: Mapped[UUID]
    state: Mapped[str]
    proved_at: Mapped[Moment]  # which proof it is about: a later one is another number
    reason: Mapped[str] = mapped_column(sa.Text)
    asked_by: Mapped[UUID]
    asked_at: Mapped[Moment]
    due_at: Mapped[Moment]
    closed_at: Mapped[Moment | None]
    closed_by: Mapped[UUID | None]
