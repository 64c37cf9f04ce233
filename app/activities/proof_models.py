"""Confirmation slips of those who were served, and documents that show a service."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, deferred, mapped_column

from app.activities.ways import Answer, Finding, Paper
from app.core.closed import listed
from app.core.db import Moment, TenantRow, belongs_to


class ServiceSlip(TenantRow):
    """服务确认单: by its code somebody who was served says, once, whether that is so.

    It stands for an activity, or for some attendances of it. Of the code only a digest is kept.
    Nobody who is of the activity learns what was answered: that is for whoever looks into it.
    """

    __tablename__ = "service_slip"
    __table_args__ = (
        belongs_to("activity", "activity_id"),
        belongs_to("person", "person_id"),
        belongs_to("person", "issued_by"),
        belongs_to("person", "revoked_by"),
        belongs_to("person", "answered_by"),
        belongs_to("person", "decided_by"),
        belongs_to("service_slip", "replaces"),
        sa.UniqueConstraint("tenant_id", "code_hash"),
        sa.UniqueConstraint("tenant_id", "replaces"),
        sa.CheckConstraint(r"char_length(label) <= 40 AND label ~ '\S'", name="label"),
        sa.CheckConstraint("char_length(served) <= 100", name="served"),
        sa.CheckConstraint("valid_until > issued_at", name="valid_until"),
        sa.CheckConstraint(
            "(revoked_by IS NULL) = (revoked_at IS NULL)"
            " AND (revoked_at IS NULL) = (revoked_for = '')",
            name="revoked",
        ),
        sa.CheckConstraint(f"answer IN ({listed(Answer)})", name="answer"),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_at IS NULL)"
            " AND (answer IS NULL OR revoked_at IS NULL)"
            " AND (words = '' OR answer IS NOT NULL)",
            name="answered",
        ),
        sa.CheckConstraint(
            "(answered_by IS NULL) = (answered_for = '')"
            " AND (answered_by IS NULL OR answer IS NOT NULL)",
            name="answered_by_call",
        ),
        sa.CheckConstraint("char_length(words) <= 300", name="words"),
        sa.CheckConstraint(f"finding IN ({listed(Finding)})", name="finding"),
        sa.CheckConstraint(
            "(finding IS NULL) = (decided_at IS NULL)"
            " AND (decided_by IS NULL) = (decided_at IS NULL)"
            " AND (finding IS NULL) = (decided_for = '')"
            " AND (finding IS NULL OR answer = 'denied')",
            name="decided",
        ),
        sa.CheckConstraint(
            "answered_by <> issued_by AND decided_by <> issued_by", name="by_another"
        ),
        sa.Index(None, "tenant_id", "activity_id"),
        sa.Index(None, "tenant_id", "person_id"),
        # One that waits for an answer, of each label: the same form twice is one slip.
        sa.Index(
            "ix_service_slip_live",
            "tenant_id",
            "activity_id",
            "label",
            unique=True,
            postgresql_where=sa.text("revoked_at IS NULL AND answer IS NULL"),
        ),
        sa.Index(
            "ix_service_slip_to_decide",
            "tenant_id",
            "activity_id",
            postgresql_where=sa.text("answer = 'denied' AND finding IS NULL"),
        ),
    )

    activity_id: Mapped[UUID]
    label: Mapped[str]  # for whom, in words of the issuer: need name nobody
    served: Mapped[str] = mapped_column(server_default="")  # what was to be done for them
    person_id: Mapped[UUID | None]  # who that is, where the issuer knows a person of the subtree
    attendance_ids: Mapped[list[UUID]] = mapped_column(ARRAY(sa.Uuid))  # none: all
    code_hash: Mapped[bytes]
    issued_by: Mapped[UUID]
    issued_at: Mapped[Moment]
    valid_until: Mapped[Moment]
    replaces: Mapped[UUID | None]
    revoked_by: Mapped[UUID | None]
    revoked_at: Mapped[Moment | None]
    revoked_for: Mapped[str] = mapped_column(server_default="")
    answer: Mapped[str | None]
    answered_at: Mapped[Moment | None]
    answered_by: Mapped[UUID | None]  # who wrote down what was said by telephone; None: the code
    answered_for: Mapped[str] = mapped_column(server_default="")
    words: Mapped[str] = mapped_column(server_default="")
    finding: Mapped[str | None]  # what somebody found who looked into a denial
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[Moment | None]
    decided_for: Mapped[str] = mapped_column(server_default="")


class ServiceDocument(TenantRow):
    """凭证: a photo or a PDF that shows a service. It counts once a second person accepted it."""

    __tablename__ = "service_document"
    __table_args__ = (
        belongs_to("activity", "activity_id"),
        belongs_to("attendance", "attendance_id"),
        belongs_to("person", "uploaded_by"),
        belongs_to("person", "decided_by"),
        sa.CheckConstraint(r"char_length(title) <= 60 AND title ~ '\S'", name="title"),
        sa.CheckConstraint("media_type IN ('image/jpeg', 'application/pdf')", name="media_type"),
        sa.CheckConstraint("octet_length(content) BETWEEN 1 AND 2097152", name="content"),
        sa.CheckConstraint("(content IS NULL) = (let_go_at IS NOT NULL)", name="let_go"),
        sa.CheckConstraint(f"state IN ({listed(Paper)})", name="state"),
        sa.CheckConstraint(
            "(state = 'waiting') = (decided_at IS NULL)"
            " AND (decided_by IS NULL) = (decided_at IS NULL)"
            " AND (state = 'refused') = (decided_for <> '')",
            name="decided",
        ),
        sa.CheckConstraint("decided_by <> uploaded_by", name="decided_by_another"),
        sa.Index(None, "tenant_id", "activity_id"),
        sa.Index(None, "tenant_id", "uploaded_at"),
        # The same file once: whoever sends it again finds it there.
        sa.Index(
            "ix_service_document_same",
            "tenant_id",
            "activity_id",
            "digest",
            unique=True,
            postgresql_where=sa.text("state <> 'refused'"),
        ),
    )

    activity_id: Mapped[UUID]
    attendance_id: Mapped[UUID | None]  # whom it is about; None: everybody who was there
    title: Mapped[str]
    media_type: Mapped[str]
    content: Mapped[bytes | None] = deferred(mapped_column(sa.LargeBinary))
    digest: Mapped[str]
    uploaded_by: Mapped[UUID]
    uploaded_at: Mapped[Moment]
    state: Mapped[str] = mapped_column(server_default=Paper.WAITING.value)
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[Moment | None]
    decided_for: Mapped[str] = mapped_column(server_default="")
    let_go_at: Mapped[Moment | None]
