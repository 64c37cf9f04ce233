"""What a promise about the books looks like."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import sqlalchemy as sa

from points_engine.postgres.database import Database, all_rows

Finder: TypeAlias = Callable[[Database, int], Iterable[Mapping[str, Any]]]

SHOWN = 20  # of the rows that break a promise: enough to see what they have in common


@dataclass(frozen=True, slots=True)
class Invariant:
    """A promise by name, and what finds the rows that break it.

    A statement that takes :tenant_id; or, where more than SQL is needed, a function.
    """

    name: str
    finder: str | Finder

    def broken(
        self, database: Database, tenant_id: int, **asked: object
    ) -> list[Mapping[str, Any]]:
        """The rows that break it for a tenant; a statement may ask for more than that."""
        if callable(self.finder):
            return list(self.finder(database, tenant_id))
        rows = all_rows(database, sa.text(self.finder), tenant_id=tenant_id, **asked)
        return [row._asdict() for row in rows]


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken promise, the first of the rows that break it, and how many there are in all."""

    name: str
    rows: tuple[dict[str, Any], ...]
    found: int = field(default=0, compare=False)


def violations(
    database: Database, tenant_id: int, invariants: Iterable[Invariant], **asked: object
) -> list[Violation]:
    """Those of them that do not hold."""
    broken = []
    for invariant in invariants:
        rows = invariant.broken(database, tenant_id, **asked)
        if rows:
            shown = tuple(dict(row) for row in rows[:SHOWN])
            broken.append(Violation(invariant.name, shown, len(rows)))
    return broken
