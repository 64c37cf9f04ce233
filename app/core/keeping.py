"""What is kept about people, feature by feature: told, handed out, and let go of."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

Rows = Iterable[Mapping[str, Any]]


def _nothing_pending(_session: Session, _person_id: UUID, _now: datetime) -> list[str]:
    return []


def _nothing_to_forget(_session: Session, _person_id: UUID, _now: datetime) -> None:
    """What a ledger holds stays: it names nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """One kind of thing that is kept about a person, and why, and for how long.

    `export` gives all of it. `pending` says what must first come to its end before the person
    can be forgotten, a sentence each; `forget` lets go of whatever says who it was.
    """

    key: str
    title: str
    why: str
    until: str
    export: Callable[[Session, UUID], Rows]
    pending: Callable[[Session, UUID, datetime], list[str]] = _nothing_pending
    forget: Callable[[Session, UUID, datetime], None] = _nothing_to_forget
    own: bool = True  # whether who has any of it is more than somebody who once signed in

    @property
    def goes(self) -> bool:
        """Whether it goes with the person; what stays says no more who it was."""
        return self.forget is not _nothing_to_forget


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row as JSON has it."""
    return {name: _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    return value
