"""A statement that goes to the driver itself, for what is asked so often that it has to be cheap.

SQLAlchemy's cursor, rows and their names cost as much again as the driver's own work. What it
does for everybody stays: errors are its own, listeners hear the statement, and a connection that
is lost is given up.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

import sqlalchemy as sa

Tuples: TypeAlias = list[tuple[Any, ...]]


def direct(connection: sa.Connection, sql: str, values: Mapping[str, Any]) -> Tuples:
    """The rows of a statement in the driver's own words; each has its columns in their order.

    Only for a statement that has rows. Raises what SQLAlchemy raises.
    """
    if not connection.in_transaction():  # SQLAlchemy ends only what it has begun itself
        return [tuple(row) for row in connection.exec_driver_sql(sql, values)]
    cursor = connection.connection.cursor()
    try:
        for hear in connection.dispatch.before_cursor_execute:
            hear(connection, cursor, sql, values, None, False)
        cursor.execute(sql, values)
        return list(cursor.fetchall())
    except connection.dialect.loaded_dbapi.Error as error:
        raise _failure(connection, error, sql) from error
    finally:
        cursor.close()


def _failure(connection: sa.Connection, error: Exception, sql: str) -> Exception:
    """What SQLAlchemy makes of an error of the driver. Values are told to nobody."""
    dialect = connection.dialect
    lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)  # type: ignore[arg-type]  # it is one
    if lost:
        connection.invalidate(error)
    return sa.exc.DBAPIError.instance(
        sql,
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=lost,
        dialect=dialect,
    )
