"""A statement put into the driver's own words once, for what a crowd does at once."""

import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.orm import Session

_DIALECT: sa.Dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]  # the library's
_SHORTER = (
    (re.compile(r"\s+"), " "),
    (re.compile(r" AS anon_\d+\b(?!\.)"), ""),
    (re.compile(r"\b(\w+)\.(\w+) AS \2\b"), r"\1.\2"),
    (re.compile(r"TIMESTAMP WITH TIME ZONE"), "timestamptz"),
    (re.compile(r"::VARCHAR"), "::text"),
)


class Worded:
    """A statement that SQLAlchemy writes once, and neither reads nor compiles again.

    What it binds goes to the driver as it is: nothing is turned into anything by its type. The
    driver remembers how it takes a statement of up to 4096 characters with up to 50 values.
    """

    def __init__(self, statement: sa.ClauseElement) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        words = str(compiled)
        for name, value in compiled.params.items():
            if value is not None:
                words = words.replace(f"%({name})s", _literal(value))
        for long, short in _SHORTER:
            words = long.sub(short, words)
        self.words = words

    def run(self, session: Session, values: Mapping[str, Any]) -> sa.CursorResult[Any]:
        """Execute it in a unit of work."""
        return session.connection().exec_driver_sql(self.words, dict(values))


def _literal(value: object) -> str:
    """A constant of the statement itself; nobody outside has a say in it."""
    assert isinstance(value, int) or (isinstance(value, str) and value.isidentifier())
    return str(value) if isinstance(value, int) else f"'{value}'"
