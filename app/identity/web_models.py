"""Browsers that wait to be let in by a phone."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Moment


class WebLogin(Base):
    """A browser that waits for a phone, or a phone's person on the way to their web-view.

    Of the code and of the browser only digests are kept, and the row for an hour. Whose it is
    shows when somebody has seen it.
    """

    __tablename__ = "web_login"
    __table_args__ = (
        sa.UniqueConstraint("browser_hash"),
        sa.Index(None, "asker_hash", "asked_at"),
        sa.Index(None, "asked_at"),
        sa.CheckConstraint("purpose IN ('sign_in', 'step_up', 'handoff')", name="purpose"),
        sa.CheckConstraint(
            "(browser_hash IS NULL) = (purpose = 'handoff')", name="bound_to_a_browser"
        ),
        sa.CheckConstraint("(session_id IS NULL) = (purpose = 'sign_in')", name="of_a_session"),
        sa.CheckConstraint("(tenant_id IS NULL) = (person_id IS NULL)", name="whose"),
        sa.CheckConstraint(
            "person_id IS NOT NULL OR (seen_at IS NULL AND purpose = 'sign_in')", name="seen_by"
        ),
        sa.CheckConstraint(
            "(confirmed_at IS NULL) = (proved_at IS NULL)"
            " AND (confirmed_at IS NULL OR seen_at IS NOT NULL)"
            " AND (used_at IS NULL OR confirmed_at IS NOT NULL)"
            " AND (refused_at IS NULL OR confirmed_at IS NULL)",
            name="one_after_another",
        ),
    )

    code_hash: Mapped[bytes] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    browser_hash: Mapped[bytes | None]
    asker_hash: Mapped[bytes]
    device: Mapped[str]
    asked_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    tenant_id: Mapped[int | None] = mapped_column(sa.BigInteger, sa.ForeignKey("tenant.id"))
    person_id: Mapped[UUID | None]
    session_id: Mapped[UUID | None]
    seen_at: Mapped[Moment | None]
    confirmed_at: Mapped[Moment | None]
    proved_at: Mapped[Moment | None]  # when whoever confirmed had last proved who they are
    refused_at: Mapped[Moment | None]
    used_at: Mapped[Moment | None]
