"""Bodies and answers of coming and going."""

import marshmallow as ma

from app.activities import anomalies
from app.activities.arrival_models import Attendance
from app.activities.recording import Beginning
from app.activities.ways import Review
from app.core.bodies import Schema, Text
from app.core.places import Location
from app.ledger.expected import ExpectedAnswer

MONTH = ma.validate.Regexp(r"^2[0-9]{3}-(0[1-9]|1[0-2])\Z", error="请写年月，例如 2026-12。")


class ArrivalRequest(Schema):
    """The code on the venue's screen; where the phone is, and what time it has, if it says.

    What is sent late says with `device_time` when the code was read. A delegate says for whom.
    """

    code = Text(most=512, load_default=None, allow_none=True)
    location = ma.fields.Nested(Location, load_default=None, allow_none=True)
    device_time = ma.fields.AwareDateTime(load_default=None, allow_none=True)
    on_behalf_of = ma.fields.UUID(load_default=None, allow_none=True)


class ShorteningRequest(Schema):
    """When one left, where that was earlier than what was written down; never later."""

    left_at = ma.fields.AwareDateTime(load_default=None, allow_none=True)


def _state(row: Beginning | Attendance) -> str:
    return row.review if row.review == Review.PENDING else row.state


def _reasons(row: Beginning | Attendance) -> list[str]:
    return anomalies.said(row.reasons) if row.review == Review.PENDING else []


class AttendanceBody(Schema):
    """An attendance; `pending_review` where somebody looks at it first, for these reasons."""

    id = ma.fields.UUID(required=True)
    state = ma.fields.Function(_state, required=True)
    checked_in_at = ma.fields.AwareDateTime(required=True)
    reasons = ma.fields.Function(_reasons, required=True)


class CheckInAnswer(Schema):
    attendance = ma.fields.Nested(AttendanceBody, required=True)


class CheckedOutBody(AttendanceBody):
    checked_out_at = ma.fields.AwareDateTime(required=True)
    minutes = ma.fields.Integer(required=True)


class EnteredBody(AttendanceBody):
    """One who may be there still."""

    checked_out_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    minutes = ma.fields.Integer(required=True, allow_none=True)


class CheckOutAnswer(Schema):
    """The finished attendance, and what it will earn once settled."""

    attendance = ma.fields.Nested(CheckedOutBody, required=True)
    expected = ma.fields.List(ma.fields.Nested(ExpectedAnswer), required=True)


class DoubtfulBody(Schema):
    """An attendance that waits; the name is masked."""

    id = ma.fields.UUID(required=True)
    activity_id = ma.fields.UUID(required=True)
    title = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    checked_in_at = ma.fields.AwareDateTime(required=True)
    checked_out_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    minutes = ma.fields.Integer(required=True, allow_none=True)
    reasons = ma.fields.List(ma.fields.String(), required=True)


class DoubtfulAnswer(Schema):
    items = ma.fields.List(ma.fields.Nested(DoubtfulBody), required=True)


class RemarkRequest(Schema):
    """Why; a rejection has to say so."""

    reason = Text(most=200, least=0, load_default="")


class DecidedBody(AttendanceBody):
    review = ma.fields.String(required=True)


class DecidedAnswer(Schema):
    attendance = ma.fields.Nested(DecidedBody, required=True)


class AidRequest(Schema):
    """A card that is there, or somebody who was found and the reason they are checked by hand."""

    card_no = Text(most=20, least=0, load_default="")
    person_id = ma.fields.UUID(load_default=None, allow_none=True)
    reason = Text(most=200, least=0, load_default="")


class StaffEnrolRequest(AidRequest):
    """The same, and for what task, where there are several."""

    task_id = ma.fields.UUID(load_default=None, allow_none=True)


class BackfillRequest(AidRequest):
    """The same, from when to when they were there, and always why it is recorded afterwards."""

    came_at = ma.fields.AwareDateTime(required=True)
    left_at = ma.fields.AwareDateTime(required=True)


class BackfillAnswer(Schema):
    attendance = ma.fields.Nested(CheckedOutBody, required=True)


class AllOutRequest(Schema):
    """When everybody left, now where it says nothing; and why staff do it."""

    left_at = ma.fields.AwareDateTime(load_default=None, allow_none=True)
    reason = Text(most=200, least=2, required=True)


class AllOutAnswer(Schema):
    attendances = ma.fields.List(ma.fields.Nested(CheckedOutBody), required=True)


class ListRequest(Schema):
    """How many empty lines are printed, for people who did not enrol."""

    blank = ma.fields.Integer(load_default=10, strict=True, validate=ma.validate.Range(0, 40))


class ListLine(Schema):
    """A printed line, with the masked name; `came` says how they came, empty where they did not."""

    number = ma.fields.Integer(required=True)
    name = ma.fields.String(required=True)
    task = ma.fields.String(required=True)
    came = ma.fields.String(required=True)


class ListBody(Schema):
    """A printed list. Its empty lines have the numbers after those of all its printed lines.

    `unseen` of these are of people whom the caller does not look after.
    """

    code = ma.fields.String(required=True)
    activity_id = ma.fields.UUID(required=True)
    printed_at = ma.fields.AwareDateTime(required=True)
    address = ma.fields.String(required=True)
    blank = ma.fields.Integer(required=True)
    late = ma.fields.Boolean(required=True)
    lines = ma.fields.List(ma.fields.Nested(ListLine), required=True)
    unseen = ma.fields.Integer(required=True)


class ListAnswer(Schema):
    attendance_list = ma.fields.Nested(ListBody, required=True)


class ListedRequest(Schema):
    """A line with a tick; of an empty one, also whose card it is or who was found."""

    number = ma.fields.Integer(required=True, strict=True, validate=ma.validate.Range(1, 9999))
    came_at = ma.fields.AwareDateTime(required=True)
    left_at = ma.fields.AwareDateTime(load_default=None, allow_none=True)
    card_no = Text(most=20, least=0, load_default="")
    person_id = ma.fields.UUID(load_default=None, allow_none=True)


class EntryRequest(Schema):
    """Everybody who signed, in one go, and once for the list why it was on paper, or who kept it.

    No `left_at` means that they are still there.
    """

    reason = Text(most=200, least=2, required=True)
    lines = ma.fields.List(
        ma.fields.Nested(ListedRequest), required=True, validate=ma.validate.Length(1, 400)
    )


class EntryAnswer(Schema):
    """Whom it wrote down, how many of them wait for a decision, and how many had come before."""

    attendances = ma.fields.List(ma.fields.Nested(EnteredBody), required=True)
    waiting = ma.fields.Integer(required=True)
    already = ma.fields.Integer(required=True)
