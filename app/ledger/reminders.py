"""By night, people are told what their day brought, and a month ahead what lapses: once each."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import islice
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import clock
from app.core.telling import Telling, notify_many
from app.ledger import labels
from points_engine import Unit

AHEAD = timedelta(days=30)
MADE_UP_FOR = 7  # nights: whoever was not told in time is told then
AT_ONCE = 200

T = TypeVar("T")


def last_days(on: date) -> list[date]:
    """The days whose points are told of on a day, the nearest first."""
    return [on + AHEAD - timedelta(days=late) for late in reversed(range(MADE_UP_FOR))]


def days_to_tell(on: date, *, told: date | None) -> list[date]:
    """The days up to yesterday that no night has told of; a long pause is not made up for."""
    oldest = on - timedelta(days=MADE_UP_FOR)
    first = oldest if told is None else max(told, oldest)
    return [first + timedelta(days=one) for one in range((on - first).days)]


def tell_earned(
    session: Session, earned: list[tuple[UUID, dict[Unit, int]]], *, day: date, now: datetime
) -> int:
    """Tell these people what a day brought them: one message, however busy the day was."""
    tellings = [
        Telling(
            person_id=person_id,
            template="points_settled",
            about=f"points_settled:{day}",
            words={"day": clock.day_text(day), **_amounts(amounts)},
            path="/passbook",
            from_=clock.by_day(now),
        )
        for person_id, amounts in earned
    ]
    return notify_many(session, tellings, now=now)


def _amounts(earned: dict[Unit, int]) -> dict[str, str]:
    """What was earned, in words and, for who counts with it, in points alone."""
    told = [
        f"{labels.UNITS[unit]} {labels.amount_text(earned[unit], unit)}"
        for unit in labels.UNITS
        if unit in earned
    ]
    return {"amounts": "，".join(told), "points": str(earned.get(Unit.POINTS, 0))}


def batches(people: Mapping[UUID, T]) -> Iterator[list[tuple[UUID, T]]]:
    """Some people at a time, so that each transaction stays short."""
    rest = iter(people.items())
    while some := list(islice(rest, AT_ONCE)):
        yield some


def remind(
    session: Session, ending: list[tuple[UUID, int]], *, last_day: date, now: datetime
) -> int:
    """Tell these people what lapses after that day; how many had not been told before."""
    day = clock.day_text(last_day)
    tellings = [
        Telling(
            person_id=person_id,
            template="points_expiring",
            about=f"points_expiring:{last_day}",
            words={"points": str(amount), "day": day, "advice": labels.USE_IT},
            path="/me#expiring",
            from_=clock.by_day(now),
        )
        for person_id, amount in ending
    ]
    return notify_many(session, tellings, now=now)
