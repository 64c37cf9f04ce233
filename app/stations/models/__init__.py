"""The tables of stations."""

from app.stations.models.rooms import RoomBooking, RoomSlot, StationRoom
from app.stations.models.shifts import DutyShift, DutyTurn
from app.stations.models.sites import (
    Station,
    StationCode,
    StationException,
    StationPhoto,
    StationSign,
    StationSpan,
)
from app.stations.models.visits import GuestMark, StationTally, StationVisit, VisitService

__all__ = [
    "DutyShift",
    "DutyTurn",
    "GuestMark",
    "RoomBooking",
    "RoomSlot",
    "Station",
    "StationCode",
    "StationException",
    "StationPhoto",
    "StationRoom",
    "StationSign",
    "StationSpan",
    "StationTally",
    "StationVisit",
    "VisitService",
]
