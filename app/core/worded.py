"""A statement put into the driver's own words once, for what a crowd does at once."""

import re
from collections.abc import Mapping
from string import ascii_letters
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
    (re.compile(r"::INTEGER"), "::int"),
    (re.compile(r"EXISTS \(SELECT \* FROM"), "EXISTS (SELECT FROM"),
)
_BOUND = re.compile(r"%\((\w+)\)s")


class Worded:
    """A statement that SQLAlchemy writes once, and neither reads nor compiles again.

    What it binds goes to the driver as it is: nothing is turned into anything by its type. The
    driver remembers how it takes a statement of up to 4096 characters with up to 50 values, so
    what is bound has a short name there.
    """

    def __init__(self, statement: sa.ClauseElement) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        words = str(compiled)
        for name, value in compiled.params.items():
            if value is not None:
                words = words.replace(f"%({name})s", _literal(value))
        for long, short in _SHORTER:
            words = long.sub(short, words)
        free = [name for name, value in compiled.params.items() if value is None]
        self._names = {name: ascii_letters[place] for place, name in enumerate(free)}
        self.words = _BOUND.sub(lambda found: f"%({self._names[found[1]]})s", words)

    def run(self, session: Session, values: Mapping[str, Any]) -> sa.CursorResult[Any]:
        """Execute it in a unit of work."""
        bound = {short: values[name] for name, short in self._names.items()}
        return session.connection().exec_driver_sql(self.words, bound)


def _literal(value: object) -> str:
    """A constant of the statement itself; nobody outside has a say in it."""
    assert isinstance(value, int) or (isinstance(value, str) and value.isidentifier())
    return str(value) if isinstance(value, int) else f"'{value}'"
