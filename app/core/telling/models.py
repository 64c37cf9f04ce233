"""Notices, and their way to WeChat."""

from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.closed import listed
from app.core.db import Moment, TenantRow, belongs_to


class SendState(StrEnum):
    """How far a notice is on its way to WeChat. What is `UNKNOWN` may have arrived."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    CALLED = "called"
    LEFT = "left"


class Notice(TenantRow):
    """Something somebody is told, once for each thing it is `about`. The words fill in gaps."""

    __tablename__ = "notice"
    __table_args__ = (
        belongs_to("person", "person_id"),
        belongs_to("org_unit", "community_id"),
        sa.UniqueConstraint("tenant_id", "person_id", "about"),
        sa.Index(None, "tenant_id", "person_id", "id"),
        sa.Index(None, "tenant_id", "about", "person_id"),  # who of many has read it
        sa.Index(None, "tenant_id", "at"),
    )

    person_id: Mapped[UUID]
    community_id: Mapped[UUID]
    template: Mapped[str]
    about: Mapped[str]
    words: Mapped[dict[str, str]] = mapped_column(JSONB)
    path: Mapped[str]
    at: Mapped[Moment]
    read_at: Mapped[Moment | None]


class NoticeSending(TenantRow):
    """A notice on its way to WeChat, or what became of that."""

    __tablename__ = "notice_sending"
    __table_args__ = (
        belongs_to("notice", "notice_id"),
        sa.UniqueConstraint("tenant_id", "notice_id"),
        sa.CheckConstraint(f"state IN ({listed(SendState)})", name="state"),
        sa.CheckConstraint("tries >= 0", name="tries"),
        sa.Index(
            "ix_notice_sending_due",
            "tenant_id",
            "due_at",
            "id",
            postgresql_where=sa.text("state IN ('waiting', 'sending')"),
        ),
    )

    notice_id: Mapped[UUID]
    state: Mapped[str]
    tries: Mapped[int]
    due_at: Mapped[Moment]
    changed_at: Mapped[Moment]
