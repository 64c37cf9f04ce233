"""Bodies and answers of mandates."""

import marshmallow as ma

from app.core.bodies import Schema
from app.households.kinds import Act, Relation

LARGEST_LIMIT = 1000


class DelegateRequest(Schema):
    """Who may act for the caller, in which matters, and how far a day."""

    delegate_id = ma.fields.UUID(required=True)
    acts = ma.fields.List(
        ma.fields.Enum(Act, by_value=True),
        required=True,
        validate=ma.validate.Length(min=1, max=len(Act)),
    )
    daily_limit = ma.fields.Integer(
        required=True, strict=True, validate=ma.validate.Range(min=0, max=LARGEST_LIMIT)
    )
    to_day = ma.fields.Date(load_default=None, allow_none=True)


class DelegateAnswer(Schema):
    """A mandate: who acts for whom, what they may do, until when."""

    id = ma.fields.UUID(required=True)
    person_id = ma.fields.UUID(required=True)
    delegate_id = ma.fields.UUID(required=True)
    relation = ma.fields.Enum(Relation, by_value=True, required=True)
    acts = ma.fields.List(ma.fields.String(), required=True)
    daily_limit = ma.fields.Integer(required=True)
    from_day = ma.fields.Date(required=True)
    to_day = ma.fields.Date(required=True, allow_none=True)


class DelegateMade(Schema):
    delegate = ma.fields.Nested(DelegateAnswer, required=True)
