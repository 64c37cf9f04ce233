"""What a station's code opens."""

from sqlalchemy.orm import Session

from app.core.scans import Action, Found, Scan
from app.stations import codes, queries


def resolve(session: Session, scan: Scan) -> Found | None:
    """The station on whose wall the code is, or None when it is not a station's."""
    if not codes.is_ours(scan.code):
        return None
    station = queries.get_station_by_code(session, scan.code)
    if station is None:
        return None
    visit = Action(
        operation="createStationVisit",
        label="到站服务签到",
        method="POST",
        path="/api/v1/station-visits",
    )
    open_now = station.is_open(now=scan.now, zone=scan.zone)
    return Found(
        kind="station",
        id=station.id,
        title=station.name,
        actions=(visit,) if open_now else (),
        href=f"/q/{scan.code}",
    )
