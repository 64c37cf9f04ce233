"""The call list."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from app.core.closed import listed
from app.core.db import Moment, TenantRow, belongs_to
from app.notices.kinds import LineState, Missed, Outcome, Step


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
