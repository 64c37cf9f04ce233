"""Units of the organisation."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import TenantRow, belongs_to


class OrgUnit(TenantRow):
    """A city, street, community or grid. `path` holds the ids from the top down to itself."""

    __tablename__ = "org_unit"
    __table_args__ = (
        belongs_to("org_unit", "parent_id"),
        sa.UniqueConstraint("tenant_id", "parent_id", "name", postgresql_nulls_not_distinct=True),
        sa.CheckConstraint("path[cardinality(path)] = id", name="path_ends_here"),
        sa.CheckConstraint("(parent_id IS NULL) = (cardinality(path) = 1)", name="path_from_top"),
    )

    parent_id: Mapped[UUID | None]
    kind: Mapped[str]
    name: Mapped[str]
    path: Mapped[list[UUID]] = mapped_column(ARRAY(sa.Uuid))
