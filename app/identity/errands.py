"""For whom somebody acts, as features below the one that keeps mandates ask it."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from flask import current_app
from sqlalchemy.orm import Session

from app.identity.roles import Principal

REGISTER = "register"


class Errand(Protocol):
    """Who acts, for themself or for another."""

    @property
    def me(self) -> Principal: ...


class Errands(Protocol):
    """Begun before the deed, done after it; both in its unit of work. The map says who keeps it."""

    def take_on(
        self, session: Session, me: Principal, person_id: UUID | None, *, deed: str, now: datetime
    ) -> Errand: ...

    def looking_on(
        self, session: Session, me: Principal, person_id: UUID | None, *, deed: str, now: datetime
    ) -> Errand: ...

    def done(
        self, session: Session, errand: Errand, *, deed: str, about_id: UUID, now: datetime
    ) -> None: ...


def errands() -> Errands:
    """Whoever keeps mandates here."""
    found: Errands = current_app.extensions["errands"]
    return found
