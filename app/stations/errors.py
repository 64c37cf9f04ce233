"""Why something about a station can be refused."""

from app.core.errors import Conflict, Invalid, NotFound, TooMany
from app.core.scans import CodeExpired

NO_STATION = "没有找到这个驿站。"  # said wherever one is looked for
NO_PHOTO = "这个驿站还没有照片。"
NO_ROOM = "没有找到这个活动室。"
NO_BOOKING = "没有找到这次预约。"
NO_SHIFT = "没有找到这个班次。"


class StationUnknown(NotFound):
    code, title = "station_unknown", "Unknown station"


class StationClosed(Conflict):
    code, title = "station_closed", "The station is closed"


class ServiceUnknown(Invalid):
    code, title = "service_unknown", "The station has no such service"


class CodeReplaced(CodeExpired):
    """The code on a wall that should have another by now."""

    code, title = "code_replaced", "The code was replaced"


class StationNameTaken(Conflict):
    code, title = "station_name_taken", "A station of that name is there already"


class StationWrong(Invalid):
    code, title = "station_wrong", "Something about the station is not filled in right"


class HoursWrong(Invalid):
    code, title = "hours_wrong", "Opening hours that cannot be"


class PhotoUnknown(NotFound):
    code, title = "photo_unknown", "No such photo"


class NothingToUndo(Conflict):
    code, title = "nothing_to_undo", "There is nothing to take back"


class GuestsTooMany(TooMany):
    code, title = "guests_too_many", "Too many unknown visitors from here"


class RoomUnknown(NotFound):
    code, title = "room_unknown", "Unknown room"


class RoomWrong(Conflict):
    code, title = "room_wrong", "That room cannot be"


class RoomTaken(Conflict):
    code, title = "room_taken", "Somebody else has the room then"


class BookingUnknown(NotFound):
    code, title = "booking_unknown", "Unknown booking"


class BookingWrong(Conflict):
    code, title = "booking_wrong", "The room cannot be had like that"


class BookingBegun(Conflict):
    code, title = "booking_begun", "The booking has begun or is over"


class BookingsTooMany(Conflict):
    code, title = "bookings_too_many", "Too many bookings at once"


class ShiftUnknown(NotFound):
    code, title = "shift_unknown", "Unknown shift"


class ShiftWrong(Invalid):
    code, title = "shift_wrong", "Not a shift that can be planned"


class ShiftBegun(Conflict):
    code, title = "shift_begun", "The shift has begun or is over"


class ShiftFull(Conflict):
    code, title = "shift_full", "The shift has all its people"


class TurnUnknown(Conflict):
    code, title = "turn_unknown", "Not one's turn"


class OwnTurn(Conflict):
    code, title = "own_turn", "Somebody else confirms it"


class DutyElsewhere(Conflict):
    code, title = "duty_elsewhere", "The shift is at another station"


class DutyNotOpen(Conflict):
    code, title = "duty_not_open", "Too early to begin the shift"


class DutyNotBegun(Conflict):
    code, title = "duty_not_begun", "The shift was not begun"


class DutyOver(Conflict):
    code, title = "duty_over", "Too late to say so"


class PersonNotFound(Invalid):
    code, title = "person_not_found", "Nobody known by that"
