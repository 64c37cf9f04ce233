"""Bodies and answers about one's own telephone number."""

from typing import Any

import marshmallow as ma

from app.core.bodies import Schema, Text
from app.identity.phones import How

LONGEST_NUMBER, LONGEST_NAME = 32, 40


class PhoneRequest(Schema):
    """The code of the phone button (not of `wx.login`) and its mini-program; or a typed number.

    The name is needed with a typed number. With a code, it lets a newcomer be recognised whom
    their community already knows by this number.
    """

    platform = ma.fields.String(load_default=None, validate=ma.validate.OneOf(["wechat"]))
    appid = Text(most=64, load_default=None)
    code = Text(most=256, load_default=None)
    number = Text(most=LONGEST_NUMBER, load_default=None)
    name = Text(most=LONGEST_NAME, load_default=None)

    @ma.validates_schema
    def _one_of_two(self, data: dict[str, Any], **_: object) -> None:
        code = [data[name] is not None for name in ("platform", "appid", "code")]
        typed = data["number"] is not None
        if any(code) is typed or any(code) is not all(code):
            message = "请填写 platform、appid 和 code，或者填写 number 和 name。"
            raise ma.ValidationError(message, "code")
        if typed and data["name"] is None:
            raise ma.ValidationError("请填写姓名。", "name")


class KeptNumberAnswer(Schema):
    """The number on the caller's file, masked, since when, and how it was proved, if it was."""

    masked = ma.fields.String(required=True)
    set_at = ma.fields.AwareDateTime(required=True)
    verified_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    verified_how = ma.fields.String(
        required=True, allow_none=True, validate=ma.validate.OneOf([*How, None])
    )


class ClaimAnswer(Schema):
    """A typed number that waits to be checked, masked; unchecked, it lapses."""

    masked = ma.fields.String(required=True)
    made_at = ma.fields.AwareDateTime(required=True)
    lapses_at = ma.fields.AwareDateTime(required=True)


class ReleaseAnswer(Schema):
    """Staff were told that the number has another owner; until then the caller may object."""

    asked_at = ma.fields.AwareDateTime(required=True)
    due_at = ma.fields.AwareDateTime(required=True)


class OwnPhoneAnswer(Schema):
    """The caller's number, what waits to be checked, and until when nothing can be redeemed."""

    number = ma.fields.Nested(KeptNumberAnswer, required=True, allow_none=True)
    claim = ma.fields.Nested(ClaimAnswer, required=True, allow_none=True)
    cooling_until = ma.fields.AwareDateTime(required=True, allow_none=True)
    release = ma.fields.Nested(ReleaseAnswer, required=True, allow_none=True)


class NewSessionAnswer(Schema):
    """A session of the person the caller turned out to be. The token is shown only this once."""

    token = ma.fields.String(required=True)
    expires_at = ma.fields.AwareDateTime(required=True)


class BoundAnswer(OwnPhoneAnswer):
    """What came of it, and a session where the caller's account is another person's now.

    The session they asked with has ended; this one goes on in its place.
    """

    session = ma.fields.Nested(NewSessionAnswer, required=True, allow_none=True)
