"""Rows that are read as they are needed, however many there are."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from points_engine.postgres.database import Database

_AT_ONCE = 2000


def streamed(
    database: Database, statement: sa.Executable, **values: object
) -> Iterator[sa.Row[Any]]:
    """The rows of a statement through a cursor, which lives as long as the transaction."""
    rows = database.execute(
        statement, values, execution_options={"stream_results": True, "yield_per": _AT_ONCE}
    )
    try:
        yield from rows
    finally:
        rows.close()
