"""Why enrolling, checking in or checking out can be refused."""

from app.core.errors import Conflict, Invalid, NotFound

NO_ACTIVITY = "没有找到这个活动，可能已经取消。"  # said wherever one is looked for


class ActivityUnknown(NotFound):
    code, title = "activity_unknown", "Unknown activity"


class ActivityNotOpen(Conflict):
    code, title = "activity_not_open", "Not open for checking in"


class ActivityOver(Conflict):
    code, title = "activity_over", "The activity is over"


class VenueCodeNeeded(Invalid):
    code, title = "venue_code_needed", "The venue's code is needed"


class VenueCodeForOther(Conflict):
    code, title = "venue_code_for_other", "The code is for something else"


class AlreadyCheckedIn(Conflict):
    code, title = "already_checked_in", "Checked in before"


class NotCheckedIn(Conflict):
    code, title = "not_checked_in", "Not checked in"


class AlreadyCheckedOut(Conflict):
    code, title = "already_checked_out", "Checked out before"


class AlreadyEnrolled(Conflict):
    code, title = "already_enrolled", "Enrolled before"
