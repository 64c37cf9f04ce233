"""The audit log: its entries, and where its end is."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Moment, TenantRow

HEAD = UUID(int=0)  # a tenant has one head: all of them have this id
GENESIS = bytes(32)  # what the first entry of a tenant follows


class AuditEntry(TenantRow):
    """One act, chained to the one before it. `changed` is masked or words: no personal data."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "seq"),
        sa.Index(None, "tenant_id", "subject_id", "seq"),
        sa.Index(None, "tenant_id", "actor_id", "seq"),
        sa.CheckConstraint("seq > 0", name="seq"),
        sa.CheckConstraint(
            "octet_length(prev_hash) = 32 AND octet_length(hash) = 32", name="hashes"
        ),
        sa.CheckConstraint(
            "action <> '' AND subject_kind <> '' AND result <> ''", name="says_what"
        ),
    )

    seq: Mapped[int] = mapped_column(sa.BigInteger)
    at: Mapped[Moment]
    actor_id: Mapped[UUID | None]
    on_behalf_of: Mapped[UUID | None]
    role: Mapped[str]
    session_id: Mapped[UUID | None]
    scope_id: Mapped[UUID | None]
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID | None]
    changed: Mapped[dict[str, Any]] = mapped_column(JSONB)
    reason: Mapped[str]
    request_id: Mapped[str]
    result: Mapped[str]
    prev_hash: Mapped[bytes]
    hash: Mapped[bytes]


class AuditHead(TenantRow):
    """The last entry of a tenant's chain. Who writes an entry holds it, so entries take turns.

    Without it, nobody would miss an end that was cut off.
    """

    __tablename__ = "audit_head"
    __table_args__ = (
        sa.CheckConstraint("id = '00000000-0000-0000-0000-000000000000'", name="only_one"),
        sa.CheckConstraint("seq >= 0 AND octet_length(hash) = 32", name="place"),
    )

    seq: Mapped[int] = mapped_column(sa.BigInteger)
    hash: Mapped[bytes]
