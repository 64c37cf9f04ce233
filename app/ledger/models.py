"""Which nights were worked through."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Moment, TenantRow


class NightlyRun(TenantRow):
    """The work of one night: whoever has the row does it, and nobody does it beside them."""

    __tablename__ = "nightly_run"
    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "day"),
        sa.CheckConstraint("finished_at >= started_at", name="finished_after_start"),
    )

    day: Mapped[date]
    started_at: Mapped[Moment]
    finished_at: Mapped[Moment | None]
    # Which promises were broken, and by how many rows.
    broken: Mapped[dict[str, int]] = mapped_column(JSONB, server_default=sa.text("'{}'::jsonb"))
