"""Sheets that wait to be taken over, and how far that is."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Moment, TenantRow, belongs_to


class ImportBatch(TenantRow):
    """One sheet that was read and checked. `problems` says where, never what stands there."""

    __tablename__ = "import_batch"
    __table_args__ = (
        belongs_to("org_unit", "community_id"),
        belongs_to("person", "created_by"),
        sa.CheckConstraint("kind IN ('people', 'units')", name="kind"),
        sa.CheckConstraint("state IN ('checked', 'done', 'dropped')", name="state"),
        sa.CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name="done"),
        sa.CheckConstraint("rows >= 0 AND created >= 0 AND updated >= 0", name="counts"),
        sa.CheckConstraint("created + updated <= rows", name="no_more_than_there_are"),
        sa.Index(None, "tenant_id", "created_by", "id"),
        sa.Index(
            "ix_import_batch_waiting",
            "tenant_id",
            "created_at",
            postgresql_where=sa.text("state = 'checked'"),
        ),
    )

    kind: Mapped[str]
    community_id: Mapped[UUID]
    state: Mapped[str]
    rows: Mapped[int]
    created: Mapped[int]
    updated: Mapped[int]
    problems: Mapped[list[Any]] = mapped_column(JSONB)
    created_by: Mapped[UUID]
    created_at: Mapped[Moment]
    done_at: Mapped[Moment | None]


class ImportChunk(TenantRow):
    """Rows of a sheet between the check and the taking over: sealed, and gone afterwards."""

    __tablename__ = "import_chunk"
    __table_args__ = (
        belongs_to("import_batch", "batch_id"),
        sa.UniqueConstraint("tenant_id", "batch_id", "number"),
        sa.CheckConstraint("sealed LIKE 'v1|%'", name="sealed"),
    )

    batch_id: Mapped[UUID]
    number: Mapped[int]
    sealed: Mapped[str]


class ImportProgress(TenantRow):
    """How many rows of a batch are through; its id is the batch's."""

    __tablename__ = "import_progress"
    __table_args__ = (
        belongs_to("import_batch", "id"),
        sa.CheckConstraint("through >= 0", name="through"),
    )

    through: Mapped[int]
    noted_at: Mapped[Moment]
