"""Serving one's turn: the station's code at both ends, or the word of another who looks after it.

A turn that was served is a fact like any other attendance, reported once. What it is worth the
policy says: 驻站值班 asks for both codes (rules.md C.2, evidence `qr2`), so what staff confirm
counts by the minute and not in points.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.db import get
from app.core.ids import new_id
from app.households import queries as households
from app.identity.roles import Permission, Principal
from app.ledger import services as ledger
from app.ledger.expected import Expected
from app.organisation import queries as organisation
from app.stations import rota, services
from app.stations.errors import (
    NO_SHIFT,
    DutyElsewhere,
    DutyNotBegun,
    DutyNotOpen,
    DutyOver,
    OwnTurn,
    ShiftBegun,
    ShiftUnknown,
    TurnUnknown,
)
from app.stations.kinds import HOLDING, TurnState
from app.stations.models import DutyShift, DutyTurn
from app.stations.rota import Rostered
from points_engine import Circumstance, Fact, FactKind

CATEGORY = "station_duty"
MINUTE = timedelta(minutes=1)
OPENS_BEFORE = timedelta(minutes=15)  # rules.md C.4: 服务站值班可 15
SCANS_UNTIL = timedelta(hours=2)  # after the end; later, somebody has to confirm it
CONFIRMED_WITHIN = timedelta(days=31)  # as long as attendances may be filled in afterwards


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A turn with what it earns, once it is served."""

    turn: DutyTurn
    expected: tuple[Expected, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """Whose turn it is, in which shift, and the code on the wall where they stand."""

    me: Principal
    shift_id: UUID
    code: str
    now: datetime


def begin(session: Session, scanned: Scanned) -> Served:
    """Begin one's turn with the station's code; begun already, it stays as it is.

    Whoever looked for somebody to take it over has come after all.
    """
    rostered, turn = _own(session, scanned)
    if turn.came_at is not None:
        return Served(turn=turn)
    begins, now = rota.begins_at(rostered.shift, scanned.me.zone), scanned.now
    if now < begins - OPENS_BEFORE:
        minutes = OPENS_BEFORE // MINUTE
        raise DutyNotOpen(f"班次开始前 {minutes} 分钟起可以扫码开始，请到时再扫。")
    if now >= rota.ends_at(rostered.shift, scanned.me.zone):
        raise DutyOver("这个班次已经结束。来值了班却没有扫码的，请找站长确认。")
    turn.came_at = now
    if turn.state == TurnState.OFFERED:
        turn.state, turn.reason, turn.changed_at = TurnState.ON_DUTY, None, now
    session.flush()
    return Served(turn=turn)


def end(session: Session, scanned: Scanned) -> Served:
    """End one's turn with the station's code and report it; the first time stands."""
    rostered, turn = _own(session, scanned)
    zone, now = scanned.me.zone, scanned.now
    if turn.left_at is not None:
        return Served(turn=turn, expected=expected_of(session, rostered, turn, zone=zone))
    if turn.came_at is None:
        raise DutyNotBegun("您还没有扫码开始值班，请先点“开始值班”；忘了的，值完请找站长确认。")
    if now > rota.ends_at(rostered.shift, zone) + SCANS_UNTIL:
        raise DutyOver("班次结束两小时后不能再扫码，请找站长确认，时长照样记。")
    turn.left_at = max(now, turn.came_at)  # a clock may have been set back
    return _report(session, rostered, turn, zone=zone, now=now)


def confirm(session: Session, *, me: Principal, turn_id: UUID, now: datetime) -> Served:
    """Confirm that somebody else served their turn, from its beginning or when they scanned.

    Nobody confirms their own. Served already, it stays as it is.
    """
    rostered, turn = _of_my_station(session, me, turn_id)
    if turn.person_id == me.person_id:
        raise OwnTurn("不能确认自己的值班，请另一位管理驿站的同事确认。")
    if turn.left_at is not None:
        return Served(turn=turn)
    _refuse_unfit(rostered, turn, zone=me.zone, now=now)
    turn.came_at = turn.came_at or rota.begins_at(rostered.shift, me.zone)
    turn.left_at = rota.ends_at(rostered.shift, me.zone)
    turn.confirmed_by, turn.confirmed_at = me.person_id, now
    if turn.state == TurnState.OFFERED:
        turn.state, turn.reason = TurnState.ON_DUTY, None
    served = _report(session, rostered, turn, zone=me.zone, now=now)
    path = organisation.path_of(session, rostered.station.community_id)
    audit.record(
        session,
        actor=me.actor(Permission.STATION_DAY, path),
        action="duty.confirm",
        subject=("person", turn.person_id),
        scope=rostered.station.community_id,
        at=now,
    )
    return served


def station_of(session: Session, me: Principal, turn_id: UUID) -> UUID:
    """At which station of one's own a turn is; another does not exist for this member of staff."""
    return _of_my_station(session, me, turn_id)[0].station.id


def expected_of(
    session: Session, rostered: Rostered, turn: DutyTurn, *, zone: str
) -> tuple[Expected, ...]:
    """What a served turn earns."""
    return ledger.expect(session, fact_of(rostered, turn, zone=zone))


def minutes_in(shift: DutyShift, turn: DutyTurn, *, zone: str) -> int:
    """Whole minutes between coming and leaving that lie within the shift."""
    assert turn.came_at is not None  # served
    assert turn.left_at is not None
    began = max(turn.came_at, rota.begins_at(shift, zone))
    ended = min(turn.left_at, rota.ends_at(shift, zone))
    return max(ended - began, timedelta(0)) // MINUTE


def fact_of(
    rostered: Rostered,
    turn: DutyTurn,
    *,
    zone: str,
    received_at: datetime | None = None,
    household_id: UUID | None = None,
) -> Fact:
    """What is reported of a turn that was served."""
    assert turn.came_at is not None  # served
    assert turn.left_at is not None
    assert turn.minutes is not None
    shift = rostered.shift
    night = clock.is_mostly_night(turn.came_at, turn.left_at, zone)
    return Fact(
        id=new_id(),
        kind=FactKind.ATTENDANCE,
        source=f"duty:{turn.id}",
        category=CATEGORY,
        beneficiary_id=turn.person_id,
        actor_id=turn.confirmed_by or turn.person_id,
        household_id=household_id,
        community_id=rostered.station.community_id,
        quantity=turn.minutes,
        occurred_at=turn.left_at,
        occurred_on=_day(turn.left_at, zone),
        received_at=received_at or turn.left_at,
        planned=shift.to_minute - shift.from_minute,
        circumstances=frozenset({Circumstance.NIGHT} if night else ()),
        evidence={
            "title": f"{rostered.station.name}值班",
            **({"op": "staff"} if turn.confirmed_by else {"code": "station", "qr2": "station"}),
        },
    )


def _refuse_unfit(rostered: Rostered, turn: DutyTurn, *, zone: str, now: datetime) -> None:
    """Refuse to confirm what nobody served, or not yet, or too long ago."""
    ends = rota.ends_at(rostered.shift, zone)
    if turn.state not in HOLDING or rostered.shift.called_off_at is not None:
        raise TurnUnknown("这个人已经请假或换班，或者班次取消了，请刷新页面。")
    if now < ends:
        raise ShiftBegun("班次还没有结束，结束后再确认。")
    if now - ends > CONFIRMED_WITHIN:
        raise DutyOver("班次结束超过 31 天，不能再确认。")


def _report(
    session: Session, rostered: Rostered, turn: DutyTurn, *, zone: str, now: datetime
) -> Served:
    assert turn.left_at is not None  # it has just been set
    turn.minutes = minutes_in(rostered.shift, turn, zone=zone)
    session.flush()
    door = households.household_on(session, turn.person_id, _day(turn.left_at, zone))
    fact = fact_of(rostered, turn, zone=zone, received_at=now, household_id=door)
    ledger.report(session, fact)
    return Served(turn=turn, expected=ledger.expect(session, fact))


def _own(session: Session, scanned: Scanned) -> tuple[Rostered, DutyTurn]:
    """One's part in a shift at the station where one stands, held until the transaction ends."""
    me = scanned.me
    rostered = rota.get_shift(session, scanned.shift_id, lock=True)
    if rostered is None:
        raise ShiftUnknown(NO_SHIFT)
    station = services.station_by_code(session, me=me, text=scanned.code, now=scanned.now)
    turn = rostered.turn_of(me.person_id)
    if turn is None or turn.state not in HOLDING or rostered.shift.called_off_at is not None:
        raise TurnUnknown("您不在这个班次里，或者班次取消了。请看“驿站值班”里现在的安排。")
    if rostered.station.id != station.id:
        raise DutyElsewhere(f"这个班在{rostered.station.name}，请扫那里墙上的码。")
    return rostered, turn


def _of_my_station(session: Session, me: Principal, turn_id: UUID) -> tuple[Rostered, DutyTurn]:
    """A turn at a station this member of staff looks after; another does not exist for them."""
    found = get(session, DutyTurn, turn_id)
    rostered = rota.get_shift(session, found.shift_id, lock=True) if found else None
    path = organisation.path_of(session, rostered.station.community_id) if rostered else ()
    if found is None or rostered is None or not me.may(Permission.STATION_DAY, path):
        raise ShiftUnknown(NO_SHIFT)
    session.refresh(found)  # as it is, now that nobody else changes it
    return rostered, found


def _day(instant: datetime, zone: str) -> date:
    return clock.civil_day(instant, zone)
