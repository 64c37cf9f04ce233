"""Why a visit can be refused."""

from app.core.errors import Conflict, Invalid, NotFound

NO_STATION = "没有找到这个驿站。"  # said wherever one is looked for


class StationUnknown(NotFound):
    code, title = "station_unknown", "Unknown station"


class StationClosed(Conflict):
    code, title = "station_closed", "The station is closed"


class ServiceUnknown(Invalid):
    code, title = "service_unknown", "The station has no such service"
