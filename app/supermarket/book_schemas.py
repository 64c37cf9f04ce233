"""Bodies and answers about a shop's books."""

import marshmallow as ma

from app.core.bodies import Schema
from app.supermarket.kinds import Length


class BookRequest(Schema):
    """The day, the month or the quarter in which a civil day lies."""

    span = ma.fields.String(
        required=True, validate=ma.validate.OneOf([one.value for one in Length])
    )
    day = ma.fields.Date(required=True)


class BookLine(Schema):
    """A kind of goods of one batch that came or went; names of people are masked.

    `value` is points, or in the donations a fair value in fen where one is known. What came back
    is below zero.
    """

    day = ma.fields.String(required=True)
    number = ma.fields.String(required=True)
    who = ma.fields.String(required=True)
    goods = ma.fields.String(required=True)
    unit = ma.fields.String(required=True)
    quantity = ma.fields.Integer(required=True)
    batch = ma.fields.String(required=True)
    best_before = ma.fields.String(required=True)
    value = ma.fields.Integer(required=True, allow_none=True)
    by = ma.fields.String(required=True)
    way = ma.fields.String(required=True)


class BookTotals(Schema):
    """Pieces, and in the redemptions points."""

    pieces = ma.fields.Integer(required=True)
    points = ma.fields.Integer(required=True, allow_none=True)


class BookBody(Schema):
    """The lines with their sums, and what the ledgers say by themselves of the same time."""

    title = ma.fields.String(required=True)
    lines = ma.fields.List(ma.fields.Nested(BookLine), required=True)
    total = ma.fields.Nested(BookTotals, required=True)
    said = ma.fields.Nested(BookTotals, required=True)
    is_true = ma.fields.Boolean(required=True)


class BookAnswer(Schema):
    register = ma.fields.Nested(BookBody, required=True)
