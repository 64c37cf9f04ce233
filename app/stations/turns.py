"""Taking turns at a station: planning shifts, taking one, handing it over, being excused.

Nothing here is worth anything yet: a turn counts once it is served (`on_duty`).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.db import add, claim
from app.core.telling import Telling, notify
from app.identity import listing
from app.identity.roles import Permission, Principal
from app.organisation import queries as organisation
from app.stations import issuing, queries, rota
from app.stations.errors import (
    NO_SHIFT,
    PersonNotFound,
    ShiftBegun,
    ShiftFull,
    ShiftUnknown,
    ShiftWrong,
    TurnUnknown,
)
from app.stations.hours import Exceptional, Span, day_text
from app.stations.kinds import HOLDING, TurnState
from app.stations.models import DutyShift, DutyTurn
from app.stations.rooms import SLOT
from app.stations.rota import Rostered

WEEK = timedelta(weeks=1)
MOST_WEEKS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A shift to be: when, for how many people, what there is to do, and for how many weeks."""

    day: date
    span: Span
    wanted: int
    task: str
    weeks: int = 1


def plan_shifts(
    session: Session, plan: Plan, *, me: Principal, station_id: UUID, now: datetime
) -> list[DutyShift]:
    """Plan a shift, and the same in the weeks that follow. What is planned already stays."""
    station = issuing.managed(session, me, station_id, to=Permission.STATION_DAY)
    queries.hold_station(session, station_id)
    session.refresh(station)
    if station.closed_at is not None:
        raise ShiftWrong("驿站已经停用，不能排班；重新启用后再排。")
    exceptions = queries.hours_at(session, station, now=now, zone=me.zone).exceptions
    span = plan.span
    if span.opens % SLOT or span.closes % SLOT or span.closes <= span.opens:
        raise ShiftWrong("请按整点或半点填写班次，结束要晚于开始。")
    made = []
    for number in range(plan.weeks):
        values = {
            "station_id": station_id,
            "day": plan.day + number * WEEK,
            "from_minute": span.opens,
            "to_minute": span.closes,
            "wanted": plan.wanted,
            "task": plan.task,
        }
        if rota.begins_at(DutyShift(**values), me.zone) <= now:
            raise ShiftWrong("班次要排在今后，请改日期或时间。")
        _refuse_shut(DutyShift(**values), exceptions.get(plan.day + number * WEEK))
        shift = claim(session, DutyShift, **values)
        made += [shift] if shift is not None else []
    if not made:
        raise ShiftWrong("这个时间已经排了班，请在原来的班次上调整。")
    return made


def take(session: Session, *, me: Principal, shift_id: UUID, now: datetime) -> DutyTurn:
    """Take a place in a shift, or that of somebody who looks for another; once taken it is kept."""
    rostered = _open(session, shift_id, zone=me.zone, now=now)
    return _seat(session, rostered, me.person_id, by=me.person_id, now=now)


def assign(
    session: Session, *, me: Principal, shift_id: UUID, person_id: UUID, now: datetime
) -> DutyTurn:
    """Enter somebody who is known at the station, and has said yes."""
    rostered = _of_mine(session, me, shift_id, now=now)
    known = rota.familiar_people(session, rostered.station.id, on=rostered.shift.day)
    if person_id not in known:
        raise PersonNotFound("请从列表里选一位，或填写存折卡号。")
    turn = _seat(session, rostered, person_id, by=me.person_id, now=now)
    deed = _Deed(action="duty.assign", person_id=person_id)
    _note(session, deed, rostered, me=me, now=now)
    return turn


def assign_card(
    session: Session, *, me: Principal, shift_id: UUID, card_no: str, now: datetime
) -> DutyTurn:
    """Enter somebody by the number on the card they show: they need no phone."""
    rostered = _of_mine(session, me, shift_id, now=now)
    person_id = listing.people_with_cards(session, [card_no]).get(card_no)
    if person_id is None:
        raise PersonNotFound("没有找到这个存折卡号，请核对卡上的号码。")
    turn = _seat(session, rostered, person_id, by=me.person_id, now=now)
    deed = _Deed(action="duty.assign", person_id=person_id)
    _note(session, deed, rostered, me=me, now=now)
    return turn


def let_go(
    session: Session,
    *,
    me: Principal,
    shift_id: UUID,
    to: TurnState,
    reason: str,
    now: datetime,
) -> DutyTurn:
    """Look for somebody who takes one's turn over (`OFFERED`), or be excused (`ON_LEAVE`)."""
    rostered = _open(session, shift_id, zone=me.zone, now=now)
    turn = rostered.turn_of(me.person_id)
    if turn is None or turn.state not in HOLDING:
        raise TurnUnknown("您不在这个班次里，请刷新页面。")
    if turn.came_at is not None:
        raise ShiftBegun("您已经扫码开始值班，不能再请假或换班；有急事请告诉站长。")
    turn.state, turn.reason, turn.changed_at = to, reason, now
    session.flush()
    return turn


def call_off(
    session: Session, *, me: Principal, shift_id: UUID, reason: str, now: datetime
) -> Rostered:
    """Call a shift off, for a reason that everybody in it is told."""
    rostered = _of_mine(session, me, shift_id, now=now)
    by = Permission.STATION_DAY
    withdraw(session, rostered, reason=reason, me=me, by=by, now=now)
    return rostered


def withdraw(
    session: Session,
    rostered: Rostered,
    *,
    reason: str,
    me: Principal,
    by: Permission,
    now: datetime,
) -> None:
    """Call off a shift that is held, and tell everybody in it why."""
    rostered.shift.called_off_at = now
    session.flush()
    for turn in rostered.holding:
        telling = _told(rostered, turn, reason=reason, zone=me.zone)
        notify(session, telling, now=now)
        deed = _Deed(action="duty.call_off", person_id=turn.person_id, reason=reason, by=by)
        _note(session, deed, rostered, me=me, now=now)


def at_my_station(session: Session, me: Principal, shift_id: UUID) -> Rostered:
    """A shift at a station this member of staff looks after; another does not exist for them."""
    rostered = rota.get_shift(session, shift_id)
    path = organisation.path_of(session, rostered.station.community_id) if rostered else ()
    if rostered is None or not me.may(Permission.STATION_DAY, path):
        raise ShiftUnknown(NO_SHIFT)
    return rostered


def _seat(
    session: Session, rostered: Rostered, person_id: UUID, *, by: UUID, now: datetime
) -> DutyTurn:
    """Give somebody a place; the shift is held, so places go one after another."""
    own = rostered.turn_of(person_id)
    if own is not None and own.state in HOLDING:
        own.state, own.reason, own.changed_at = TurnState.ON_DUTY, None, now
        session.flush()
        return own
    giver = None if rostered.free else next(iter(rostered.offered), None)
    if giver is None and not rostered.free:
        raise ShiftFull("这个班次已经满了，请选别的班次。")
    if giver is not None:
        giver.state, giver.changed_at = TurnState.HANDED_OVER, now
    turn = own or DutyTurn(shift_id=rostered.shift.id, person_id=person_id)
    turn.state, turn.reason, turn.changed_at = TurnState.ON_DUTY, None, now
    turn.taken_from, turn.entered_by = (giver.id if giver else None), by
    return add(session, turn)


def _open(session: Session, shift_id: UUID, *, zone: str, now: datetime) -> Rostered:
    """A shift that has not begun, held until the transaction ends."""
    rostered = rota.get_shift(session, shift_id, lock=True)
    if rostered is None:
        raise ShiftUnknown(NO_SHIFT)
    if rostered.shift.called_off_at is not None or rota.begins_at(rostered.shift, zone) <= now:
        raise ShiftBegun("这个班次已经开始、结束或取消，不能再改。")
    return rostered


def _of_mine(session: Session, me: Principal, shift_id: UUID, *, now: datetime) -> Rostered:
    at_my_station(session, me, shift_id)
    return _open(session, shift_id, zone=me.zone, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Deed:
    """What staff did to somebody's part in a shift, for the log."""

    action: str
    person_id: UUID
    reason: str = ""
    by: Permission = Permission.STATION_DAY


def _refuse_shut(shift: DutyShift, different: Exceptional | None) -> None:
    if different is not None and not rota.meets(shift, different.spans):
        day = day_text(different.day)
        raise ShiftWrong(f"{day}{different.reason}，那时不开门，不用排班，请改日期。")


def _note(
    session: Session, deed: _Deed, rostered: Rostered, *, me: Principal, now: datetime
) -> None:
    path = organisation.path_of(session, rostered.station.community_id)
    audit.record(
        session,
        actor=me.actor(deed.by, path),
        action=deed.action,
        subject=("person", deed.person_id),
        scope=rostered.station.community_id,
        reason=deed.reason,
        at=now,
    )


def _told(rostered: Rostered, turn: DutyTurn, *, reason: str, zone: str) -> Telling:
    words = {
        "place": rostered.station.name,
        "at": clock.moment_text(rota.begins_at(rostered.shift, zone), zone),
        "reason": reason,
    }
    return Telling(
        person_id=turn.person_id,
        template="duty_called_off",
        about=f"duty_shift:{rostered.shift.id}",
        words=words,
        path="/duties",
    )
