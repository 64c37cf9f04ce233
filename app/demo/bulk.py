"""Many rows of one kind at once, and what a database must know of them."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.db import TenantRow, tenant_of


def add_all(session: Session, rows: Sequence[TenantRow]) -> None:
    """Insert rows of this tenant now, in as few statements as there can be."""
    for row in rows:
        row.tenant_id = tenant_of(session)
    session.add_all(rows)
    session.flush()


def take_stock(session: Session) -> None:
    """Let the planner count the rows again: after many came at once, before they are asked for.

    Only their owner may. A server does it by itself, but not at the moment it is needed.
    """
    session.execute(sa.text("ANALYZE"))
