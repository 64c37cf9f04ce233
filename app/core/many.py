"""Many rows in one statement: they travel as arrays, so that any number is one statement."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, Insert, insert

from app.core.db import TenantRow


def inserting(model: type[TenantRow], rows: Sequence[Mapping[str, Any]]) -> Insert:
    """Insert these rows, all of the same columns; what happens on a conflict may be added."""
    columns = list(rows[0])
    table = model.__table__
    arrays = [
        sa.cast([row[column] for row in rows], ARRAY(table.c[column].type)) for column in columns
    ]
    new = sa.func.unnest(*arrays).table_valued(*columns).render_derived(name="new")
    chosen = sa.select(*(new.c[column] for column in columns))
    return insert(model).from_select(columns, chosen)
