"""Bodies and answers of what is said afterwards, of the four arrivals, and of registers."""

import marshmallow as ma

from app.activities.kinds import WordsState
from app.core.bodies import Schema, Text

MONTH = ma.validate.Regexp(r"^2[0-9]{3}-(0[1-9]|1[0-2])\Z", error="请写年月，例如 2026-12。")


class FeedbackRequest(Schema):
    """How it was, 1 to 5, and a few words if one likes."""

    rating = ma.fields.Integer(required=True, strict=True, validate=ma.validate.Range(1, 5))
    words = Text(most=300, least=0, load_default="")


class AnswerRequest(Schema):
    """What the organisers say to it."""

    answer = Text(most=300, required=True)


class FeedbackBody(Schema):
    """What somebody who came says of an activity, and what was answered."""

    id = ma.fields.UUID(required=True)
    activity_id = ma.fields.UUID(required=True)
    rating = ma.fields.Integer(required=True)
    words = ma.fields.String(required=True)
    words_state = ma.fields.String(
        required=True, validate=ma.validate.OneOf([one.value for one in WordsState])
    )
    given_at = ma.fields.AwareDateTime(required=True)
    answer = ma.fields.String(required=True)
    answered_at = ma.fields.AwareDateTime(required=True, allow_none=True)


class FeedbackAnswer(Schema):
    feedback = ma.fields.Nested(FeedbackBody, required=True)


class LookRequest(Schema):
    """Whether the words are shown or hidden, and why."""

    decision = ma.fields.String(required=True, validate=ma.validate.OneOf(["show", "hide"]))
    reason = Text(most=200, required=True)


class WordsBody(Schema):
    """Words that wait for somebody of the staff to look at them."""

    id = ma.fields.UUID(required=True)
    activity_id = ma.fields.UUID(required=True)
    title = ma.fields.String(required=True)
    name_masked = ma.fields.String(required=True)
    words = ma.fields.String(required=True)
    given_at = ma.fields.AwareDateTime(required=True)


class StampAnswer(Schema):
    """One of the four, done or not; `owed_by` says whose step comes next."""

    key = ma.fields.String(
        required=True,
        validate=ma.validate.OneOf(["registered", "notified", "attended", "answered"]),
    )
    title = ma.fields.String(required=True)
    done = ma.fields.Boolean(required=True)
    at = ma.fields.AwareDateTime(required=True, allow_none=True)
    said = ma.fields.String(required=True)
    owed_by = ma.fields.String(
        required=True, validate=ma.validate.OneOf(["nobody", "oneself", "leader", "community"])
    )


class FourArrivalsAnswer(Schema):
    """An activity of the caller with 报到, 预告收到, 活动签到 and 反馈得到."""

    activity_id = ma.fields.UUID(required=True)
    title = ma.fields.String(required=True)
    starts_at = ma.fields.AwareDateTime(required=True)
    stamps = ma.fields.List(ma.fields.Nested(StampAnswer), required=True)


class RegisterRequest(Schema):
    """Of which month ("2026-11"); of one community or one activity, where not of all."""

    month = ma.fields.String(required=True, validate=MONTH)
    community_id = ma.fields.UUID(load_default=None, allow_none=True)
    activity_id = ma.fields.UUID(load_default=None, allow_none=True)


class RegisterLine(Schema):
    """One person at one activity, in local time; the name is masked."""

    name = ma.fields.String(required=True)
    came = ma.fields.String(required=True)
    left = ma.fields.String(required=True)
    minutes = ma.fields.Integer(required=True)


class RegisterSheet(Schema):
    """An activity with who was there."""

    id = ma.fields.UUID(required=True)
    title = ma.fields.String(required=True)
    category = ma.fields.String(required=True)
    community = ma.fields.String(required=True)
    place = ma.fields.String(required=True)
    when = ma.fields.String(required=True)
    minutes = ma.fields.Integer(required=True)
    lines = ma.fields.List(ma.fields.Nested(RegisterLine), required=True)


class RegisterBody(Schema):
    """Its sheets and sums; what waits for somebody's decision is counted in none."""

    people = ma.fields.Integer(required=True)
    minutes = ma.fields.Integer(required=True)
    waiting = ma.fields.Integer(required=True)
    sheets = ma.fields.List(ma.fields.Nested(RegisterSheet), required=True)


class RegisterAnswer(Schema):
    register = ma.fields.Nested(RegisterBody, required=True)
