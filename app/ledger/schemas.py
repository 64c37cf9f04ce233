"""Answers of the passbook."""

import marshmallow as ma

from app.core.bodies import Schema
from app.core.paging import PageRequest
from points_engine import Destination, Unit


class ExpiringAnswer(Schema):
    on = ma.fields.Date(required=True)
    amount = ma.fields.Integer(required=True)


class NumberAnswer(Schema):
    available = ma.fields.Integer(required=True)
    pending = ma.fields.Integer(required=True)


class PointsAnswer(NumberAnswer):
    """Spendable points: free, on their way, reserved, owed, and what lapses when and whither."""

    held = ma.fields.Integer(required=True)
    owed = ma.fields.Integer(required=True)
    expiring = ma.fields.List(ma.fields.Nested(ExpiringAnswer), required=True)
    lapses_to = ma.fields.Enum(Destination, by_value=True, required=True)


class BalancesAnswer(Schema):
    """The three numbers of a red account."""

    points = ma.fields.Nested(PointsAnswer, required=True)
    score = ma.fields.Nested(NumberAnswer, required=True)
    minutes = ma.fields.Nested(NumberAnswer, required=True)


class ExpiryChoice(Schema):
    """Where points go that lapse: back to the community, or to the love pool."""

    goes_to = ma.fields.Enum(Destination, by_value=True, required=True)


class BalancesRequest(Schema):
    """Whose numbers are wanted: the caller's, or those of whom they are a delegate of."""

    on_behalf_of = ma.fields.UUID(load_default=None)


class PassbookRequest(PageRequest):
    """Which lines are wanted, and whose: one's own, or those of whom one is a delegate of."""

    on_behalf_of = ma.fields.UUID(load_default=None)

    unit = ma.fields.Enum(Unit, by_value=True, load_default=None)


class PassbookLineAnswer(Schema):
    """One line of the passbook. `balance_after` is the balance of the line's own unit."""

    id = ma.fields.UUID(required=True, attribute="transfer_id")
    at = ma.fields.AwareDateTime(required=True, attribute="booked_at")
    on = ma.fields.Date(required=True, attribute="occurred_on")
    unit = ma.fields.Enum(Unit, by_value=True, required=True)
    amount = ma.fields.Integer(required=True)
    balance_after = ma.fields.Integer(required=True)
    kind = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    reason = ma.fields.String(required=True)
    source = ma.fields.String(required=True)
    policy_version = ma.fields.String(required=True)
    quarter = ma.fields.String(required=True)
    by = ma.fields.String(required=True, allow_none=True)  # who did it for them, masked
