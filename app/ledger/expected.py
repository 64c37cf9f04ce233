"""What a fact will earn, as the answer of any feature that reports one says it."""

import marshmallow as ma

from app.core.bodies import Schema
from points_engine import Unit


class ExpectedAnswer(Schema):
    """What will be credited in one unit once settled, and why."""

    unit = ma.fields.Enum(Unit, by_value=True, required=True)
    amount = ma.fields.Integer(required=True)
    reason = ma.fields.String(required=True)
