"""Bodies and answers of confirmation slips and documents."""

import marshmallow as ma

from app.activities.ways import Answer, Finding
from app.core.bodies import Schema, Text

MOST_AT_ONCE, MOST_PEOPLE = 50, 200


class SlipWanted(Schema):
    """For whom, in words that need name nobody, and what was to be done for them."""

    label = Text(most=40, required=True)
    served = Text(most=100, least=0, load_default="")
    person_id = ma.fields.UUID(load_default=None, allow_none=True)
    attendance_ids = ma.fields.List(
        ma.fields.UUID(), load_default=list, validate=ma.validate.Length(max=MOST_PEOPLE)
    )


class SlipsRequest(Schema):
    """The slips to issue: all of them or none."""

    slips = ma.fields.List(
        ma.fields.Nested(SlipWanted),
        required=True,
        validate=ma.validate.Length(min=1, max=MOST_AT_ONCE),
    )


class SlipBody(Schema):
    """A slip as its issuer sees it: whether it was answered, never what was answered."""

    id = ma.fields.UUID(required=True)
    label = ma.fields.String(required=True)
    served = ma.fields.String(required=True)
    state = ma.fields.String(required=True)
    code = ma.fields.String(required=True, allow_none=True)
    address = ma.fields.String(required=True, allow_none=True)
    valid_until = ma.fields.AwareDateTime(required=True)


class SlipAnswer(Schema):
    slip = ma.fields.Nested(SlipBody, required=True)


class SlipsAnswer(Schema):
    items = ma.fields.List(ma.fields.Nested(SlipBody), required=True)


class SlipReasonRequest(Schema):
    """Why."""

    reason = Text(most=200, least=0, load_default="")


class CodeRequest(Schema):
    """The code of a slip, and the short name of the city that is printed before it."""

    city = Text(most=60, required=True)
    code = Text(most=40, required=True)


class ServedRequest(CodeRequest):
    """Whether the service was given; the words are read by those who look into a denial only."""

    answer = ma.fields.Enum(Answer, by_value=True, required=True)
    words = Text(most=300, least=0, load_default="")


class CallRequest(Schema):
    """What somebody said by telephone, and why they were called."""

    answer = ma.fields.Enum(Answer, by_value=True, required=True)
    words = Text(most=300, least=0, load_default="")
    reason = Text(most=200, least=0, load_default="")


class ClaimedAnswer(Schema):
    """What a slip says was done. The names are family names."""

    title = ma.fields.String(required=True)
    organiser = ma.fields.String(required=True)
    place = ma.fields.String(required=True)
    starts_at = ma.fields.AwareDateTime(required=True)
    ends_at = ma.fields.AwareDateTime(required=True)
    label = ma.fields.String(required=True)
    served = ma.fields.String(required=True)
    people = ma.fields.Integer(required=True)
    minutes = ma.fields.Integer(required=True)
    names = ma.fields.List(ma.fields.String(), required=True)
    answered = ma.fields.Boolean(required=True)


class DenialBody(Schema):
    """A denial that somebody looks into."""

    id = ma.fields.UUID(required=True)
    activity_id = ma.fields.UUID(required=True)
    title = ma.fields.String(required=True)
    label = ma.fields.String(required=True)
    answered_at = ma.fields.AwareDateTime(required=True)
    by_call = ma.fields.Boolean(required=True)
    words = ma.fields.String(required=True)
    waiting = ma.fields.Integer(required=True)
    counted = ma.fields.Integer(required=True)


class DenialsAnswer(Schema):
    items = ma.fields.List(ma.fields.Nested(DenialBody), required=True)


class FindingRequest(Schema):
    """What was found, and how."""

    finding = ma.fields.Enum(Finding, by_value=True, required=True)
    reason = Text(most=200, least=0, load_default="")


class FoundAnswer(Schema):
    id = ma.fields.UUID(required=True)
    finding = ma.fields.String(required=True)


class DocumentRequest(Schema):
    """What the document in the body is called, and whose attendance it is about, if one's."""

    title = Text(most=60, load_default="凭证")
    attendance_id = ma.fields.UUID(load_default=None)


class DocumentBody(Schema):
    id = ma.fields.UUID(required=True)
    title = ma.fields.String(required=True)
    media_type = ma.fields.String(required=True)
    attendance_id = ma.fields.UUID(required=True, allow_none=True)
    state = ma.fields.String(required=True)
    uploaded_at = ma.fields.AwareDateTime(required=True)
    decided_for = ma.fields.String(required=True)


class DocumentAnswer(Schema):
    document = ma.fields.Nested(DocumentBody, required=True)


class DocumentsAnswer(Schema):
    items = ma.fields.List(ma.fields.Nested(DocumentBody), required=True)
