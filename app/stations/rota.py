"""Reading shifts and whose turn they are. Nothing here writes."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import clock
from app.core.db import get
from app.stations.hours import Span
from app.stations.kinds import HOLDING, TurnState
from app.stations.models import DutyShift, DutyTurn, Station

FAMILIAR = timedelta(days=180)
LONGEST = timedelta(days=1)  # a shift ends with its day


@dataclass(frozen=True, slots=True, kw_only=True)
class Rostered:
    """A shift with its station and everybody who has or had a part in it."""

    shift: DutyShift
    station: Station
    turns: tuple[DutyTurn, ...]

    @property
    def holding(self) -> tuple[DutyTurn, ...]:
        return tuple(turn for turn in self.turns if turn.state in HOLDING)

    @property
    def unserved(self) -> tuple[DutyTurn, ...]:
        """Those who have a place and are not known to have served their turn."""
        return tuple(turn for turn in self.holding if turn.left_at is None)

    @property
    def offered(self) -> tuple[DutyTurn, ...]:
        return tuple(turn for turn in self.turns if turn.state == TurnState.OFFERED)

    @property
    def free(self) -> int:
        """How many more are wanted."""
        return max(0, self.shift.wanted - len(self.holding))

    def turn_of(self, person_id: UUID) -> DutyTurn | None:
        return next((turn for turn in self.turns if turn.person_id == person_id), None)


def get_shift(session: Session, shift_id: UUID, *, lock: bool = False) -> Rostered | None:
    """A shift; with `lock` held, so that places in it are given one after another."""
    shift = get(session, DutyShift, shift_id, lock=lock)
    if shift is None:
        return None
    query = sa.select(DutyShift, Station).join(Station, Station.id == DutyShift.station_id)
    return next(iter(_with_turns(session, query.where(DutyShift.id == shift_id))), None)


def list_of_stations(
    session: Session, station_ids: Collection[UUID], *, since: date, until: date
) -> list[Rostered]:
    """The shifts of these stations in a span of days, in the order of the clock."""
    query = (
        sa.select(DutyShift, Station)
        .join(Station, Station.id == DutyShift.station_id)
        .where(
            DutyShift.station_id.in_(station_ids),
            DutyShift.day.between(since, until),
            DutyShift.called_off_at.is_(None),
        )
        .order_by(DutyShift.day, DutyShift.from_minute, Station.name, DutyShift.id)
    )
    return _with_turns(session, query)


def list_own(session: Session, person_id: UUID, *, since: date) -> list[Rostered]:
    """The shifts somebody has a part in, from a day on."""
    query = (
        sa.select(DutyShift, Station)
        .join(Station, Station.id == DutyShift.station_id)
        .join(DutyTurn, DutyTurn.shift_id == DutyShift.id)
        .where(
            DutyTurn.person_id == person_id,
            DutyShift.day >= since,
            DutyShift.called_off_at.is_(None),
        )
        .order_by(DutyShift.day, DutyShift.from_minute, DutyShift.id)
    )
    return _with_turns(session, query)


def familiar_people(session: Session, station_id: UUID, *, on: date) -> set[UUID]:
    """Who had a part in the station's shifts within half a year."""
    query = (
        sa.select(DutyTurn.person_id)
        .join(DutyShift, DutyShift.id == DutyTurn.shift_id)
        .where(DutyShift.station_id == station_id, DutyShift.day >= on - FAMILIAR)
    )
    return set(session.scalars(query))


def begins_at(shift: DutyShift, zone: str) -> datetime:
    return clock.midnight(shift.day, zone) + timedelta(minutes=shift.from_minute)


def ends_at(shift: DutyShift, zone: str) -> datetime:
    return clock.midnight(shift.day, zone) + timedelta(minutes=shift.to_minute)


def meets(shift: DutyShift, spans: Iterable[Span]) -> bool:
    """Whether the doors are open at any minute of it."""
    return any(one.opens < shift.to_minute and shift.from_minute < one.closes for one in spans)


def list_unconfirmed(
    session: Session, station_id: UUID, *, since: date, now: datetime, zone: str
) -> list[Rostered]:
    """The shifts that are over and have somebody in them who is not known to have served it."""
    today = clock.civil_day(now, zone)
    past = list_of_stations(session, [station_id], since=since, until=today)
    return [one for one in past if ends_at(one.shift, zone) <= now and one.unserved]


def on_duty(person_id: UUID, *, since: datetime, until: datetime) -> sa.Exists:
    """That somebody served a turn, or still does, at some moment of a time; for a statement."""
    query = sa.select(DutyTurn.id).where(
        DutyTurn.person_id == person_id,
        DutyTurn.came_at < until,
        DutyTurn.came_at > since - LONGEST,
        sa.func.coalesce(DutyTurn.left_at, until) > since,
    )
    return query.exists()


def _with_turns(session: Session, query: sa.Select[DutyShift, Station]) -> list[Rostered]:
    rows = session.execute(query).all()
    of_shift: defaultdict[UUID, list[DutyTurn]] = defaultdict(list)
    turns = sa.select(DutyTurn).where(DutyTurn.shift_id.in_([row[0].id for row in rows]))
    for turn in session.scalars(turns.order_by(DutyTurn.id)):
        of_shift[turn.shift_id].append(turn)
    return [
        Rostered(shift=row[0], station=row[1], turns=tuple(of_shift[row[0].id])) for row in rows
    ]
