"""Why enrolling, checking in or checking out can be refused."""

from app.core.errors import Conflict, Invalid, NotFound

NO_ACTIVITY = "没有找到这个活动，可能已经取消。"  # said wherever one is looked for


class ActivityUnknown(NotFound):
    code, title = "activity_unknown", "Unknown activity"


class ActivityNotOpen(Conflict):
    code, title = "activity_not_open", "Not open for checking in"


class CheckInClosed(Conflict):
    """Too late to check in by oneself; staff still can."""

    code, title = "check_in_closed", "Too late to check in by oneself"


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


class DraftWrong(Invalid):
    code, title = "draft_wrong", "The draft cannot stand as it is"


class StateChanged(Conflict):
    code, title = "activity_state", "The activity is not in the state for this"


class OwnDraft(Conflict):
    code, title = "own_draft", "Somebody else reviews"


class ReviewTooLate(Conflict):
    code, title = "review_too_late", "It would have begun before anybody knew"


class InsuranceMissing(Conflict):
    code, title = "insurance_missing", "An insurance number is needed"


class SomebodyCame(Conflict):
    code, title = "somebody_came", "People have been there already"


class NotOverYet(Conflict):
    code, title = "activity_not_over", "The activity is not over yet"


class OwnAttendance(Conflict):
    code, title = "own_attendance", "Somebody else confirms"


class NothingToConfirm(Conflict):
    code, title = "nothing_to_confirm", "Nothing waits to be confirmed"


class LeftLater(Invalid):
    code, title = "left_later", "An attendance can be made shorter, not longer"


class AttendanceUnknown(NotFound):
    code, title = "attendance_unknown", "Unknown attendance"


class AlreadyDecided(Conflict):
    code, title = "already_decided", "Decided before"


class TaskNeeded(Invalid):
    code, title = "task_needed", "A task must be chosen"


class AgeUnfit(Conflict):
    code, title = "age_unfit", "The task has an age limit"


class NotEnrolled(Conflict):
    code, title = "not_enrolled", "Not enrolled"


class OfferNone(Conflict):
    code, title = "offer_none", "No place is offered"


class OfferLapsed(Conflict):
    code, title = "offer_lapsed", "The offer has lapsed"


class OffersRun(Conflict):
    code, title = "offers_run", "Places are offered by themselves"


class NoPlaceFree(Conflict):
    code, title = "no_place_free", "No place is free"


class SeriesUnknown(NotFound):
    code, title = "series_unknown", "Unknown series"


class SeriesNamedTwice(Conflict):
    code, title = "series_named_twice", "A series of that name exists"


class UnitOutOfReach(NotFound):
    code, title = "unit_out_of_reach", "Unknown unit"


class EnrolmentUnknown(NotFound):
    code, title = "enrolment_unknown", "Unknown enrolment"


class AttendeeUnknown(NotFound):
    code, title = "attendee_unknown", "Unknown person"


class BackfillLate(Conflict):
    code, title = "backfill_late", "Too late to be recorded afterwards"


class AttendeeUnclear(Conflict):
    code, title = "attendee_unclear", "Several people are called so"


class LeftWhen(Invalid):
    code, title = "left_when", "Not a time at which they can have left"


class NotAttended(Conflict):
    code, title = "not_attended", "Only who came and left may say how it was"


class FeedbackLate(Conflict):
    code, title = "feedback_late", "The time for feedback is over"


class WordsDecided(Conflict):
    code, title = "words_decided", "Nobody has to look at these words"


class FeedbackAnswered(Conflict):
    code, title = "feedback_answered", "The feedback was answered"


class FeedbackUnknown(NotFound):
    code, title = "feedback_unknown", "Unknown feedback"


class OwnFeedback(Conflict):
    code, title = "own_feedback", "Somebody else answers one's own feedback"


class NobodyToThank(Conflict):
    code, title = "nobody_to_thank", "Everybody who came was thanked"


class RegisterTooLarge(Conflict):
    code, title = "register_too_large", "Too many rows for one register"


class ListUnknown(NotFound):
    code, title = "attendance_list_unknown", "Unknown attendance list"


class ListForStaff(Conflict):
    code, title = "attendance_list_for_staff", "A list on paper is entered by staff"


class ListWrong(Invalid):
    code, title = "attendance_list_wrong", "Lines of the list cannot stand as they are"


class LineWrong(Invalid):
    code, title = "attendance_line_wrong", "The line cannot stand as it is"


class SlipUnknown(NotFound):
    code, title = "slip_unknown", "No such confirmation slip"


class SlipNamedTwice(Conflict):
    code, title = "slip_named_twice", "A slip of that name waits for an answer"


class SlipAnswered(Conflict):
    code, title = "slip_answered", "The slip was answered before"


class SlipOver(Conflict):
    code, title = "slip_over", "The slip was revoked before"


class SlipWrong(Invalid):
    code, title = "slip_wrong", "The slip cannot stand as it is"


class SlipTooEarly(Conflict):
    code, title = "slip_too_early", "The service has not begun yet"


class InsiderCall(Conflict):
    code, title = "insider_call", "Somebody who had no part in it asks"


class DenialDecided(Conflict):
    code, title = "denial_decided", "Somebody has looked into it before"


class NotSettledYet(Conflict):
    code, title = "not_settled_yet", "What it brought is not in the books yet"


class DocumentUnknown(NotFound):
    code, title = "document_unknown", "No such document"


class DocumentRefused(Invalid):
    code, title = "document_refused", "Not a document we can keep"


class DocumentThere(Conflict):
    code, title = "document_there", "The same file is there already"


class OwnDocument(Conflict):
    code, title = "own_document", "Somebody else looks at one's document"


class DocumentDecided(Conflict):
    code, title = "document_decided", "Somebody has looked at it before"
