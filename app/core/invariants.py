"""What must always be true, each as one statement that returns the rows for which it is not."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.db import tenant_of


@dataclass(frozen=True, slots=True)
class Invariant:
    """A name a person understands, and the SQL that finds the rows that break it."""

    name: str
    sql: str


@dataclass(frozen=True, slots=True)
class Violation:
    """An invariant that does not hold, with up to twenty of the rows."""

    name: str
    rows: tuple[dict[str, Any], ...]


def violations(session: Session, invariants: tuple[Invariant, ...]) -> list[Violation]:
    found = []
    for invariant in invariants:
        rows = session.execute(sa.text(invariant.sql), {"tenant_id": tenant_of(session)})
        first = tuple(dict(row) for row in rows.mappings().fetchmany(20))
        if first:
            found.append(Violation(invariant.name, first))
    return found
