"""The households of a world, and who acts for whom."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.core.db import add
from app.households import services as households
from app.households.models import Delegation
from app.households.services import MoveIn
from app.identity.models import Person
from tests.support.ground import Ground


class Families(Ground):
    """Doors, and who lives behind them."""

    def household(
        self, *people: Person, door: str = "3 栋 502 室", under: str = "Mingde", **when: Any
    ) -> UUID:
        """A household of these people since a month ago; the first is its head."""
        since = self.now().date() - timedelta(days=when.get("days", 30))
        with self.own() as session:
            household = households.find_or_make(
                session, unit_id=self.units[under], door=door, now=self.now()
            )
            for person in people:
                move = MoveIn(
                    person_id=person.id,
                    household_id=household.id,
                    on=since,
                    is_head=person is people[0],
                )
                households.enter(session, move, entered_by=None)
        return household.id

    def mandate(
        self,
        person: Person,
        delegate: Person,
        *,
        daily_limit: int = 100,
        acts: Sequence[str] = ("read", "redeem"),
    ) -> UUID:
        """Let one of a family fetch for the other, from today on."""
        day = self.now().date() - timedelta(days=1)
        with self.own() as session:
            given = Delegation(
                person_id=person.id,
                delegate_id=delegate.id,
                relation="family",
                acts=list(acts),
                daily_limit=daily_limit,
                from_day=day,
                consent="online",
                created_at=self.now(),
            )
            return add(session, given).id
