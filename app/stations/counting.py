"""Counting those who stay unknown: riders who sign nothing, and neighbours without a phone."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import clock, misses
from app.core.db import add, tenant_of
from app.identity.roles import Permission, Principal
from app.stations import issuing, queries, services
from app.stations.errors import GuestsTooMany, NothingToUndo
from app.stations.kinds import Visitor
from app.stations.models import GuestMark, Station, StationTally

# Many phones share one address: of a carrier, or of the station's own wireless. What goes beyond
# is written down, and not counted; what goes far beyond is not even written down.
AT_ONCE, WINDOW = 10, timedelta(minutes=10)
A_DAY = 100
A_STATION = 1000
DOUBTED = 300
REMEMBERED = timedelta(days=1)
SHUT_OUT_SECONDS = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """Somebody at the door: what they come for, as whom, and a digest of where they call from."""

    code: str
    service: str | None
    visitor: Visitor
    mark: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Heads:
    """So many people whom whoever is on duty saw come for something."""

    station_id: UUID
    service: str | None
    visitor: Visitor
    people: int


def count_guest(session: Session, guest: Guest, *, now: datetime, zone: str) -> StationTally:
    """Count a guest at the station whose code they scanned; `counted` says whether it counts."""
    station = services.standing(session, guest.code)
    services.refuse_shut(session, station, now=now, zone=zone)
    services.refuse_missing(station, guest.service)
    day = clock.civil_day(now, zone)
    misses.one_at_a_time(session, misses.Try(purpose="guest", subject=station.id, now=now))
    counted = _believed(session, station, guest.mark, day=day, now=now)
    if counted:
        add(session, GuestMark(station_id=station.id, mark=guest.mark, at=now))
    return add(
        session,
        StationTally(
            station_id=station.id,
            day=day,
            at=now,
            service=guest.service,
            visitor=guest.visitor,
            people=1,
            counted=counted,
        ),
    )


def count_heads(session: Session, heads: Heads, *, me: Principal, now: datetime) -> StationTally:
    """Count people who came without a phone."""
    station = issuing.managed(session, me, heads.station_id, to=Permission.STATION_DAY)
    services.refuse_missing(station, heads.service)
    return add(
        session,
        StationTally(
            station_id=station.id,
            day=clock.civil_day(now, me.zone),
            at=now,
            service=heads.service,
            visitor=heads.visitor,
            people=heads.people,
            counted=True,
            noted_by=me.person_id,
        ),
    )


def take_back(session: Session, *, me: Principal, station_id: UUID, now: datetime) -> StationTally:
    """Undo one's own last count of today, by its opposite: what was written stays."""
    station = issuing.managed(session, me, station_id, to=Permission.STATION_DAY, lock=True)
    last = last_count(session, me=me, station=station, now=now)
    if last is None:
        raise NothingToUndo("今天没有可以撤回的登记。")
    return add(
        session,
        StationTally(
            station_id=station.id,
            day=last.day,
            at=last.at,
            service=last.service,
            visitor=last.visitor,
            people=-last.people,
            counted=True,
            noted_by=me.person_id,
            undoes=last.id,
        ),
    )


def last_count(
    session: Session, *, me: Principal, station: Station, now: datetime
) -> StationTally | None:
    """What this member of staff counted last today and has not taken back."""
    undone = sa.select(StationTally.undoes).where(
        StationTally.station_id == station.id, StationTally.undoes.is_not(None)
    )
    query = sa.select(StationTally).where(
        StationTally.station_id == station.id,
        StationTally.day == clock.civil_day(now, me.zone),
        StationTally.noted_by == me.person_id,
        StationTally.people > 0,
        StationTally.id.not_in(undone),
    )
    return session.scalars(query.order_by(StationTally.id.desc()).limit(1)).first()


def forget_marks(session: Session, *, now: datetime, limit: int) -> int:
    """Let go of what phones were counted by: the next day asks for none of it."""
    old = (
        sa.select(GuestMark.id)
        .where(GuestMark.tenant_id == tenant_of(session), GuestMark.at < now - REMEMBERED)
        .limit(limit)
    )
    gone = sa.delete(GuestMark).where(
        GuestMark.tenant_id == tenant_of(session), GuestMark.id.in_(old)
    )
    return len(session.scalars(gone.returning(GuestMark.id)).all())


def _believed(session: Session, station: Station, mark: bytes, *, day: date, now: datetime) -> bool:
    """Whether one more from that address, and at that station, can be a visitor of today."""
    counted, doubted = queries.guests_on(session, station.id, day)
    if doubted >= DOUBTED:
        raise GuestsTooMany(
            "今天从这里点得太多，暂时不能再记。服务照常使用，登记请找值班人员。",
            retry_after=SHUT_OUT_SECONDS,
        )
    lately, today = queries.marks_of(session, station.id, mark, since=now - WINDOW)
    return counted < A_STATION and lately < AT_ONCE and today < A_DAY
