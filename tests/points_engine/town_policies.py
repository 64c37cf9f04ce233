"""Policies of a small town whose caps bind soon: one of every kind of rule, cap and window."""

from dataclasses import replace
from datetime import date

from points_engine import (
    Cap,
    Circumstance,
    Earners,
    Expiry,
    ExpiryKind,
    FactKind,
    Factors,
    Flat,
    Holder,
    Policy,
    Presence,
    Rate,
    Rule,
    Unit,
    Value,
    Window,
)
from tests.points_engine.poison import Broken

LEADER, NIGHT = Circumstance.LEADER, Circumstance.NIGHT


def _caps(times: int) -> dict[str, Cap]:
    caps = [
        Cap(id="visits.day", limit=4 * times, window=Window.DAY),
        Cap(id="home.week", limit=15 * times, window=Window.WEEK, holder=Holder.HOUSEHOLD),
        Cap(id="points.activity", limit=20 * times, window=Window.ACTIVITY),
        Cap(id="points.day", limit=30 * times, window=Window.DAY),
        Cap(id="home.month", limit=70 * times, window=Window.MONTH, holder=Holder.HOUSEHOLD),
        Cap(id="points.quarter", limit=90 * times, window=Window.QUARTER),
        Cap(id="minutes.week", limit=500 * times, window=Window.WEEK),
        Cap(id="merits.month", limit=12 * times, window=Window.MONTH, holder=Holder.HOUSEHOLD),
        Cap(id="gifts.year", limit=25 * times, window=Window.YEAR),
        Cap(id="duties.day", limit=7 * times, window=Window.DAY),
    ]
    return {cap.id: cap for cap in caps}


def _rules(times: int) -> tuple[Rule, ...]:
    caps = _caps(times)

    def under(*names: str) -> tuple[Cap, ...]:
        return tuple(caps[name] for name in names)

    points = under("points.activity", "points.day", "home.month", "points.quarter")
    shared = under("points.day", "home.month", "points.quarter")
    return (
        Rule(
            id="visit", kind=FactKind.STATION_VISIT, unit=Unit.POINTS,
            worth=Rate(amount=2), caps=under("visits.day", "home.week"),
        ),
        Rule(
            id="time", kind=FactKind.ATTENDANCE, unit=Unit.MINUTES,
            worth=Rate(amount=1, minimum=5), caps=under("minutes.week"),
        ),
        Rule(
            id="score", kind=FactKind.ATTENDANCE, unit=Unit.SCORE,
            worth=Rate(amount=5, per=30), presence=True, multipliers=(LEADER, NIGHT),
        ),
        Rule(
            id="points", kind=FactKind.ATTENDANCE, unit=Unit.POINTS,
            worth=Rate(amount=5, per=30), cap=40, caps=points, multipliers=(LEADER,),
        ),
        Rule(
            id="health", kind=FactKind.ATTENDANCE, category="health", unit=Unit.POINTS,
            worth=Rate(amount=15, per=60), cap=60, caps=shared,
            evidence=(("photo", "op"), ("ben",)),
        ),
        Rule(
            id="deed", kind=FactKind.DEED, unit=Unit.POINTS, worth=Flat(amount=9), caps=shared,
            earners=Earners(never=frozenset({"steward"})), multipliers=(LEADER, NIGHT),
        ),
        Rule(
            id="advice", kind=FactKind.DEED, category="advice", unit=Unit.POINTS,
            worth=Flat(amount=3), pay_when=Circumstance.ACCEPTED,
        ),
        Rule(
            id="gift", kind=FactKind.DONATION, unit=Unit.POINTS,
            worth=Value(amount=1, per=1000), caps=under("gifts.year"),
        ),
        Rule(
            id="merit", kind=FactKind.HOUSEHOLD, unit=Unit.HOUSEHOLD,
            worth=Flat(amount=5), caps=under("merits.month"),
        ),
        Rule(
            id="duty", kind=FactKind.WORK, unit=Unit.WORK,
            worth=Flat(amount=3), caps=under("duties.day"),
        ),
        Rule(
            id="overdue", kind=FactKind.WORK, category="overdue", unit=Unit.WORK,
            worth=Flat(amount=-2), caps=under("duties.day"),
        ),
    )  # fmt: skip


FIRST = Policy(
    version="first",
    in_force_from=date(2026, 1, 1),
    rules=_rules(1),
    factors=Factors(multipliers={LEADER: 120, NIGHT: 150}, max_combined=160),
    presence=Presence(min_ratio=60, late_grace=15),
    expiry=Expiry(kind=ExpiryKind.ROLLING_MONTHS, months=1),
)
# Each begins within a window of the one before: caps are raised and lowered while they are in use.
LATER = [
    replace(FIRST, version="raised", in_force_from=date(2026, 3, 4), rules=_rules(3)),
    replace(
        FIRST,
        version="lowered",
        in_force_from=date(2026, 3, 20),
        expiry=Expiry(kind=ExpiryKind.NATURAL_YEAR),
    ),
    replace(FIRST, version="raised", in_force_from=date(2026, 3, 4)),  # in other words
    replace(FIRST, version="same day", in_force_from=date(2026, 3, 4)),
    replace(
        FIRST,
        version="for good",
        in_force_from=date(2026, 4, 15),
        rules=_rules(2),
        expiry=Expiry(kind=ExpiryKind.NONE),
    ),
]


def poisoned(policy: Policy) -> Policy:
    """The same policy, but that one category cannot be judged by it."""
    broken = Rule(
        id="broken",
        kind=FactKind.ATTENDANCE,
        category="poison",
        unit=Unit.POINTS,
        worth=Broken(amount=1),
    )
    return replace(policy, rules=(broken, *policy.rules))
