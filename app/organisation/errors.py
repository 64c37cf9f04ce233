"""Why the tree or a registration stays as it is."""

from app.core.errors import Conflict, Forbidden, Invalid, NotFound

NO_UNIT = "没有找到这个组织，请从组织架构里选择。"
NO_REGISTRATION = "没有找到这份报到，请从待定报到的列表进入。"


class UnitUnknown(NotFound):
    code, title = "unit_unknown", "No such unit"


class UnitOccupied(Conflict):
    code, title = "unit_occupied", "The unit is not empty yet"


class UnitOnTop(Conflict):
    code, title = "unit_on_top", "The top of the tree stays open"


class UnitClosedAlready(Conflict):
    code, title = "unit_closed_already", "The unit is closed already"


class UnitOpen(Conflict):
    code, title = "unit_open", "The unit is not closed"


class StandsNowhere(Invalid):
    code, title = "unit_misplaced", "That kind of unit does not stand there"


class StandsThereAlready(Conflict):
    code, title = "unit_stands_there", "The unit stands there already"


class StandsUnderItself(Conflict):
    code, title = "unit_under_itself", "A unit cannot stand under itself"


class UnitNameTaken(Conflict):
    code, title = "unit_name_taken", "Another unit there has that name"


class DayImpossible(Invalid):
    code, title = "day_impossible", "Not possible on that day"


class ReasonNeeded(Invalid):
    code, title = "reason_needed", "A reason is needed"


class CommunityUnknown(NotFound):
    code, title = "community_unknown", "No such community"


class NotInService(Forbidden):
    code, title = "not_in_service", "For members in service"


class RegisteredThere(Conflict):
    code, title = "registered_there", "Registered there already"


class RegistrationWaits(Conflict):
    code, title = "registration_waits", "Another registration waits for its decision"


class RegistrationUnknown(NotFound):
    code, title = "registration_unknown", "No such registration"


class RegistrationOver(Conflict):
    code, title = "registration_state", "Not possible in this state of the registration"


class OwnRegistration(Forbidden):
    code, title = "own_registration", "Nobody decides on their own registration"


class SeatTaken(Conflict):
    code, title = "seat_taken", "Has a seat there already"


class SeatUnknown(NotFound):
    code, title = "seat_unknown", "No such seat"


class SeatOver(Conflict):
    code, title = "seat_over", "The seat is free already"


class CommitteeUnknown(NotFound):
    code, title = "committee_unknown", "No such committee"


class ContactUnknown(NotFound):
    code, title = "contact_unknown", "No such person"
