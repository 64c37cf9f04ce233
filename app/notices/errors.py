"""Why a notice or a line of the call list cannot be dealt with."""

from app.core.errors import Conflict, NotFound


class MessageUnknown(NotFound):
    code, title = "message_unknown", "Unknown message"


class LineUnknown(NotFound):
    code, title = "line_unknown", "Unknown line of the call list"


class LineClosed(Conflict):
    code, title = "line_closed", "Somebody has reached them already"


class StepPassed(Conflict):
    code, title = "step_passed", "The line is at another step by now"


class AccountUnknown(NotFound):
    code, title = "app_account_unknown", "Not signed in through this mini-program"
