"""Where an activity is, for checking in: at a station, at a spot, or nowhere in particular."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.activities.errors import DraftWrong
from app.activities.kinds import LEAST_RADIUS_M, MOST_RADIUS_M
from app.core.geodesy import Spot
from app.stations import nearby
from app.stations import queries as stations

USUAL_RADIUS_M = 300
SIX = 6  # places behind the point: a tenth of a metre


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A station or a spot, and how far around it people may be, in metres.

    Without a station and a spot nobody's phone is asked where it is. Without a radius the policy
    says how far, once the activity is published.
    """

    station_id: UUID | None = None
    spot: Spot | None = None
    radius_m: int | None = None


NOWHERE = Where()


def check(where: Where) -> None:
    """Refuse a place that says two things, or how far from nothing."""
    if where.station_id and where.spot:
        raise DraftWrong("签到地点请选驿站或填坐标，只选一样。")
    if where.radius_m is None:
        return
    if not where.station_id and where.spot is None:
        raise DraftWrong("没有签到地点就不用填范围；要核对位置，请选驿站或填坐标。")
    if not LEAST_RADIUS_M <= where.radius_m <= MOST_RADIUS_M:
        raise DraftWrong(f"签到范围请填 {LEAST_RADIUS_M} 到 {MOST_RADIUS_M} 米。")


def fields_of(session: Session, where: Where, *, community_id: UUID) -> dict[str, object]:
    """The columns of a place. A station of the community lends its own spot; raises `DraftWrong`.

    The spot is copied: a station that moves later leaves what was said of this activity alone.
    """
    check(where)
    spot = where.spot
    if where.station_id:
        spot = _spot_of(session, where.station_id, community_id=community_id)
    return {
        "station_id": where.station_id,
        "lat": round(spot.lat, SIX) if spot else None,
        "lng": round(spot.lng, SIX) if spot else None,
        "crs": spot.crs if spot else "gcj02",
        "radius_m": where.radius_m,
    }


def choices(session: Session, community_id: UUID) -> list[tuple[UUID, str]]:
    """The stations of a community whose spot is known, by name."""
    found = stations.list_stations_of(session, [community_id], closed=False)
    return [(one.id, one.name) for one in found if nearby.place_of(one)]


def name_of(session: Session, station_id: UUID | None) -> str:
    """What the station is called; nothing where there is none."""
    station = stations.get_station(session, station_id) if station_id else None
    return station.name if station else ""


def said(*, name: str, has_spot: bool, radius_m: int | None) -> str:
    """The place as one plain sentence."""
    if not has_spot:
        return "签到时不看位置。"
    around = f"“{name}”" if name else "标出的地点"
    how_far = f" {radius_m} 米" if radius_m else "积分办法定的范围"
    return f"在{around}周围{how_far}内签到；不提供位置也可以签到。"


def _spot_of(session: Session, station_id: UUID, *, community_id: UUID) -> Spot:
    station = stations.get_station(session, station_id)
    if station is None or station.community_id != community_id or station.closed_at:
        raise DraftWrong("这个驿站不在本社区或已停用，请重新选择。")
    spot = nearby.place_of(station)
    if spot is None:
        raise DraftWrong(f"{station.name}还没有标出坐标，请先在驿站资料里补上，或另填坐标。")
    return spot
