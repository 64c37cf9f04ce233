"""Many rows in one statement, or in as few as there can be."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, Insert, insert
from sqlalchemy.orm import Session

from app.core.db import TenantRow, tenant_of


def inserting(model: type[TenantRow], rows: Sequence[Mapping[str, Any]]) -> Insert:
    """Insert these rows, all of the same columns; what happens on a conflict may be added.

    They travel as arrays, so that any number is one statement.
    """
    columns = list(rows[0])
    table = model.__table__
    arrays = [
        sa.cast([row[column] for row in rows], ARRAY(table.c[column].type)) for column in columns
    ]
    new = sa.func.unnest(*arrays).table_valued(*columns).render_derived(name="new")
    chosen = sa.select(*(new.c[column] for column in columns))
    return insert(model).from_select(columns, chosen)


def add_all(session: Session, rows: Sequence[TenantRow]) -> None:
    """Insert rows of this tenant now, in as few statements as there can be."""
    for row in rows:
        row.tenant_id = tenant_of(session)
    session.add_all(rows)
    session.flush()
