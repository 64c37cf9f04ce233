"""What stations keep about a person."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import civil_day
from app.core.keeping import Keeping
from app.stations import rooms, rota
from app.stations.hours import span_text
from app.stations.models import (
    DutyShift,
    DutyTurn,
    RoomBooking,
    Station,
    StationVisit,
    VisitService,
)

EVERY = 100_000


def _visits(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    visits = (
        sa.select(StationVisit.at, Station.name, StationVisit.service)
        .join(Station, Station.id == StationVisit.station_id)
        .where(StationVisit.person_id == person_id)
    )
    more = (
        sa.select(VisitService.at, Station.name, VisitService.service)
        .join(StationVisit, StationVisit.id == VisitService.visit_id)
        .join(Station, Station.id == StationVisit.station_id)
        .where(StationVisit.person_id == person_id)
    )
    for at, station, service in session.execute(visits.union_all(more).order_by("at")):
        yield {"at": at, "station": station, "service": service}


def _bookings(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    for one in rooms.list_own(session, person_id, limit=EVERY):
        row = one.booking
        yield {
            "day": row.day,
            "hours": span_text(row.from_minute, row.to_minute),
            "place": f"{one.station.name}{one.room.name}",
            "purpose": row.purpose,
            "people": row.people,
            "state": row.state,
            "cancelled_for": row.cancelled_for,
        }


def _booked_still(session: Session, person_id: UUID, now: datetime) -> list[str]:
    if rooms.count_open(session, person_id, since=civil_day(now)):
        return ["您还有预约的活动室，请先在“我的预约”里取消或用完。"]
    return []


def _forget_purposes(session: Session, person_id: UUID, _now: datetime) -> None:
    theirs = sa.update(RoomBooking).where(RoomBooking.person_id == person_id)
    session.execute(theirs.values(purpose="", cancelled_for=None))


def _turns(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    query = (
        sa.select(DutyShift, DutyTurn, Station.name)
        .join(DutyTurn, DutyTurn.shift_id == DutyShift.id)
        .join(Station, Station.id == DutyShift.station_id)
        .where(DutyTurn.person_id == person_id)
        .order_by(DutyShift.day, DutyShift.from_minute, DutyTurn.id)
    )
    for shift, turn, station in session.execute(query):
        yield {
            "day": shift.day,
            "hours": span_text(shift.from_minute, shift.to_minute),
            "station": station,
            "task": shift.task,
            "state": turn.state,
            "reason": turn.reason,
            "came_at": turn.came_at,
            "left_at": turn.left_at,
            "minutes": turn.minutes,
        }


def _on_duty_still(session: Session, person_id: UUID, now: datetime) -> list[str]:
    coming = rota.list_own(session, person_id, since=civil_day(now))
    held = [one for one in coming for turn in one.unserved if turn.person_id == person_id]
    return ["您还有没值的班，请先在“驿站值班”里请假或换班。"] if held else []


def _forget_reasons(session: Session, person_id: UUID, _now: datetime) -> None:
    theirs = sa.update(DutyTurn).where(
        DutyTurn.person_id == person_id, DutyTurn.reason.is_not(None)
    )
    session.execute(theirs.values(reason=""))


def occupied(session: Session, unit_id: UUID, _now: datetime) -> Iterator[str]:
    """A station that is not shut for good keeps its community open."""
    query = sa.select(Station.name).filter_by(community_id=unit_id, closed_at=None)
    if name := session.scalar(query.order_by(Station.name).limit(1)):
        yield f"驿站“{name}”还开着，请先停用。"


KEEPINGS = (
    Keeping(
        key="station_visits",
        title="到驿站的记录",
        why="每天到同一驿站只计一次积分，靠它核对",
        until="与账目同期保存；注销后只剩编号，看不出是谁",
        export=_visits,
    ),
    Keeping(
        key="room_bookings",
        title="预约活动室的记录",
        why="同一时间只给一家用，有变动能通知到您",
        until="注销时抹去用途，只剩时间和编号",
        export=_bookings,
        pending=_booked_still,
        forget=_forget_purposes,
    ),
    Keeping(
        key="duty_turns",
        title="驿站值班的记录",
        why="排班、换班，有变动能通知到您；值完的班按它记时长",
        until="注销时抹去原因，只剩班次和编号",
        export=_turns,
        pending=_on_duty_still,
        forget=_forget_reasons,
    ),
)
