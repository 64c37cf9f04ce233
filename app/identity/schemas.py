"""Bodies and answers of signing in and out."""

from typing import Any

import marshmallow as ma

from app.core.bodies import Schema, Text
from app.identity.kinds import Purpose

LONGEST_OTP = 24  # a recovery code with its hyphens, and room for spaces


class DeviceId(ma.fields.String):
    """A random name the client gave its device, so that a new sign-in there ends the old one."""

    def __init__(self) -> None:
        super().__init__(
            load_default=None,
            validate=ma.validate.Regexp(r"^[A-Za-z0-9_-]{16,64}$"),
        )


class SessionRequest(Schema):
    """A login code, and the mini-program it comes from."""

    platform = ma.fields.String(required=True, validate=ma.validate.OneOf(["wechat"]))
    appid = Text(most=64, required=True)
    code = Text(most=256, required=True)
    device_id = DeviceId()


class StaffSessionRequest(Schema):
    """A staff name, its password, and a second factor where one is set up."""

    username = Text(most=64, required=True)
    password = Text(most=256, strip=False, required=True)
    otp = Text(most=LONGEST_OTP, load_default=None, allow_none=True)
    device_id = DeviceId()


class ConfirmationRequest(Schema):
    """A fresh login code of the same person; or, of staff, password and second factor."""

    platform = ma.fields.String(load_default=None, validate=ma.validate.OneOf(["wechat"]))
    appid = Text(most=64, load_default=None)
    code = Text(most=256, load_default=None)
    password = Text(most=256, strip=False, load_default=None)
    otp = Text(most=LONGEST_OTP, load_default=None, allow_none=True)

    @ma.validates_schema
    def _one_of_two(self, data: dict[str, Any], **_: object) -> None:
        """Either the three of a super-app, or a password."""
        code = [data[name] is not None for name in ("platform", "appid", "code")]
        if any(code) is (data["password"] is not None) or any(code) is not all(code):
            raise ma.ValidationError("请填写 platform、appid 和 code，或者填写 password。", "code")


class PasswordRequest(Schema):
    """A password of one's own choice."""

    password = Text(most=256, strip=False, required=True)


class SecondFactorRequest(Schema):
    """What the authenticator shows for the new secret."""

    otp = Text(most=LONGEST_OTP, required=True)


class CommunityAnswer(Schema):
    id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)


class MemberAnswer(Schema):
    """The person behind the session."""

    id = ma.fields.UUID(required=True)
    display_name = ma.fields.String(required=True)
    kinds = ma.fields.List(ma.fields.String(), required=True)
    community = ma.fields.Nested(CommunityAnswer, required=True)


class ConsentNeeded(ma.fields.List[str]):
    """What the caller is to be asked to agree to. Nothing is kept from who has not."""

    def __init__(self) -> None:
        one = ma.fields.String(validate=ma.validate.OneOf([*Purpose]))
        super().__init__(one, required=True)


class SessionAnswer(Schema):
    """A new session. The token is shown only this once."""

    token = ma.fields.String(required=True)
    expires_at = ma.fields.AwareDateTime(required=True)
    member = ma.fields.Nested(MemberAnswer, required=True)
    consent_needed = ConsentNeeded()


class RoleAnswer(Schema):
    role = ma.fields.String(required=True)
    org_unit_id = ma.fields.UUID(required=True)


class StaffSessionAnswer(SessionAnswer):
    """A new staff session, and the roles it holds today."""

    roles = ma.fields.List(ma.fields.Nested(RoleAnswer), required=True)
    must_enrol = ma.fields.Boolean(required=True)
    must_choose = ma.fields.Boolean(required=True)


class ConfirmationAnswer(Schema):
    """When the person of this session has last proved who they are."""

    auth_level = ma.fields.String(required=True)
    auth_time = ma.fields.AwareDateTime(required=True)


class WebLoginAnswer(Schema):
    """A device that asks to be let in, or for a fresh proof, as the phone shows it."""

    device = ma.fields.String(required=True)
    asked_at = ma.fields.AwareDateTime(required=True)
    purpose = ma.fields.String(required=True, validate=ma.validate.OneOf(["sign_in", "step_up"]))


class HandoffRequest(Schema):
    """Which page the web-view is to show first."""

    next = Text(most=200, load_default="/me")


class HandoffAnswer(Schema):
    """What the web-view opens, once and within a minute."""

    address = ma.fields.String(required=True)
    expires_at = ma.fields.AwareDateTime(required=True)


class FactorDraftAnswer(Schema):
    """A secret for an authenticator: to scan as a QR code, or to type. Shown to its owner only."""

    secret = ma.fields.String(required=True)
    address = ma.fields.String(required=True)


class RecoveryCodesAnswer(Schema):
    """Codes that open once each. They are shown only this once."""

    recovery_codes = ma.fields.List(ma.fields.String(), required=True)


class OwnSessionAnswer(Schema):
    """One of the caller's sessions."""

    id = ma.fields.UUID(required=True)
    staff = ma.fields.Boolean(required=True)
    current = ma.fields.Boolean(required=True)
    created_at = ma.fields.AwareDateTime(required=True)
    last_seen_at = ma.fields.AwareDateTime(required=True)
    device = ma.fields.String(required=True)
    auth_time = ma.fields.AwareDateTime(required=True)


class MeRequest(Schema):
    """What the caller may say of themself: in which size they read."""

    large_type = ma.fields.Boolean(required=True)


class MeAnswer(MemberAnswer):
    """The caller, by their full name where they gave one, and the roles held today."""

    full_name = ma.fields.String(required=True, allow_none=True)
    large_type = ma.fields.Boolean(required=True)
    consent_needed = ConsentNeeded()
    roles = ma.fields.List(ma.fields.Nested(RoleAnswer), required=True)


class ConsentRequest(Schema):
    """What one agrees to, in the version one was shown."""

    purpose = Text(most=32, required=True)
    version = Text(most=32, required=True)


class ConsentAnswer(Schema):
    """A text in force, and since when the caller has agreed to this version, if they have."""

    purpose = ma.fields.String(required=True, validate=ma.validate.OneOf([*Purpose]))
    title = ma.fields.String(required=True)
    version = ma.fields.String(required=True)
    paragraphs = ma.fields.List(ma.fields.String(), required=True)
    given_at = ma.fields.AwareDateTime(required=True, allow_none=True)


class OwnDataAnswer(Schema):
    """All that is kept of the caller: what was sealed, and each kind of record with its reason."""

    made_at = ma.fields.AwareDateTime(required=True)
    person = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(), required=True)
    kept = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Dict(), required=True)


class ErasureRequest(Schema):
    """Empty to ask what would happen; with the confirmation of that answer to let it happen."""

    confirmation = Text(most=100, load_default=None)


class ErasureAnswer(Schema):
    """What stands in the way, or the confirmation to send within ten minutes; or that it is done.

    Nothing brings back what was let go of.
    """

    state = ma.fields.String(
        required=True, validate=ma.validate.OneOf(["pending", "to_confirm", "erased"])
    )
    pending = ma.fields.List(ma.fields.String(), required=True)
    confirmation = ma.fields.String(required=True, allow_none=True)
