"""Bodies and answers of importing, and of printed cards."""

import marshmallow as ma

from app.core.bodies import Schema, Text


class ImportRequest(Schema):
    """What the sheet is a list of, of which community, and whether it is only checked."""

    community_id = ma.fields.UUID(required=True)
    kind = ma.fields.String(load_default="people", validate=ma.validate.OneOf(["people", "units"]))
    dry_run = ma.fields.Boolean(load_default=True)


class ProblemAnswer(Schema):
    """What is wrong in the sheet, and where; never what stands there."""

    row = ma.fields.Integer(required=True)
    column = ma.fields.String(required=True)
    text = ma.fields.String(required=True)


class ImportAnswer(Schema):
    """A sheet that was checked, or is written."""

    id = ma.fields.UUID(required=True)
    state = ma.fields.String(required=True)
    rows = ma.fields.Integer(required=True)
    created = ma.fields.Integer(required=True)
    updated = ma.fields.Integer(required=True)
    problems = ma.fields.List(ma.fields.Nested(ProblemAnswer), required=True)


class ImportMade(Schema):
    """The import. The name is a word of the language, hence said twice."""

    import_ = ma.fields.Nested(ImportAnswer, required=True, data_key="import")


class CardSearchRequest(Schema):
    """The number that is printed on a card, or read from its QR code."""

    number = Text(most=20, required=True)


class PinRequest(Schema):
    """Four to six digits, and why, where there was a PIN before."""

    pin = Text(most=6, required=True)
    reason = Text(most=200, least=0, load_default="")


class CardBody(Schema):
    person_id = ma.fields.UUID(required=True)
    name_masked = ma.fields.String(required=True)
    number = ma.fields.String(required=True, allow_none=True)
    pin = ma.fields.String(required=True, validate=ma.validate.OneOf(["none", "set", "locked"]))


class CardAnswer(Schema):
    """Somebody's card. Its QR code is its number."""

    card = ma.fields.Nested(CardBody, required=True)
