"""What the engine runs its statements on: the caller's session or connection, in its transaction.

The transaction must be READ COMMITTED: rows are locked by one statement and read by a later
one, and only there does the later one see what the previous holder of the lock has written.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from points_engine.postgres.driver import direct

Database: TypeAlias = Session | sa.Connection
Rows: TypeAlias = Sequence[sa.Row[Any]]


def all_rows(database: Database, statement: sa.Executable, **values: object) -> Rows:
    return database.execute(statement, values).all()


def one_value(database: Database, statement: sa.Executable, **values: object) -> Any:  # noqa: ANN401  # the caller knows what it selected
    return database.execute(statement, values).scalar_one()


def compact(sql: str) -> str:
    """The same words with single spaces: the driver remembers only what is not too long."""
    return " ".join(sql.split())


def one_row(database: Database, sql: str, values: Mapping[str, object]) -> tuple[Any, ...] | None:
    """The only row of a statement in the driver's own words, if there is one."""
    connection = database if isinstance(database, sa.Connection) else database.connection()
    rows = direct(connection, sql, values)
    return rows[0] if rows else None


def run(database: Database, statement: sa.Executable, **values: object) -> None:
    database.execute(statement, values)


def columns(rows: Sequence[Mapping[str, object]], *names: str) -> dict[str, list[object]]:
    """Rows turned into one array per column, the shape that `unnest` takes."""
    return {name: [row[name] for row in rows] for name in names}


def among(column: sa.ColumnElement[Any], values: Sequence[object]) -> sa.ColumnElement[bool]:
    """`column = ANY(array)`: one parameter, and one plan, however many values."""
    return column == sa.any_(sa.literal(list(values), ARRAY(column.type)))
