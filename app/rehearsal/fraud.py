"""Five kinds of fraud, as they are done: for other people's points, for figures, for hours.

Nothing here knows what the rules look at, and some of each kind is meant to slip through.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from app.activities.ways import Way
from app.rehearsal.honest import drifting
from app.rehearsal.script import (
    COMMUNITIES,
    FIRST_PHONE,
    MINUTE,
    SECOND,
    WEEKS,
    Kind,
    Scan,
    Script,
    Venue,
    Visit,
    Volunteer,
    centre,
    drawn,
)

FAR_KM, FARTHEST_KM = 1.5, 12.0
FASTEST_KM_H = 60.0  # from door to door in a city: what is faster, nobody does
FEWEST_GHOSTS, SMALLEST_GANG = 15, 5
MOST_TRIES = 200  # at finding two activities that fit
DENIED = 0.05  # of those who are far away, who say nothing of where they are


def add(script: Script, each: int) -> None:
    """Add so many fraudulent attendances of each kind, among the honest ones."""
    kinds: dict[Kind, Callable[[Script, Random, int], int]] = {
        Kind.MANY_ACCOUNTS: _gang,
        Kind.RELAYED: _relayed,
        Kind.TWO_PLACES: _two_places,
        Kind.GHOSTS: _ghosts,
        Kind.LONG_OR_NIGHT: _long_or_night,
    }
    for kind, some in kinds.items():
        rng, left = drawn(script.seed, kind), each
        while left > 0:
            left -= some(script, rng, left)


def _account(script: Script, rng: Random, *, community: int | None = None) -> Volunteer:
    """An account with a phone of its own; whoever stands behind it."""
    where = rng.randrange(COMMUNITIES) if community is None else community
    account = Volunteer(
        community=where,
        home=centre(where).near(rng, 1.2),
        phone=FIRST_PHONE + len(script.people),
        carded=False,
        enrols=rng.random() < 0.5,
    )
    return script.add_person(account)


def _by_day(script: Script, rng: Random) -> Venue:
    """An activity of honest people."""
    while True:
        venue = rng.choice([one for one in script.venues if one.mapped])
        if 7 <= (venue.starts - script.begins).seconds // 3600 <= 20:
            return venue


def _live(moment: datetime, rng: Random, *, location: dict[str, Any] | None = None) -> Scan:
    return Scan(read=moment, arrives=moment + rng.uniform(2, 8) * SECOND, location=location)


def _gang(script: Script, rng: Random, most: int) -> int:
    """Somebody who is there comes with the accounts of five or more, one after the other."""
    venue, number = _by_day(script, rng), min(most, rng.randint(SMALLEST_GANG, 25))
    number = most if most - number < SMALLEST_GANG else number
    phone, tells = FIRST_PHONE + len(script.people), rng.random() < 0.5
    came = venue.starts + rng.uniform(-10, 10) * MINUTE
    left = venue.ends - rng.uniform(0, 8) * MINUTE
    for _ in range(number):
        one = _account(script, rng, community=venue.community)
        came += rng.uniform(15, 60) * SECOND
        left += rng.uniform(12, 40) * SECOND
        here = venue.spot.near(rng, 0.1)
        comes, leaves = (
            _live(moment, rng, location=drifting(here, rng) if tells else None)
            for moment in (came, left)
        )
        script.add(
            Visit(kind=Kind.MANY_ACCOUNTS, venue=venue, who=one.number, comes=comes,
                  leaves=leaves, phone=phone, enrolled=one.enrols)
        )  # fmt: skip
    return number


def _relayed(script: Script, rng: Random, _most: int) -> int:
    """Somebody there sends the code on: at once, or as a picture that is used later."""
    venue = _by_day(script, rng)
    one = _account(script, rng)
    while not FAR_KM <= one.home.km_to(venue.spot) <= FARTHEST_KM:
        one.home = centre(rng.randrange(COMMUNITIES)).near(rng, 1.2)
    tells, later = rng.random() >= DENIED, rng.random() < 0.25
    forges = rng.random() < 0.5
    scans = []
    for moment in (
        venue.starts + rng.uniform(-15, 20) * MINUTE,
        venue.ends - rng.uniform(0, 10) * MINUTE,
    ):
        after = rng.uniform(31, 1800) if later else rng.uniform(4, 14)
        scans.append(
            Scan(
                read=moment,
                arrives=moment + after * SECOND,
                location=drifting(one.home, rng) if tells else None,
                claims=moment + rng.gauss(0, 20) * SECOND if later and forges else None,
            )
        )
    script.add(
        Visit(kind=Kind.RELAYED, venue=venue, who=one.number, comes=scans[0], leaves=scans[1],
              phone=one.phone, enrolled=one.enrols)
    )  # fmt: skip
    return 1


def _two_places(script: Script, rng: Random, _most: int) -> int:
    """Friends come with somebody's account where its owner is not."""
    one, visits, tried = _account(script, rng), list[Visit](), 0
    while not visits:
        venue, tried = _by_day(script, rng), tried + 1
        other = _by_day(script, rng) if tried < MOST_TRIES else _beside(script, rng, venue)
        spans = (venue, other) if rng.random() < 0.5 else (other, venue)
        visits = (_overlapping if rng.random() < 0.5 else _too_soon)(one, *spans, rng=rng)
    for visit in visits:
        script.add(visit)
    return 1


def _beside(script: Script, rng: Random, venue: Venue) -> Venue:
    """Something that takes place at about the same time in another community."""
    community = (venue.community + rng.randrange(1, COMMUNITIES)) % COMMUNITIES
    starts = venue.starts + rng.uniform(-20, 20) * MINUTE
    spot = centre(community).near(rng, 1.0)
    ends = starts + (venue.ends - venue.starts)
    other = Venue(community=community, category="environment", starts=starts, ends=ends, spot=spot)
    return script.add_venue(other)


def _pair(one: Volunteer, kinds: tuple[Kind, Kind], *spans: tuple[Venue, datetime, datetime],
          rng: Random) -> list[Visit]:  # fmt: skip
    return [
        Visit(kind=kind, venue=venue, who=one.number, comes=_live(came, rng),
              leaves=_live(left, rng), phone=one.phone, enrolled=one.enrols)
        for kind, (venue, came, left) in zip(kinds, spans, strict=True)
    ]  # fmt: skip


def _overlapping(one: Volunteer, venue: Venue, other: Venue, *, rng: Random) -> list[Visit]:
    """At both at once, for half an hour at least; either may be the one that is made up."""
    since, until = max(venue.starts, other.starts), min(venue.ends, other.ends)
    if venue is other or until - since < 30 * MINUTE or venue.spot.km_to(other.spot) < 1:
        return []
    spans = [
        (each, each.starts + rng.uniform(-8, 8) * MINUTE, each.ends - rng.uniform(0, 8) * MINUTE)
        for each in (venue, other)
    ]
    return _pair(one, (Kind.ASIDE, Kind.TWO_PLACES), *spans, rng=rng)


def _too_soon(one: Volunteer, venue: Venue, other: Venue, *, rng: Random) -> list[Visit]:
    """At the second sooner than anybody gets there from the first."""
    km = venue.spot.km_to(other.spot)
    way = timedelta(hours=km / rng.uniform(FASTEST_KM_H, 400))
    earliest = max(venue.starts + 20 * MINUTE, other.starts - 25 * MINUTE - way)
    latest = min(venue.ends, other.ends - 35 * MINUTE - way)
    if venue is other or not 4 <= km <= FARTHEST_KM or earliest >= latest:
        return []
    left = earliest + rng.random() * (latest - earliest)
    came = max(left + way, left + 20 * SECOND)
    first = (venue, venue.starts + rng.uniform(-8, 8) * MINUTE, left)
    second = (other, came, max(other.ends - rng.uniform(0, 8) * MINUTE, came + 30 * MINUTE))
    return _pair(one, (Kind.ASIDE, Kind.TWO_PLACES), first, second, rng=rng)


def _ghosts(script: Script, rng: Random, most: int) -> int:
    """An organiser enters names from the register within minutes, and does so again next week."""
    community, number = rng.randrange(COMMUNITIES), min(most, rng.randint(30, 90))
    number = most if most - number < FEWEST_GHOSTS else number
    half = number if number < 2 * FEWEST_GHOSTS else -(-number // 2)
    names = _register(script, rng, community, number=half)
    first, done = rng.randrange(7 * (WEEKS - 1)), 0
    for day in (first, first + 7):
        starts = script.begins + timedelta(days=day, hours=rng.choice((9, 10, 14, 15)))
        venue = Venue(
            community=community,
            category="culture",
            starts=starts,
            ends=starts + rng.choice((90, 120, 180)) * MINUTE,
            spot=centre(community),
            mapped=False,
        )
        script.add_venue(venue)
        again = rng.sample(names, min(len(names), number - done))
        done += _enter(script, venue, again, rng=rng) if again else 0
    return done


def _register(script: Script, rng: Random, community: int, *, number: int) -> list[Volunteer]:
    """People of the community, half of whom never come to anything."""
    near = [one for one in script.people if one.community == community and one.is_resident]
    some = rng.sample(near, min(len(near), number // 2))
    while len(some) < number:
        home = centre(community).near(rng, 1.2)
        carded = rng.random() < 0.6
        name = Volunteer(community=community, home=home, phone=None, carded=carded)
        some.append(script.add_person(name))
    return some


def _enter(script: Script, venue: Venue, names: list[Volunteer], *, rng: Random) -> int:
    came = venue.starts + rng.uniform(0, 20) * MINUTE
    left = venue.ends - rng.uniform(0, 10) * MINUTE
    for one in names:
        came += rng.uniform(3, 9) * SECOND
        left += rng.uniform(2, 6) * SECOND
        scans = (Scan(read=moment, arrives=moment) for moment in (came, left))
        way = Way.CARD if one.carded and rng.random() < 0.4 else Way.STAFF
        script.add(
            Visit(kind=Kind.GHOSTS, venue=venue, who=one.number, comes=next(scans),
                  leaves=next(scans), way=way)
        )  # fmt: skip
    return len(names)


def _long_or_night(script: Script, rng: Random, most: int) -> int:
    """Hours that nobody serves, for a few accounts at a time; each on its own phone."""
    community, day = rng.randrange(COMMUNITIES), rng.randrange(7 * WEEKS - 1)
    at_night, number = rng.random() < 0.5, min(most, rng.randint(1, 6))
    hours = rng.uniform(0.4, 4.0) if at_night else rng.uniform(6.0, 8.0)
    starts = script.begins + timedelta(days=day, hours=hours)
    length = rng.choice((120, 180, 240)) if at_night else rng.randint(725, 960)
    venue = Venue(
        community=community,
        category=rng.choice(("environment", "culture", "convenience")),
        starts=starts,
        ends=starts + length * MINUTE,
        spot=centre(community).near(rng, 1.0),
    )
    script.add_venue(venue)
    for _ in range(number):
        one = _account(script, rng, community=community)
        here = venue.spot.near(rng, 0.1)
        came = starts + rng.uniform(-3, 2) * MINUTE
        left = venue.ends + rng.uniform(0, 8) * MINUTE
        visit = Visit(kind=Kind.LONG_OR_NIGHT, venue=venue, who=one.number,
                      comes=_live(came, rng, location=drifting(here, rng)),
                      leaves=_live(left, rng), phone=one.phone, enrolled=one.enrols)  # fmt: skip
        script.add(visit if rng.random() < 0.97 else replace(visit, leaves=None))
    return number
