"""Bodies and answers of notices and of the call list."""

import marshmallow as ma

from app.core.bodies import Schema, Text
from app.core.paging import PageRequest
from app.notices.kinds import LineState, Missed, Outcome, Step


class MessagesRequest(PageRequest):
    """Which part of one's messages."""


class MessageAnswer(Schema):
    """A message, and whether its owner has read it."""

    id = ma.fields.UUID(required=True)
    title = ma.fields.String(required=True)
    text = ma.fields.String(required=True)
    path = ma.fields.String(required=True)
    at = ma.fields.AwareDateTime(required=True)
    read_at = ma.fields.AwareDateTime(required=True, allow_none=True)


class ReadAnswer(Schema):
    """How many messages were read by this, and how many wait."""

    read = ma.fields.Integer(required=True)
    unread = ma.fields.Integer(required=True)


class ChoiceRequest(Schema):
    """What somebody answered for one notice, in the words of `wx.requestSubscribeMessage`."""

    template = Text(most=60, required=True)
    answer = Text(most=40, required=True)


class SubscriptionRequest(Schema):
    """The answers of a popup, and the mini-program that showed it."""

    platform = ma.fields.String(required=True, validate=ma.validate.OneOf(["wechat"]))
    appid = Text(most=64, required=True)
    choices = ma.fields.List(
        ma.fields.Nested(ChoiceRequest), required=True, validate=ma.validate.Length(min=1, max=5)
    )


class SubscriptionAnswer(Schema):
    """How many rights were credited; none where the platform tells us itself."""

    credited = ma.fields.Integer(required=True)


class TryRequest(Schema):
    """A call or a visit, and what came of it."""

    step = ma.fields.Enum(Step, by_value=True, required=True)
    outcome = ma.fields.Enum(Outcome, by_value=True, required=True)


class TryAnswer(Schema):
    """What was tried, and when."""

    step = ma.fields.Enum(Step, by_value=True, required=True)
    outcome = ma.fields.Enum(Outcome, by_value=True, required=True)
    by = ma.fields.String(required=True)
    at = ma.fields.AwareDateTime(required=True)


class CallLineAnswer(Schema):
    """Somebody whom WeChat did not reach: why, what they are to be told, and the next step."""

    id = ma.fields.UUID(required=True)
    person_id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    community = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    text = ma.fields.String(required=True)
    missed = ma.fields.Enum(Missed, by_value=True, required=True)
    step = ma.fields.Enum(Step, by_value=True, required=True)
    state = ma.fields.Enum(LineState, by_value=True, required=True)
    tries = ma.fields.List(ma.fields.Nested(TryAnswer), required=True)


class CallNumberAnswer(Schema):
    """A number to ring, once; it is not to be kept."""

    number = ma.fields.String(required=True)


class CallListAnswer(Schema):
    """The lines that wait, the longest waiting first."""

    items = ma.fields.List(ma.fields.Nested(CallLineAnswer), required=True)
