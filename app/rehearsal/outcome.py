"""What came of a rehearsal: who was caught by which rule, and that honest people lost nothing."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.activities import deciding
from app.activities.arrival_models import Attendance
from app.activities.deciding import Verdict
from app.activities.ways import Review
from app.core.db import transaction
from app.ledger import services as ledger
from app.rehearsal.playing import Refused
from app.rehearsal.script import FRAUDS, Kind, Visit
from app.rehearsal.town import Town

LEAST_CAUGHT, MOST_FLAGGED = 0.95, 0.02
A_BATCH = 200
REASON = "演练：不在现场"


@dataclass(slots=True)
class Told:
    """Of one kind: how many there were, how many wait or were refused, and why."""

    number: int = 0
    waiting: int = 0
    refused: int = 0
    why: Counter[str] = field(default_factory=Counter)

    @property
    def caught(self) -> int:
        return self.waiting + self.refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """All of it. `lost` are points that flagged honest people have less than without the rules."""

    told: Mapping[Kind, Told]
    lost: int
    flagged_people: int
    earned: int  # by those people

    @property
    def caught(self) -> float:
        """The share of all fraudulent attendances that is caught."""
        found = [self.told[kind] for kind in FRAUDS]
        return sum(one.caught for one in found) / max(1, sum(one.number for one in found))

    @property
    def flagged(self) -> float:
        """The share of the honest ones that waits, or was refused."""
        honest = self.told[Kind.HONEST]
        return honest.caught / max(1, honest.number)

    @property
    def is_good(self) -> bool:
        within = self.caught >= LEAST_CAUGHT and self.flagged <= MOST_FLAGGED
        return within and self.lost == 0


def waiting(town: Town, visits: Sequence[Visit]) -> dict[int, tuple[UUID, list[str]]]:
    """Which of the visits wait for somebody, by their places: the attendance, and the rules."""
    query = sa.select(
        Attendance.activity_id, Attendance.person_id, Attendance.id, Attendance.reasons
    ).where(Attendance.review == Review.PENDING.value)
    with transaction(town.tenant_id) as session:
        found = {(row[0], row[1]): (row[2], row[3]) for row in session.execute(query)}
    keys = [(town.venues[visit.venue.number], town.people[visit.who]) for visit in visits]
    return {place: found[key] for place, key in enumerate(keys) if key in found}


def tell(
    visits: Sequence[Visit], refused: Refused, flagged: Mapping[int, tuple[UUID, list[str]]]
) -> dict[Kind, Told]:
    """Count them by kind."""
    told = {kind: Told() for kind in Kind}
    for place, visit in enumerate(visits):
        one = told[visit.kind]
        one.number += 1
        if place in flagged:
            one.waiting += 1
            one.why.update(flagged[place][1])
        elif place in refused:
            one.refused += 1
            one.why[refused[place]] += 1
    return told


def decide(
    town: Town,
    visits: Sequence[Visit],
    flagged: Mapping[int, tuple[UUID, list[str]]],
    *,
    now: datetime,
) -> None:
    """Somebody looks at each: what is honest is approved, and nothing else."""
    assert town.reviewer is not None  # the town is built
    work = list(flagged.items())
    for first in range(0, len(work), A_BATCH):
        with transaction(town.tenant_id) as session:
            for place, (attendance_id, _why) in work[first : first + A_BATCH]:
                honest = visits[place].kind is Kind.HONEST
                verdict = Verdict(
                    attendance_id=attendance_id, approved=honest, reason="" if honest else REASON
                )
                deciding.decide(session, verdict, me=town.reviewer, now=now)


def points(town: Town, people: Collection[int], *, on: date) -> dict[int, int]:
    """What each of them has earned, once everything is settled."""
    with transaction(town.tenant_id) as session:
        return {number: _points(session, town.people[number], on) for number in people}


def _points(session: Session, person_id: UUID, on: date) -> int:
    return ledger.numbers(session, person_id=person_id, on=on).points.available
