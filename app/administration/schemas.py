"""Bodies and answers of roles, accounts and the audit log."""

from datetime import date
from typing import Any

import marshmallow as ma

from app.core.bodies import Schema, Text
from app.core.paging import PageRequest
from app.identity.roles import ROLES

STATES = ("proposed", "active", "refused", "ended")
LONGEST_REASON = 200
IN_THESE_CENTURIES = ma.validate.Range(min=date(2000, 1, 1), max=date(2199, 12, 31))


class GrantRequest(Schema):
    """A role for a person in a subtree, from a day on and until another."""

    person_id = ma.fields.UUID(required=True)
    role = ma.fields.String(required=True, validate=ma.validate.OneOf(sorted(ROLES)))
    org_unit_id = ma.fields.UUID(required=True)
    valid_from = ma.fields.Date(required=True, validate=IN_THESE_CENTURIES)
    valid_to = ma.fields.Date(required=True, validate=IN_THESE_CENTURIES)
    reason = Text(most=LONGEST_REASON, required=True)


class ReasonRequest(Schema):
    """Why something is taken back."""

    reason = Text(most=LONGEST_REASON, required=True)


class GrantsRequest(PageRequest):
    """Which grants are wanted."""

    state = ma.fields.String(load_default=None, validate=ma.validate.OneOf(STATES))


class GrantAnswer(Schema):
    """A role somebody holds, held, or is proposed for."""

    id = ma.fields.UUID(required=True)
    person_id = ma.fields.UUID(required=True)
    role = ma.fields.String(required=True)
    org_unit_id = ma.fields.UUID(required=True)
    valid_from = ma.fields.Date(required=True)
    valid_to = ma.fields.Date(required=True, allow_none=True)
    state = ma.fields.String(required=True)
    granted_by = ma.fields.UUID(required=True, allow_none=True)
    granted_at = ma.fields.AwareDateTime(required=True)
    approved_by = ma.fields.UUID(required=True, allow_none=True)
    reason = ma.fields.String(required=True)


class AuditRequest(PageRequest):
    """Which entries of the audit log are wanted: by action, by person, by days."""

    action = ma.fields.String(
        load_default=None,
        validate=ma.validate.Regexp(r"^[a-z_]{1,40}(\.[a-z_]{1,40}){0,2}$"),
    )
    person_id = ma.fields.UUID(load_default=None)
    since = ma.fields.Date(load_default=None, validate=IN_THESE_CENTURIES)
    until = ma.fields.Date(load_default=None, validate=IN_THESE_CENTURIES)


class AuditEntryAnswer(Schema):
    """One act: who did what to whom, when, and by which right."""

    seq = ma.fields.Integer(required=True)
    at = ma.fields.AwareDateTime(required=True)
    actor_id = ma.fields.UUID(required=True, allow_none=True)
    on_behalf_of = ma.fields.UUID(required=True, allow_none=True)
    role = ma.fields.String(required=True)
    action = ma.fields.String(required=True)
    about_kind = ma.fields.String(required=True, attribute="subject_kind")
    about_id = ma.fields.UUID(required=True, allow_none=True, attribute="subject_id")
    scope_id = ma.fields.UUID(required=True, allow_none=True)
    changed = ma.fields.Dict(required=True)
    reason = ma.fields.String(required=True)
    result = ma.fields.String(required=True)


class AccountAnswer(Schema):
    """A member of staff's account."""

    id = ma.fields.UUID(required=True)
    person_id = ma.fields.UUID(required=True)
    username = ma.fields.String(required=True)
    display_name = ma.fields.String(required=True)
    second_factor = ma.fields.Boolean(required=True)


class AccountRequest(Schema):
    """A name to sign in with: for a person who is known, or for a new colleague of a unit."""

    username = Text(most=32, required=True)
    person_id = ma.fields.UUID(load_default=None, allow_none=True)
    name = Text(most=40, least=0, load_default="")
    org_unit_id = ma.fields.UUID(load_default=None, allow_none=True)

    @ma.validates_schema
    def _one_of_two(self, data: dict[str, Any], **_: object) -> None:
        """Either somebody known, or a name and where they work."""
        new = bool(data["name"]) and data["org_unit_id"] is not None
        some = bool(data["name"]) or data["org_unit_id"] is not None
        if (data["person_id"] is not None) is some or some is not new:
            raise ma.ValidationError(
                "请填写 person_id，或者填写 name 和 org_unit_id。", "person_id"
            )


class NewSecretAnswer(Schema):
    """What the member of staff signs in with until they choose another. Shown only this once."""

    secret = ma.fields.String(required=True)
