"""Bodies and answers of signing in and out."""

import marshmallow as ma

from app.core.bodies import Schema, Text


class SessionRequest(Schema):
    """A login code, and the mini-program it comes from."""

    platform = ma.fields.String(required=True, validate=ma.validate.OneOf(["wechat"]))
    appid = Text(most=64, required=True)
    code = Text(most=256, required=True)


class StaffSessionRequest(Schema):
    """A staff name, its password, and a second factor where one is set up."""

    username = Text(most=64, required=True)
    password = Text(most=256, strip=False, required=True)
    otp = Text(most=10, load_default=None, allow_none=True)


class CommunityAnswer(Schema):
    id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)


class MemberAnswer(Schema):
    """The person behind the session."""

    id = ma.fields.UUID(required=True)
    display_name = ma.fields.String(required=True)
    kinds = ma.fields.List(ma.fields.String(), required=True)
    community = ma.fields.Nested(CommunityAnswer, required=True)


class SessionAnswer(Schema):
    """A new session. The token is shown only this once."""

    token = ma.fields.String(required=True)
    expires_at = ma.fields.AwareDateTime(required=True)
    member = ma.fields.Nested(MemberAnswer, required=True)


class RoleAnswer(Schema):
    role = ma.fields.String(required=True)
    org_unit_id = ma.fields.UUID(required=True)


class StaffSessionAnswer(SessionAnswer):
    """A new staff session, and the roles it holds today."""

    roles = ma.fields.List(ma.fields.Nested(RoleAnswer), required=True)


class OwnSessionAnswer(Schema):
    """One of the caller's sessions."""

    id = ma.fields.UUID(required=True)
    staff = ma.fields.Boolean(required=True)
    current = ma.fields.Boolean(required=True)
    created_at = ma.fields.AwareDateTime(required=True)
    last_seen_at = ma.fields.AwareDateTime(required=True)


class MeAnswer(MemberAnswer):
    """The caller, and the roles held today."""

    roles = ma.fields.List(ma.fields.Nested(RoleAnswer), required=True)
