"""What happened in the demo city before today, and what goes on in it right now."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.activities import queries as activities
from app.activities import services as attending
from app.activities.arrival_models import Attendance
from app.activities.models import Activity
from app.core.clock import CIVIL_ZONE, civil_day
from app.core.db import add, claim
from app.core.ids import new_id
from app.demo import city
from app.identity.models import Person
from app.ledger import services as ledger
from app.supermarket import queries as shelves
from app.supermarket import receiving
from app.supermarket.kinds import DeliveryKind
from app.supermarket.queries import Goods
from app.supermarket.receiving import Arrived, Intake

LOW = 20
SHIFT = timedelta(hours=24)
AHEAD = timedelta(days=7)  # how long before it begins an activity is published


def give_history(
    session: Session,
    document: dict[str, Any],
    *,
    units: Mapping[str, UUID],
    cast: Sequence[Person],
    now: datetime,
) -> None:
    """Past activities that everybody, or those who are named, attended to the end."""
    for past in document["past"]:
        starts, ended = hours_of(past, day=now - timedelta(days=past["days_ago"]))
        activity = add(
            session,
            Activity(
                **fields_of(past),
                community_id=units[past["community"]],
                starts_at=starts,
                ends_at=ended,
                capacity=200,
                state="published",
                published_at=starts - AHEAD,
            ),
        )
        who = past.get("who", range(1, len(cast) + 1))
        for person in (cast[number - 1] for number in who):
            attending.record_whole(
                session, activity=activity, person_id=person.id, zone=CIVIL_ZONE, now=ended
            )
        ledger.settle(session, community_id=activity.community_id, now=ended)


def announce(
    session: Session, document: dict[str, Any], *, units: Mapping[str, UUID], now: datetime
) -> None:
    """Activities of the coming days."""
    for coming in document["coming"]:
        starts, ends = hours_of(coming, day=now + timedelta(days=coming["days_ahead"]))
        activity = Activity(
            **fields_of(coming),
            community_id=units[coming["community"]],
            starts_at=starts,
            ends_at=ends,
            capacity=coming["capacity"],
            state="published",
            published_at=now,
        )
        add(session, activity)


def refresh(
    session: Session,
    document: dict[str, Any],
    *,
    early: Iterable[UUID],
    now: datetime,
    since: timedelta,
) -> None:
    """Fill the shelves, and see to it that an activity runs, with those who came early."""
    restock(session, document, now=now)
    _run_activity(session, document, early=early, now=now, since=since)


def restock(session: Session, document: dict[str, Any], *, now: datetime) -> None:
    """Bring in goods wherever a shelf of the city runs low."""
    day = civil_day(now)
    for shop in shelves.list_all_shops(session):
        goods = shelves.list_items(session, shop.id, on=day)
        lines = [line for one in goods if (line := _missing(document, one, day=day))]
        if lines:
            receiving.receive(
                session,
                Intake(
                    shop_id=shop.id,
                    kind=DeliveryKind.OPENING,
                    reference=f"demo:{new_id()}",
                    day=day,
                    at=now,
                    lines=lines,
                ),
            )


def _missing(document: dict[str, Any], goods: Goods, *, day: date) -> Arrived | None:
    wanted = document["scarce"].get(goods.item.name, document["stock"])
    if goods.available >= min(LOW, wanted):
        return None
    keeps = {item["sku"]: item.get("keeps_days") for item in document["items"]}
    days = keeps.get(goods.item.sku)
    return Arrived(
        item_id=goods.item.id,
        quantity=wanted - goods.available,
        best_before=day + timedelta(days=days) if days else None,
    )


def _run_activity(
    session: Session,
    document: dict[str, Any],
    *,
    early: Iterable[UUID],
    now: datetime,
    since: timedelta,
) -> None:
    running = document["running"]
    community_id = city.find_community(session, running["community"])
    on = activities.list_activities_of(
        session, [community_id], ending_after=now + SHIFT / 12, limit=1
    )
    if any(activity.starts_at <= now for activity in on):
        return
    activity = add(
        session,
        Activity(
            **fields_of(running),
            community_id=community_id,
            starts_at=now - since - timedelta(minutes=1),
            ends_at=now + SHIFT,
            capacity=running["capacity"],
            state="published",
            published_at=now - AHEAD,
        ),
    )
    for person_id in early:
        claim(
            session,
            Attendance,
            activity_id=activity.id,
            person_id=person_id,
            state="checked_in",
            checked_in_at=now - since,
        )


def hours_of(activity: dict[str, Any], *, day: datetime) -> tuple[datetime, datetime]:
    """From when to when it goes on that civil day, by the clock on the wall."""
    local = day.astimezone(ZoneInfo(CIVIL_ZONE))
    starts = local.replace(hour=activity["from_hour"], minute=0, second=0, microsecond=0)
    return starts, starts + timedelta(hours=activity["hours"])


def fields_of(activity: dict[str, Any]) -> dict[str, Any]:
    """What it is and where, and how far around that people may be."""
    where = ("lat", "lng", "radius_m")
    return {key: activity[key] for key in ("title", "category", "place", *where) if key in activity}
