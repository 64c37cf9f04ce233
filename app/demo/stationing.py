"""The stations of the small demo city at work: rooms, turns, and visitors who sign nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import CIVIL_ZONE, civil_day, midnight
from app.core.ids import new_id
from app.core.many import add_all
from app.demo import town
from app.identity import queries as identity
from app.identity.models import Person
from app.identity.roles import Principal
from app.stations import booking, editing, issuing, turns
from app.stations.booking import Furnished, Wish
from app.stations.hours import Exceptional, Span, Spans, read_spans
from app.stations.kinds import TurnState, Visitor
from app.stations.models import RoomBooking, Station, StationTally
from app.stations.turns import Plan

AS_WHOM = (Visitor.RIDER, Visitor.RIDER, Visitor.RIDER, Visitor.DRIVER, Visitor.RESIDENT)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """Who lives here, who keeps the stations, which there are, and what day it is."""

    cast: Sequence[Person]
    keeper: Principal
    stations: Mapping[str, Station]
    now: datetime

    def person(self, number: int) -> Principal:
        row = self.cast[number - 1]
        return Principal(
            tenant_id=self.keeper.tenant_id,
            zone=CIVIL_ZONE,
            session_id=new_id(),
            person_id=row.id,
            community_id=row.community_id,
            display_name=row.display_name,
            staff=False,
            grants=(),
        )

    def day(self, ahead: int) -> date:
        return civil_day(self.now) + ahead * DAY


def settle(
    session: Session, document: dict[str, Any], *, cast: Sequence[Person], now: datetime
) -> None:
    """Let people book rooms and take turns, and strangers come."""
    credential = identity.get_credential(session, "secretary")
    keeper = identity.get_person(session, credential.person_id) if credential else None
    assert keeper is not None  # the city's staff has just moved in
    around = Around(
        cast=cast,
        keeper=town.principal(session, keeper, on=now),
        stations={one.name: one for one in session.scalars(sa.select(Station))},
        now=now,
    )
    plan = document["stationing"]
    _furnish(session, plan, around)
    _take_turns(session, plan, around)
    _look_after_walls(session, plan, around)
    add_all(session, _guests(document, around))


def _furnish(session: Session, plan: dict[str, Any], around: Around) -> None:
    rooms: dict[str, UUID] = {}
    for room in plan["rooms"]:
        furnished = Furnished(**{key: room[key] for key in ("name", "capacity", "equipment")})
        station_id = around.stations[room["station"]].id
        made = booking.add_room(session, furnished, me=around.keeper, station_id=station_id)
        rooms[room["name"]] = made.id
    for one in plan["bookings"]:
        _book(session, one, around, room_id=rooms[one["room"]])
    cancelled = plan["cancelled"]
    row = _book(session, cancelled, around, room_id=rooms[cancelled["room"]])
    booking.cancel_for_station(
        session,
        me=around.keeper,
        booking_id=row.id,
        reason=cancelled["reason"],
        now=around.now,
    )


def _book(session: Session, one: dict[str, Any], around: Around, *, room_id: UUID) -> RoomBooking:
    wish = Wish(
        room_id=room_id,
        day=_working(around.day(one["in_days"])),
        span=_only(read_spans(one["span"])),
        people=one["people"],
        purpose=one["purpose"],
    )
    return booking.book(session, wish, me=around.person(one["who"]), now=around.now)


def _take_turns(session: Session, plan: dict[str, Any], around: Around) -> None:
    taken: dict[int, UUID] = {}
    for one in plan["shifts"]:
        planned = turns.plan_shifts(
            session,
            Plan(
                day=around.day(one["in_days"]),
                span=_only(read_spans(one["span"])),
                wanted=one["wanted"],
                task=one["task"],
                weeks=one["weeks"],
            ),
            me=around.keeper,
            station_id=around.stations[one["station"]].id,
            now=around.now,
        )
        for who in one["who"]:
            turns.take(session, me=around.person(who), shift_id=planned[0].id, now=around.now)
            taken[who] = planned[0].id
    for key, to in (("swapping", TurnState.OFFERED), ("leaving", TurnState.ON_LEAVE)):
        who, reason = plan[key]["who"], plan[key]["reason"]
        me, shift_id = around.person(who), taken[who]
        turns.let_go(session, me=me, shift_id=shift_id, to=to, reason=reason, now=around.now)


def _look_after_walls(session: Session, plan: dict[str, Any], around: Around) -> None:
    """A poster was replaced, and a station is shut for a day."""
    replaced, different = plan["replaced"], plan["different"]
    issuing.replace_code(
        session,
        me=around.keeper,
        station_id=around.stations[replaced["station"]].id,
        reason=replaced["reason"],
        now=around.now,
    )
    away = Exceptional(day=around.day(different["in_days"]), reason=different["reason"])
    station_id = around.stations[different["station"]].id
    editing.set_exception(session, away, me=around.keeper, station_id=station_id, now=around.now)


def _guests(document: dict[str, Any], around: Around) -> list[StationTally]:
    """Those who signed nothing, day by day; what they came for is what the station has."""
    rng = Random("guests of the small city")  # noqa: S311 - to look at, not a secret
    plan, found = document["stationing"]["guests"], []
    for station in around.stations.values():
        for ago in range(plan["days"] + 1):
            day = around.day(-ago)
            for _ in range(rng.randint(0, plan["most_a_day"])):
                minute = rng.choice((rng.randint(480, 1200), rng.randint(690, 810)))
                at = midnight(day) + timedelta(minutes=minute)
                if at > around.now:
                    continue
                found.append(
                    StationTally(
                        id=new_id(),
                        station_id=station.id,
                        day=day,
                        at=at,
                        service=rng.choice(station.services),
                        visitor=rng.choice(AS_WHOM),
                        people=1,
                        counted=True,
                    )
                )
    return found


def _working(day: date) -> date:
    """The day itself, or the Monday after a weekend: then every room can be had."""
    return day + max(0, 7 - day.weekday()) * DAY if day.weekday() >= 5 else day


def _only(spans: Spans) -> Span:
    return spans[0]
