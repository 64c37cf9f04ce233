"""Honest people: phones that drift, arrive late, are shared; cards, and days with two activities.

Nothing here knows what the rules look at.
"""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from app.activities.ways import Way
from app.rehearsal.script import (
    COMMUNITIES,
    MINUTE,
    SECOND,
    WEEKS,
    Kind,
    Point,
    Scan,
    Script,
    Venue,
    Visit,
    Volunteer,
    centre,
    drawn,
)

A_PERSON, A_VENUE = 3.2, 20  # attendances in the month, on average
FEWEST_VENUES = 20
OPENS = timedelta(minutes=28)
AFTERWARDS = timedelta(minutes=13)  # until it closes by itself
BUS_KM_H, CAR_KM_H = 15.0, 30.0
LENGTHS = (60, 90, 120, 120, 150, 180, 240)
BY_DAY = ("environment",) * 4 + (
    "aid_vulnerable",
    "culture",
    "policy_outreach",
    "convenience",
    "health",
)
RAYLEIGH = 1.51  # a phone's accuracy is where two of three of its errors are within


def settle(script: Script, attendances: int) -> None:
    """Who lives there: most with a phone, some two on one, a few three, elders without."""
    rng = drawn(script.seed, "people")
    wanted, phone = max(40, round(attendances / A_PERSON)), 0
    while len(script.people) < wanted:
        community, kind = rng.randrange(COMMUNITIES), rng.random()
        home, first = centre(community).near(rng, 1.2), len(script.people)
        size = 1 if kind > 0.05 else 2 if kind > 0.001 else 3
        together = tuple(range(first, first + size)) if size > 1 else ()
        without = size == 1 and rng.random() < 0.08
        phone += 1
        for _ in range(size):
            person = Volunteer(
                community=community,
                home=home,
                phone=None if without else phone,
                carded=rng.random() < (0.9 if without else 0.6),
                tells_where=rng.random() < 0.6,
                enrols=rng.random() < 0.7,
                together=together,
            )
            script.add_person(person)


def announce(script: Script, attendances: int) -> None:
    """What takes place in four weeks: by day mostly, some in the evening, a few at dawn."""
    rng = drawn(script.seed, f"venues:{len(script.venues)}")
    for _ in range(max(FEWEST_VENUES, round(attendances / A_VENUE))):
        community = rng.randrange(COMMUNITIES)
        hour = rng.choices((5, 8, 9, 14, 15, 19, 22), (0.05, 2, 3, 2, 2, 1, 0.2))[0]
        starts = script.begins + timedelta(
            days=rng.choice([*range(7 * WEEKS), *(7 * week + 5 for week in range(WEEKS))]),
            hours=hour,
            minutes=rng.choice((0, 0, 30)),
        )
        venue = Venue(
            community=community,
            category="safety_patrol" if hour == 22 else rng.choice(BY_DAY),
            starts=starts,
            ends=starts + rng.choice(LENGTHS) * MINUTE,
            spot=centre(community).near(rng, 1.0),
            mapped=rng.random() < 0.9,
            in_basement=rng.random() < 0.02,
        )
        script.add_venue(venue)


def attend(script: Script, attendances: int) -> None:
    """Fill the venues until there are so many attendances; where they are full, there are more."""
    rng, done = drawn(script.seed, "visits"), 0
    venues, homes = list(script.venues), _by_community(script)
    while done < attendances:
        before = done
        rng.shuffle(venues)
        for venue in venues:
            near = homes[venue.community]
            if rng.random() < 0.05:  # for the elders
                near = [one for one in near if one.phone is None] or near
            wanted = min(attendances - done, rng.randint(4, 30))
            people = _invited(script, near, rng, number=wanted)
            done += _fill(script, venue, people, rng=rng, most=attendances - done)
        if done == before:
            announce(script, attendances)
            venues = list(script.venues)


def _by_community(script: Script) -> list[list[Volunteer]]:
    homes: list[list[Volunteer]] = [[] for _ in range(COMMUNITIES)]
    for person in script.people:
        homes[person.community].append(person)
    return homes


def _invited(script: Script, near: list[Volunteer], rng: Random, *, number: int) -> list[Volunteer]:
    """Neighbours mostly. Who shares a phone comes along mostly."""
    chosen: dict[int, Volunteer] = {}
    for _ in range(number):
        one = rng.choice(near if near and rng.random() < 0.85 else script.people)
        if one.together and rng.random() > 1 / len(one.together):
            continue  # each of them is asked, and all of them come along
        chosen[one.number] = one
        if rng.random() < 0.8:
            chosen |= {other: script.people[other] for other in one.together}
    return list(chosen.values())


def _fill(script: Script, venue: Venue, people: list[Volunteer], *, rng: Random, most: int) -> int:
    """Let whoever can come; staff receive those without a phone one after the other."""
    done, free_at, last_pair = 0, venue.starts - OPENS, dict[int, Scan]()
    for one in people:
        visit = _visit(venue, one, rng)
        if one.phone in last_pair:  # the second on the phone, a little after the first
            visit.comes = _soon_after(last_pair[one.phone], rng)
        elif one.phone is not None and one.together:
            last_pair[one.phone] = visit.comes
        if visit.way is not Way.CODE:
            came = max(visit.comes.read, free_at)
            free_at = came + timedelta(seconds=_handling(visit.way, rng))
            visit.comes = Scan(read=came, arrives=came)
        if done < most and _can_be_there(script, visit, rng):
            script.add(visit)
            done += 1
    return done


def _handling(way: Way, rng: Random) -> float:
    """Seconds to greet somebody and scan their card, or to find their name and say why."""
    return max(8.0, rng.gauss(18, 6) if way is Way.CARD else rng.gauss(40, 12))


def _soon_after(scan: Scan, rng: Random) -> Scan:
    later = rng.uniform(15, 90) * SECOND
    return Scan(read=scan.read + later, arrives=scan.arrives + later, location=scan.location,
                claims=scan.claims and scan.claims + later)  # fmt: skip


def _visit(venue: Venue, one: Volunteer, rng: Random) -> Visit:
    length = venue.ends - venue.starts
    came = venue.starts + rng.gauss(-6, 7) * MINUTE
    if rng.random() < 0.08:
        came = venue.starts + rng.uniform(0.05, 0.5) * length
    came = min(max(came, venue.starts - OPENS), venue.ends - 10 * MINUTE)
    left = venue.ends + rng.gauss(1, 5) * MINUTE
    if rng.random() < 0.09:
        left = came + rng.uniform(0.4, 0.9) * (venue.ends - came)
    left = min(max(left, came + 5 * MINUTE), venue.ends + AFTERWARDS)
    way = Way.CODE
    if one.phone is None or rng.random() < 0.01:  # an empty battery
        way = Way.CARD if one.carded and one.phone is None else Way.STAFF
    here = venue.spot.near(rng, 0.12)
    comes, leaves = (
        _scan(one, moment, rng, here=None if venue.in_basement else here) for moment in (came, left)
    )
    return Visit(
        kind=Kind.HONEST,
        venue=venue,
        who=one.number,
        comes=comes,
        leaves=None if rng.random() < 0.05 else leaves,
        phone=one.phone,
        way=way,
        enrolled=one.enrols,
    )


def _scan(one: Volunteer, moment: datetime, rng: Random, *, here: Point | None) -> Scan:
    """At once mostly; out of a basement, once there is a network again."""
    where = drifting(here, rng) if one.tells_where and here is not None else None
    if here is not None or rng.random() < 0.5:
        return Scan(read=moment, arrives=moment + rng.uniform(1, 8) * SECOND, location=where)
    late = rng.uniform(0.6, 10) * MINUTE
    claims = moment + rng.gauss(0, 15) * SECOND
    return Scan(read=moment, arrives=moment + late, location=where, claims=claims)


def drifting(here: Point, rng: Random) -> dict[str, Any]:
    """Where a phone says it is. Some are coarse, and a few say where they were before."""
    if rng.random() < 0.004:
        return here.near(rng, 1.5).as_location(rng.uniform(30, 500))
    accuracy = min(rng.lognormvariate(3.2, 0.9), 2000.0)  # some 25 m, now and then hundreds
    spread = accuracy / RAYLEIGH / 1000
    there = Point(here.north + rng.gauss(0, spread), here.east + rng.gauss(0, spread))
    return there.as_location(accuracy)


def _can_be_there(script: Script, visit: Visit, rng: Random) -> bool:
    """Not while they are somewhere else, and only as fast as the bus, or now and then a car.

    Staff know the people of their own community, and receive nobody else.
    """
    if visit.way is not Way.CODE and script.people[visit.who].community != visit.venue.community:
        return False
    speed = CAR_KM_H if rng.random() < 0.1 else BUS_KM_H
    for other in script.busy[visit.who]:
        if other.venue is visit.venue:
            return False
        one, two = sorted((visit, other), key=lambda each: each.comes.read)
        way = timedelta(hours=one.venue.spot.km_to(two.venue.spot) / speed)
        gone = one.leaves.read if one.leaves else one.venue.ends
        if two.comes.read < gone + way + 2 * MINUTE:
            return False
    return True
