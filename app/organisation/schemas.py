"""Bodies and answers of the tree, of stationed units and of registrations."""

import marshmallow as ma

from app.core.bodies import Schema, Text
from app.core.paging import PageRequest
from app.organisation.kinds import Nature, RegistrationState, UnitKind

DECISIONS = ("accept", "refuse", "suspend", "close")


class OrgUnitsRequest(PageRequest):
    """Which part of the tree: what stands directly under a unit, or one's own tops."""

    under = ma.fields.UUID(load_default=None)


class OrgUnitRequest(Schema):
    """A new unit, and under which one it stands."""

    parent_id = ma.fields.UUID(required=True)
    kind = ma.fields.Enum(UnitKind, by_value=True, required=True)
    name = Text(most=60, required=True)
    on = ma.fields.Date(load_default=None, allow_none=True)


class NameRequest(Schema):
    """What a unit is called from now on."""

    name = Text(most=60, required=True)


class PlacementRequest(Schema):
    """Where a unit stands from a day on, and why it was moved."""

    parent_id = ma.fields.UUID(required=True)
    on = ma.fields.Date(required=True)
    reason = Text(most=200, required=True)


class ClosingRequest(Schema):
    """Why a unit is closed, or open again."""

    reason = Text(most=200, required=True)


class OrgUnitAnswer(Schema):
    """One unit of the tree. Its label is what the tenant calls its kind."""

    id = ma.fields.UUID(required=True)
    parent_id = ma.fields.UUID(required=True, allow_none=True)
    kind = ma.fields.String(required=True)
    kind_label = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    closed_on = ma.fields.Date(required=True, allow_none=True)


class OrgUnitMade(Schema):
    """A unit as it stands now."""

    unit = ma.fields.Nested(OrgUnitAnswer, required=True)


class StationedUnitRequest(Schema):
    """A unit that registers with the community in which it is."""

    community_id = ma.fields.UUID(required=True)
    name = Text(most=60, required=True)
    nature = ma.fields.Enum(Nature, by_value=True, required=True)
    contact_id = ma.fields.UUID(load_default=None, allow_none=True)


class StationedUnitAnswer(Schema):
    id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    nature = ma.fields.String(required=True)
    community_id = ma.fields.UUID(required=True)
    contact_id = ma.fields.UUID(required=True, allow_none=True)


class StationedUnitMade(Schema):
    unit = ma.fields.Nested(StationedUnitAnswer, required=True)


class RegistrationRequest(Schema):
    """The community where one lives; and, for a delegate, who it is that lives there."""

    community_id = ma.fields.UUID(required=True)
    on_behalf_of = ma.fields.UUID(load_default=None, allow_none=True)


class RegistrationsRequest(PageRequest):
    """One's own registrations, or those one may decide, by their state."""

    scope = ma.fields.String(load_default="own", validate=ma.validate.OneOf(["own", "community"]))
    state = ma.fields.Enum(
        RegistrationState, by_value=True, load_default=RegistrationState.PROPOSED
    )


class DecisionRequest(Schema):
    """What the community says. A refusal, a suspension and an end want a reason."""

    decision = ma.fields.String(required=True, validate=ma.validate.OneOf(DECISIONS))
    reason = Text(most=200, least=0, load_default="")


class RegistrationAnswer(Schema):
    """A registration: with whom, how far, since when, and what comes next."""

    id = ma.fields.UUID(required=True)
    name_masked = ma.fields.String(required=True)
    community_id = ma.fields.UUID(required=True)
    state = ma.fields.String(required=True)
    asked_on = ma.fields.Date(required=True)
    since = ma.fields.Date(required=True, allow_none=True)
    until = ma.fields.Date(required=True, allow_none=True)
    reason = ma.fields.String(required=True)
    next = ma.fields.String(required=True)


class RegistrationMade(Schema):
    registration = ma.fields.Nested(RegistrationAnswer, required=True)
