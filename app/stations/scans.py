"""What a station's code opens."""

from sqlalchemy.orm import Session

from app.core.scans import Action, Found, Scan
from app.stations import codes, queries, services


def resolve(session: Session, scan: Scan) -> Found | None:
    """The station on whose wall the code is, or None when it is not a station's.

    Raises `CodeReplaced` for a code that is to come off the wall.
    """
    if not codes.is_ours(scan.code) or queries.get_code(session, scan.code) is None:
        return None
    station = services.standing(session, scan.code)
    visit = Action(
        operation="createStationVisit",
        label="到站服务签到",
        method="POST",
        path="/api/v1/station-visits",
    )
    hours = queries.hours_at(session, station, now=scan.now, zone=scan.zone)
    open_now = hours.is_open(now=scan.now, zone=scan.zone)
    return Found(
        kind="station",
        id=station.id,
        title=station.name,
        actions=(visit,) if open_now else (),
        href=f"/q/{scan.code}",
    )
