"""Notices, their way to WeChat, and the call list."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Moment, TenantRow, belongs_to
from app.notices.kinds import LineState, Missed, Outcome, SendState, Step, listed


class Notice(TenantRow):
    """Something somebody is told, once for each thing it is `about`. The words fill in gaps."""

    __tablename__ = "notice"
    __table_args__ = (
        belongs_to("person", "person_id"),
        belongs_to("org_unit", "community_id"),
        sa.UniqueConstraint("tenant_id", "person_id", "about"),
        sa.Index(None, "tenant_id", "person_id", "id"),
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


class CallLine(TenantRow):
    """Somebody WeChat did not reach, for whoever calls and visits."""

    __tablename__ = "call_line"
    __table_args__ = (
        belongs_to("notice", "notice_id"),
        belongs_to("person", "person_id"),
        belongs_to("org_unit", "community_id"),
        sa.UniqueConstraint("tenant_id", "notice_id"),
        sa.CheckConstraint(f"missed IN ({listed(Missed)})", name="missed"),
        sa.CheckConstraint(f"step IN ({listed(Step)})", name="step"),
        sa.CheckConstraint(f"state IN ({listed(LineState)})", name="state"),
        sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed_at"),
        sa.Index(None, "tenant_id", "community_id", "state", "id"),
        sa.Index(None, "tenant_id", "person_id", "state"),
    )

    notice_id: Mapped[UUID]
    person_id: Mapped[UUID]
    community_id: Mapped[UUID]
    missed: Mapped[str]
    step: Mapped[str]
    state: Mapped[str]
    created_at: Mapped[Moment]
    closed_at: Mapped[Moment | None]


class CallTry(TenantRow):
    """Who called or went there, when, and what came of it."""

    __tablename__ = "call_try"
    __table_args__ = (
        belongs_to("call_line", "line_id"),
        belongs_to("person", "tried_by"),
        sa.CheckConstraint(f"step IN ({listed(Step)})", name="step"),
        sa.CheckConstraint(f"outcome IN ({listed(Outcome)})", name="outcome"),
        sa.Index(None, "tenant_id", "line_id"),
    )

    line_id: Mapped[UUID]
    step: Mapped[str]
    outcome: Mapped[str]
    tried_by: Mapped[UUID]
    at: Mapped[Moment]
