"""A week in the big demo city: people give time, drop in at stations, and fetch goods."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.activities import facts
from app.activities.arrival_models import Attendance
from app.activities.models import Activity, Enrolment
from app.activities.ways import Way
from app.core.clock import CIVIL_ZONE, civil_day
from app.core.ids import new_id
from app.core.keys import Keyring
from app.core.many import add_all
from app.demo import today, trade
from app.demo.town import Town
from app.identity.models import Person
from app.ledger import services as ledger
from app.stations import services as stations
from app.stations.kinds import visitor_of
from app.stations.models import Station, StationVisit
from points_engine import Fact

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
SATURDAY, DAYS = 5, 7
SOON_GONE, EARLY = 0.04, 0.16  # who leaves before it counts, and who leaves before the end
NEXT_DOOR = 0.8  # how many visits are to a station of the visitor's own community
OPENS, CLOSES = 8 * 60, 19 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """An activity, and who means to come."""

    activity: Activity
    people: list[Person]


def live(
    session: Session, document: dict[str, Any], town: Town, *, number: int, keyring: Keyring
) -> None:
    """Let a week happen, and settle it at its end, as if it had been settled then."""
    rng, starts = _draw(document, number), town.starts(number)
    ends = town.starts(number + 1)
    today.restock(session, document, now=starts)
    trade.open_counters(session, document, town, rng=rng, starts=starts, keyring=keyring)
    planned = list(_programme(document, town, rng, starts=starts))
    visits = _visits(document, town, rng, starts=starts)
    attendances = [(one, _attend(rng, one, who)) for one in planned for who in one.people]
    add_all(session, [one.activity for one in planned])
    add_all(session, [attendance for _, attendance in attendances])
    add_all(session, [visit for visit, _ in visits])
    facts = [
        *(_attended(attendance, one.activity) for one, attendance in attendances),
        *(_visited(visit, station) for visit, station in visits),
    ]
    ledger.report_many(session, sorted(facts, key=lambda fact: fact.order))
    for community_id in town.communities:
        while ledger.settle(session, community_id=community_id, now=ends).claimed == ledger.BATCH:
            pass


def announce(
    session: Session, document: dict[str, Any], town: Town, *, number: int, now: datetime
) -> None:
    """Publish what a week to come has in it; some have put their names down."""
    rng = _draw(document, number)
    planned = [
        one
        for one in _programme(document, town, rng, starts=town.starts(number))
        if one.activity.starts_at > now
    ]
    add_all(session, [one.activity for one in planned])
    enrolments = [
        Enrolment(activity_id=one.activity.id, person_id=who.id, state="confirmed", enrolled_at=now)
        for one in planned
        for who in one.people[::2]
    ]
    add_all(session, enrolments)


def _draw(document: dict[str, Any], number: int) -> Random:
    return Random(f"{document['seed']}:week {number}")  # noqa: S311 - to look at, not a secret


def _programme(
    document: dict[str, Any], town: Town, rng: Random, *, starts: datetime
) -> Iterator[Planned]:
    """The week's activities: no community has two on one day."""
    communities = list(town.communities)
    saturday = starts + SATURDAY * DAY
    if saturday.day <= DAYS:  # the first of the month: everybody's day of service
        for community_id in communities:
            kind = document["service_day"]
            yield _plan(town, rng, kind, day=saturday, community_id=community_id)
    days = [day for day in range(DAYS) if day != SATURDAY]
    turns = [(community_id, day) for community_id in town.communities for day in days]
    for community_id, day in rng.sample(turns, k=min(document["activities"], len(turns))):
        kind = rng.choice(document["kinds_of_activity"])
        yield _plan(town, rng, kind, day=starts + day * DAY, community_id=community_id)


def _plan(
    town: Town, rng: Random, kind: Mapping[str, Any], *, day: datetime, community_id: UUID
) -> Planned:
    here = town.communities[community_id].removesuffix("社区")
    starts = day.replace(hour=rng.choice(kind["from_hours"]))
    least, most = kind["size"]
    coming = rng.choices(town.people[community_id], k=rng.randint(least, most))
    activity = Activity(
        id=new_id(),
        community_id=community_id,
        title=kind["title"],
        category=kind["category"],
        place=here + kind["place"],
        starts_at=starts,
        ends_at=starts + timedelta(hours=kind["hours"]),
        capacity=most,
        state="published",
        published_at=starts - today.AHEAD,
    )
    return Planned(activity=activity, people=list(dict.fromkeys(coming)))


def _attend(rng: Random, planned: Planned, who: Person) -> Attendance:
    """Most are there from the beginning to the end; a few are not there long enough."""
    activity, luck = planned.activity, rng.random()
    came = activity.starts_at + rng.randint(-10, 6) * MINUTE
    left = activity.ends_at + rng.randint(0, 12) * MINUTE
    if luck < SOON_GONE:
        left = activity.starts_at + rng.randint(10, 28) * MINUTE
    elif luck < EARLY:
        left = activity.ends_at - rng.randint(10, 25) * MINUTE
    attendance = Attendance(
        id=new_id(),
        activity_id=activity.id,
        person_id=who.id,
        state="checked_out",
        checked_in_at=came,
        location_in=rng.choice(["given", "none"]),
        checked_out_at=left,
        way_in=Way.CODE.value,
        way_out=Way.CODE.value,
    )
    attendance.minutes = facts.minutes_given(activity, attendance, until=left)
    return attendance


def _attended(attendance: Attendance, activity: Activity) -> Fact:
    left = attendance.checked_out_at
    assert left is not None  # all of them went home
    return facts.fact_of(attendance, activity, zone=CIVIL_ZONE, received_at=left)


def _visits(
    document: dict[str, Any], town: Town, rng: Random, *, starts: datetime
) -> list[tuple[StationVisit, Station]]:
    """Visits of the week, one a person, station and day."""
    near: dict[UUID, list[Station]] = {community_id: [] for community_id in town.communities}
    for station in town.stations:
        near[station.community_id].append(station)
    crowd = [who for people in town.people.values() for who in people]
    found: dict[tuple[UUID, UUID, date], tuple[StationVisit, Station]] = {}
    for who in rng.choices(crowd, k=document["visits"]):
        here = near[who.community_id] if rng.random() < NEXT_DOOR else []
        station = rng.choice(here or town.stations)
        minute = rng.randint(OPENS, CLOSES)
        at = starts + rng.randrange(DAYS) * DAY + minute * MINUTE
        visit = StationVisit(
            id=new_id(),
            station_id=station.id,
            person_id=who.id,
            day=civil_day(at),
            service=rng.choice(station.services),
            visitor=visitor_of(who.kinds),
            at=at,
            state="accepted",
        )
        found.setdefault((who.id, station.id, visit.day), (visit, station))
    return list(found.values())


def _visited(visit: StationVisit, station: Station) -> Fact:
    return stations.fact_of(visit, station, location=None, now=visit.at)
