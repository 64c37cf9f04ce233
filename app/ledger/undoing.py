"""Taking back what a fact brought: by movements of their own, with a reason, never by erasing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.db import tenant_of
from points_engine import AlreadyReversed, NotReversible, Reversal, Unit, earn_reference
from points_engine.postgres import PostgresEngine


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoing:
    """Whose fact of which source is undone by whom, on which day, and why."""

    person_id: UUID
    source: str
    actor_id: UUID
    on: date
    reason: str


def is_settled(session: Session, undoing: Undoing) -> bool:
    """Whether what it brought is in the books; what still waits cannot be taken back yet."""
    waiting = PostgresEngine(session, tenant_of(session)).waiting(undoing.person_id)
    return all(one.source != undoing.source for one in waiting)


def take_back(session: Session, undoing: Undoing, *, now: datetime) -> list[Unit]:
    """Undo what a settled fact brought, in each unit; those in which it had brought something.

    What was spent of it is owed, as the engine has it. Said again it changes nothing.
    """
    return list(_undone(PostgresEngine(session, tenant_of(session)), undoing, now))


def _undone(engine: PostgresEngine, undoing: Undoing, now: datetime) -> Iterator[Unit]:
    for unit in Unit:
        try:
            engine.reverse(
                Reversal(
                    reference=f"reversal:{undoing.source}:{unit.value}:denied",
                    of=earn_reference(undoing.source, unit),
                    occurred_on=undoing.on,
                    booked_at=now,
                    actor_id=undoing.actor_id,
                    reason=undoing.reason,
                )
            )
        except (NotReversible, AlreadyReversed):  # it brought nothing in this unit, or nothing more
            continue
        yield unit
