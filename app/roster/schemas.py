"""Bodies and answers of importing."""

import marshmallow as ma

from app.core.bodies import Schema


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
