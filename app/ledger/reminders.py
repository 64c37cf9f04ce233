"""Telling people a month ahead that points of theirs lapse: once for each last day."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import islice
from uuid import UUID

from sqlalchemy.orm import Session

from app.ledger import labels
from app.notices import services as notices
from app.notices.services import Telling

AHEAD = timedelta(days=30)
MADE_UP_FOR = 7  # nights: whoever was not told in time is told then
AT_ONCE = 200


def last_days(on: date) -> list[date]:
    """The days whose points are told of on a day, the nearest first."""
    return [on + AHEAD - timedelta(days=late) for late in reversed(range(MADE_UP_FOR))]


def batches(ending: dict[UUID, int]) -> Iterable[list[tuple[UUID, int]]]:
    """Some people at a time, so that each transaction stays short."""
    people = iter(ending.items())
    while some := list(islice(people, AT_ONCE)):
        yield some


def remind(
    session: Session, ending: list[tuple[UUID, int]], *, last_day: date, now: datetime
) -> int:
    """Tell these people what lapses after that day; how many had not been told before."""
    day = f"{last_day.year}年{last_day.month}月{last_day.day}日"
    told = [
        notices.notify(
            session,
            Telling(
                person_id=person_id,
                template="points_expiring",
                about=f"points_expiring:{last_day}",
                words={"points": str(amount), "day": day, "advice": labels.USE_IT},
                path="/me#expiring",
            ),
            now=now,
        )
        for person_id, amount in ending
    ]
    return sum(told)
