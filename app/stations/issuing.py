"""The codes on walls: made, replaced for a reason, and shown to those who print them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import audit
from app.core.db import add, tenant_of
from app.identity.roles import Permission, Principal
from app.organisation import queries as organisation
from app.stations import codes, queries
from app.stations.errors import NO_STATION, StationUnknown
from app.stations.models import Station, StationCode, StationSign


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A station and the code for its wall."""

    station: Station
    code: str


def issue_code(
    session: Session, *, station_id: UUID, now: datetime, issued_by: UUID | None = None
) -> StationCode:
    """Make the code that is printed for a station; it may have one at a time."""
    code = codes.issue()
    session.add(StationSign(code=code, tenant_id=tenant_of(session)))
    made = StationCode(station_id=station_id, code=code, issued_at=now, issued_by=issued_by)
    return add(session, made)


def replace_code(
    session: Session, *, me: Principal, station_id: UUID, reason: str, now: datetime
) -> StationCode:
    """Take the code off a station's wall, for a reason, and make another.

    From this moment on the old one earns nobody anything.
    """
    station = managed(session, me, station_id, to=Permission.STATION_MANAGE, lock=True)
    for old in queries.list_codes_of(session, station_id):
        if old.revoked_at is None:
            old.revoked_at, old.revoked_for, old.revoked_by = now, reason, me.person_id
    session.flush()
    made = issue_code(session, station_id=station_id, now=now, issued_by=me.person_id)
    path = organisation.path_of(session, station.community_id)
    audit.record(
        session,
        actor=me.actor(Permission.STATION_MANAGE, path),
        action="station_code.replace",
        subject=("station", station_id),
        scope=station.community_id,
        reason=reason,
        at=now,
    )
    return made


def managed(
    session: Session, me: Principal, station_id: UUID, *, to: Permission, lock: bool = False
) -> Station:
    """A station this member of staff may do that to; another does not exist for them."""
    station = queries.get_station(session, station_id, lock=lock)
    path = organisation.path_of(session, station.community_id) if station else ()
    if station is None or not me.may(to, path):
        raise StationUnknown(NO_STATION)
    return station


def countable(session: Session, me: Principal, station_id: UUID | None) -> list[UUID]:
    """The stations whose visitors this member of staff may count, or the one they ask about."""
    if station_id is not None:
        return [managed(session, me, station_id, to=Permission.VISITS_READ).id]
    tops = me.units_with(Permission.VISITS_READ)
    communities = organisation.communities_under(session, tops)
    return [row.id for row in queries.list_stations_of(session, communities)]


def to_print(session: Session, *, me: Principal, station_id: UUID) -> Printed:
    """A station this member of staff looks after, with the code for its wall."""
    station = managed(session, me, station_id, to=Permission.STATION_CODE_READ)
    code = queries.live_codes_of(session, [station_id]).get(station_id)
    if code is None:
        raise StationUnknown(NO_STATION)
    return Printed(station=station, code=code)


def all_to_print(session: Session, *, me: Principal) -> list[Printed]:
    """All such stations that have a code, by name."""
    communities = organisation.communities_under(
        session, me.units_with(Permission.STATION_CODE_READ)
    )
    stations = queries.list_stations_of(session, communities, closed=False)
    live = queries.live_codes_of(session, [row.id for row in stations])
    return [Printed(station=row, code=live[row.id]) for row in stations if row.id in live]
