"""A statement put into the driver's own words once, for what a crowd does at once."""

import re
from collections.abc import Mapping
from string import ascii_letters
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.orm import Session

from points_engine.postgres import Tuples, array_of, direct

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

    What it binds goes to the driver as it is, and what it answers comes as the driver gives it:
    nothing is turned into anything by its type. The driver remembers how it takes a statement of
    up to 4096 characters with up to 50 values, so what is bound has a short name there; and it
    takes a list as long as ten texts to adapt, so a list goes there as the text of an array.
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

    def rows(self, session: Session, values: Mapping[str, Any]) -> Tuples:
        """Execute it in a unit of work. Its rows; each has its columns in their order.

        What goes wrong is raised as for any other statement.
        """
        bound = {
            short: array_of(value) if isinstance(value := values[name], list) else value
            for name, short in self._names.items()
        }
        return direct(session.connection(), self.words, bound)


def _literal(value: object) -> str:
    """A constant of the statement itself; nobody outside has a say in it."""
    assert isinstance(value, int) or (isinstance(value, str) and value.isidentifier())
    return str(value) if isinstance(value, int) else f"'{value}'"
