"""What is sent and answered about turns at a station."""

import marshmallow as ma

from app.core.bodies import Schema, Text
from app.ledger.expected import ExpectedAnswer


class LettingGoRequest(Schema):
    """Why somebody cannot come; the station's staff read it."""

    reason = Text(most=100, required=True)


class StepRequest(Schema):
    """The code on the station's wall, as it was scanned."""

    code = Text(most=512, required=True)


class TurnBody(Schema):
    """Somebody's part in a shift: its state, and when they came and left, once they have."""

    id = ma.fields.UUID(required=True)
    state = ma.fields.String(required=True)
    reason = ma.fields.String(required=True, allow_none=True)
    came_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    left_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    minutes = ma.fields.Integer(required=True, allow_none=True)


class ShiftBody(Schema):
    """A shift, how many are still wanted or look for another, and one's own part in it."""

    id = ma.fields.UUID(required=True)
    station_id = ma.fields.UUID(required=True)
    station = ma.fields.String(required=True)
    day = ma.fields.Date(required=True)
    from_minute = ma.fields.Integer(required=True)
    to_minute = ma.fields.Integer(required=True)
    task = ma.fields.String(required=True)
    wanted = ma.fields.Integer(required=True)
    free = ma.fields.Integer(required=True)
    offered = ma.fields.Integer(required=True)
    called_off = ma.fields.Boolean(required=True)
    turn = ma.fields.Nested(TurnBody, required=True, allow_none=True)


class ShiftAnswer(Schema):
    shift = ma.fields.Nested(ShiftBody, required=True)


class ShiftsAnswer(Schema):
    items = ma.fields.List(ma.fields.Nested(ShiftBody), required=True)


class ServedAnswer(Schema):
    """A turn, and what it will earn once settled; nothing before it is served."""

    turn = ma.fields.Nested(TurnBody, required=True)
    expected = ma.fields.List(ma.fields.Nested(ExpectedAnswer), required=True)


class UnconfirmedTurn(Schema):
    """A turn that somebody else has to confirm; one's `own` is for a colleague."""

    turn = ma.fields.Nested(TurnBody, required=True)
    shift = ma.fields.Nested(ShiftBody, required=True)
    name = ma.fields.String(required=True)
    own = ma.fields.Boolean(required=True)


class UnconfirmedAnswer(Schema):
    items = ma.fields.List(ma.fields.Nested(UnconfirmedTurn), required=True)
