"""What a rehearsal is made of: people, phones, venues, and who comes to which of them when."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from math import cos, radians
from random import Random
from typing import Any

from app.activities.ways import Way

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
WEEKS = 4
FIRST_PHONE = 1_000_000  # of the phones that fraud is committed with
COMMUNITIES = 10
MIDDLE = (23.33, 112.69)  # of the made-up city
ACROSS_KM = 14
KM_A_DEGREE = 111.2


class Kind(StrEnum):
    """Whose attendance it is: honest, of one of five kinds of fraud, or of nobody who counts."""

    HONEST = "honest"
    MANY_ACCOUNTS = "many_accounts"  # one phone comes for many
    RELAYED = "relayed"  # the code is sent to people who are somewhere else
    TWO_PLACES = "two_places"  # one account at two places, or too soon at the second
    GHOSTS = "ghosts"  # an organiser checks in who is not there
    LONG_OR_NIGHT = "long_or_night"  # hours that nobody serves
    ASIDE = "aside"  # what a fraudulent person really did


FRAUDS = tuple(kind for kind in Kind if kind not in {Kind.HONEST, Kind.ASIDE})


@dataclass(frozen=True, slots=True)
class Point:
    """Kilometres to the north and east of the middle of the city."""

    north: float
    east: float

    def km_to(self, other: "Point") -> float:
        return float(((self.north - other.north) ** 2 + (self.east - other.east) ** 2) ** 0.5)

    def near(self, rng: Random, km: float) -> "Point":
        """Somewhere within a square around it."""
        return Point(self.north + rng.uniform(-km, km), self.east + rng.uniform(-km, km))

    def as_degrees(self) -> tuple[float, float]:
        lat = MIDDLE[0] + self.north / KM_A_DEGREE
        return lat, MIDDLE[1] + self.east / (KM_A_DEGREE * cos(radians(MIDDLE[0])))

    def as_location(self, accuracy_m: float) -> dict[str, Any]:
        """As a phone says it."""
        lat, lng = self.as_degrees()
        return {"lat": lat, "lng": lng, "crs": "gcj02", "accuracy_m": round(accuracy_m, 1)}


@dataclass(slots=True, kw_only=True)
class Volunteer:
    """Somebody with an account; without a phone they are checked in by staff."""

    community: int
    home: Point
    phone: int | None
    carded: bool = True
    tells_where: bool = True
    enrols: bool = True
    together: tuple[int, ...] = ()  # who share the phone, and come along
    number: int = -1  # in the script

    @property
    def is_resident(self) -> bool:
        """Whether it is more than an account."""
        return self.phone is None or self.phone < FIRST_PHONE


@dataclass(slots=True, kw_only=True)
class Venue:
    """An activity."""

    community: int
    category: str
    starts: datetime
    ends: datetime
    spot: Point
    mapped: bool = True  # whether anybody has said where it is
    in_basement: bool = False
    number: int = -1  # in the script


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """A code that was read at a moment and arrives at the service at another."""

    read: datetime
    arrives: datetime
    location: dict[str, Any] | None = None
    claims: datetime | None = None  # when the phone says that it read it


@dataclass(slots=True, kw_only=True)
class Visit:
    """One attendance as it is meant."""

    kind: Kind
    venue: Venue
    who: int
    comes: Scan
    leaves: Scan | None  # None: forgets to
    phone: int | None = None
    way: Way = Way.CODE
    enrolled: bool = False


@dataclass(slots=True, kw_only=True)
class Script:
    """A whole month."""

    seed: int
    begins: datetime  # a Monday's midnight
    people: list[Volunteer] = field(default_factory=list)
    venues: list[Venue] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    busy: dict[int, list[Visit]] = field(default_factory=lambda: defaultdict(list))

    def add(self, visit: Visit) -> None:
        self.visits.append(visit)
        self.busy[visit.who].append(visit)

    def add_person(self, person: Volunteer) -> Volunteer:
        person.number = len(self.people)
        self.people.append(person)
        return person

    def add_venue(self, venue: Venue) -> Venue:
        venue.number = len(self.venues)
        self.venues.append(venue)
        return venue

    def of_kind(self, kind: Kind) -> Iterator[Visit]:
        return (visit for visit in self.visits if visit.kind is kind)


def drawn(seed: int, what: str) -> Random:
    """Chance for one part of a script: the same seed is the same chance."""
    return Random(f"{seed}:{what}")  # noqa: S311 - a made-up month, not a secret


def centre(community: int) -> Point:
    """The middle of a community: they stand in two rows across the city."""
    columns = COMMUNITIES // 2
    row, column = divmod(community, columns)
    step = ACROSS_KM / (columns - 1)
    return Point((row - 0.5) * ACROSS_KM / 2, column * step - ACROSS_KM / 2)
