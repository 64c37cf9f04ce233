"""Playing a script: every scan goes through the service that a real one reaches, in its order."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge
from itertools import islice
from uuid import UUID

from sqlalchemy.orm import Session

from app.activities import assisting, closing, codes, coming, leaving, reading
from app.activities.assisting import Aid
from app.activities.codes import Direction
from app.activities.reading import Arrival
from app.activities.ways import Way
from app.core import edges
from app.core.clock import CIVIL_ZONE
from app.core.db import attempt, transaction
from app.core.errors import DomainError
from app.rehearsal.script import Scan, Visit
from app.rehearsal.town import Town, card_no, principal

AT_ONCE = 200  # scans in one transaction
CLOSES = closing.GRACE + timedelta(minutes=1)
AFTERWARDS = timedelta(days=3)
A_BATCH = 200
REASON = "没有带手机"

Refused = dict[int, str]  # by the place of a visit among those that are played


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that reaches the service."""

    at: datetime
    place: int = -1
    visit: Visit | None = None  # None: the sweeper comes by
    direction: Direction = Direction.IN


def play(
    town: Town, visits: Sequence[Visit], *, told: Callable[[int, int], None] = lambda _n, _of: None
) -> Refused:
    """Let everybody come and go; the answer says whose check-in was refused, and why."""
    refused: Refused = {}
    steps, done = merge(_scans(visits), _sweeps(visits), key=lambda step: step.at), 0
    while some := list(islice(steps, AT_ONCE)):
        with transaction(town.tenant_id) as session:
            for step in some:
                _take(session, town, step, refused=refused)
        done += len(some)
        told(done, 2 * len(visits))
    _end(town, visits)
    return refused


def _scans(visits: Sequence[Visit]) -> list[Step]:
    steps = [
        Step(at=scan.arrives, place=place, visit=visit, direction=direction)
        for place, visit in enumerate(visits)
        for direction, scan in ((Direction.IN, visit.comes), (Direction.OUT, visit.leaves))
        if scan is not None
    ]
    return sorted(steps, key=lambda step: step.at)


def _sweeps(visits: Sequence[Visit]) -> list[Step]:
    """After each activity that somebody forgets to leave; oftener it would find nothing."""
    ends = {visit.venue.ends for visit in visits if visit.leaves is None}
    return [Step(at=end + CLOSES) for end in sorted(ends)]


def _take(session: Session, town: Town, step: Step, *, refused: Refused) -> None:
    if step.visit is None:
        closing.close_forgotten(session, zone=CIVIL_ZONE, now=step.at, limit=A_BATCH)
        return
    try:
        with attempt(session):
            if step.visit.way is Way.CODE:
                _scan(session, town, step, visit=step.visit)
            else:
                _assist(session, town, step, visit=step.visit)
    except DomainError as refusal:
        if step.direction is Direction.IN:
            refused[step.place] = refusal.code


def _scan(session: Session, town: Town, step: Step, *, visit: Visit) -> None:
    scan = visit.comes if step.direction is Direction.IN else visit.leaves
    assert scan is not None  # there is a step for it
    arrival = _arrival(town, visit, scan, direction=step.direction)
    try:
        if step.direction is Direction.IN:
            coming.check_in(session, arrival)
        else:
            leaving.check_out(session, arrival)
    except DomainError as refusal:
        reading.log_refusal(session, arrival, refusal, direction=step.direction)
        raise


def _arrival(town: Town, visit: Visit, scan: Scan, *, direction: Direction) -> Arrival:
    one = town.script.people[visit.who]
    activity_id = town.venues[visit.venue.number]
    code, _until = codes.issue(
        edges.keyring(),
        tenant_id=town.tenant_id,
        activity_id=activity_id,
        direction=direction,
        now=scan.read,
    )
    device = hashlib.sha256(f"{visit.phone}".encode()).digest()
    me = principal(town, town.people[visit.who], town.communities[one.community], device=device)
    return Arrival(
        me=me,
        activity_id=activity_id,
        code=code,
        location=scan.location,
        device_time=scan.claims,
        keyring=edges.keyring(),
        vault=edges.vault(),
        now=scan.arrives,
    )


def _assist(session: Session, town: Town, step: Step, *, visit: Visit) -> None:
    aid = Aid(
        me=town.leaders[visit.venue.community],
        activity_id=town.venues[visit.venue.number],
        card_no=card_no(visit.who) if visit.way is Way.CARD else "",
        person_id=_by_name(town, visit),
        reason=REASON if visit.way is Way.STAFF else "",
        vault=edges.vault(),
        now=step.at,
    )
    deed = assisting.check_in if step.direction is Direction.IN else assisting.check_out
    deed(session, aid)


def _by_name(town: Town, visit: Visit) -> UUID | None:
    return town.people[visit.who] if visit.way is Way.STAFF else None


def _end(town: Town, visits: Sequence[Visit]) -> None:
    """Close what was forgotten, and let count what nobody has objected to."""
    ended = max(visit.venue.ends for visit in visits) + CLOSES
    for now, step in (
        (ended, closing.close_forgotten),
        (ended + AFTERWARDS, closing.count_unconfirmed),
    ):
        while True:
            with transaction(town.tenant_id) as session:
                if not step(session, zone=CIVIL_ZONE, now=now, limit=A_BATCH):
                    break
