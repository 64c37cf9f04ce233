"""What stations keep about a person."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.keeping import Keeping
from app.stations.models import Station, StationVisit


def _visits(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    query = (
        sa.select(StationVisit.at, Station.name, StationVisit.service)
        .join(Station, Station.id == StationVisit.station_id)
        .where(StationVisit.person_id == person_id)
        .order_by(StationVisit.at, StationVisit.id)
    )
    for at, station, service in session.execute(query):
        yield {"at": at, "station": station, "service": service}


KEEPINGS = (
    Keeping(
        key="station_visits",
        title="到驿站的记录",
        why="每天到同一驿站只计一次积分，靠它核对",
        until="与账目同期保存；注销后只剩编号，看不出是谁",
        export=_visits,
    ),
)
