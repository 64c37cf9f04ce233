"""Bodies and answers of activities."""

from datetime import date

import marshmallow as ma

from app.activities.labels import CATEGORIES
from app.core.bodies import Schema, Text
from app.core.paging import PageRequest
from app.core.places import Location
from app.ledger.expected import ExpectedAnswer

EARLIEST, LATEST = date(2000, 1, 1), date(2999, 12, 31)


class ActivitiesRequest(PageRequest):
    """Which activities are wanted; `on` is a civil day."""

    community = ma.fields.UUID(load_default=None)
    on = ma.fields.Date(load_default=None, validate=ma.validate.Range(EARLIEST, LATEST))
    category = ma.fields.String(load_default=None, validate=ma.validate.OneOf([*CATEGORIES]))


class ActivityAnswer(Schema):
    """An activity, and how many places are taken."""

    id = ma.fields.UUID(required=True)
    title = ma.fields.String(required=True)
    category = ma.fields.String(required=True)
    place = ma.fields.String(required=True)
    starts_at = ma.fields.AwareDateTime(required=True)
    ends_at = ma.fields.AwareDateTime(required=True)
    state = ma.fields.String(required=True)
    capacity = ma.fields.Integer(required=True)
    enrolled = ma.fields.Integer(required=True)


class EnrolRequest(Schema):
    """Nothing to say yet."""


class EnrolmentBody(Schema):
    id = ma.fields.UUID(required=True)
    state = ma.fields.String(required=True, validate=ma.validate.OneOf(["confirmed", "waitlisted"]))


class EnrolmentAnswer(Schema):
    enrolment = ma.fields.Nested(EnrolmentBody, required=True)


class VenueCodeRequest(Schema):
    """Whether people come or go."""

    kind = ma.fields.String(load_default="in", validate=ma.validate.OneOf(["in", "out"]))


class VenueCodeAnswer(Schema):
    """The code to show now, and when to show the next."""

    code = ma.fields.String(required=True)
    valid_until = ma.fields.AwareDateTime(required=True)


class ArrivalRequest(Schema):
    """The code on the venue's screen, and where the phone is, if it says."""

    code = Text(most=512, load_default=None, allow_none=True)
    location = ma.fields.Nested(Location, load_default=None, allow_none=True)


class CheckedInBody(Schema):
    id = ma.fields.UUID(required=True)
    state = ma.fields.String(required=True)
    checked_in_at = ma.fields.AwareDateTime(required=True)


class CheckInAnswer(Schema):
    attendance = ma.fields.Nested(CheckedInBody, required=True)


class CheckedOutBody(CheckedInBody):
    checked_out_at = ma.fields.AwareDateTime(required=True)
    minutes = ma.fields.Integer(required=True)


class CheckOutAnswer(Schema):
    """The finished attendance, and what it will earn once settled."""

    attendance = ma.fields.Nested(CheckedOutBody, required=True)
    expected = ma.fields.List(ma.fields.Nested(ExpectedAnswer), required=True)
