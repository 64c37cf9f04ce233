"""Bodies and answers of stations and scans."""

import marshmallow as ma

from app.core.bodies import Schema, Text
from app.core.places import Location, PlacesRequest
from app.ledger.expected import ExpectedAnswer
from app.stations.labels import KINDS, SERVICES


class ScanRequest(Schema):
    """Whatever a scanner read."""

    text = Text(most=512, required=True)


class ActionAnswer(Schema):
    operation = ma.fields.String(required=True)
    label = ma.fields.String(required=True)
    method = ma.fields.String(required=True)
    path = ma.fields.String(required=True)


class ScanAnswer(Schema):
    """What was scanned, and what can be done with it now."""

    kind = ma.fields.String(
        required=True,
        validate=ma.validate.OneOf(["station", "venue", "person", "redeem", "pickup"]),
    )
    id = ma.fields.UUID(required=True)
    title = ma.fields.String(required=True)
    actions = ma.fields.List(ma.fields.Nested(ActionAnswer), required=True)


class VisitRequest(Schema):
    """The code on the station's wall, the service wanted, and where the phone is, if it says."""

    code = Text(most=512, required=True)
    service = ma.fields.String(
        load_default=None, allow_none=True, validate=ma.validate.OneOf([*SERVICES])
    )
    location = ma.fields.Nested(Location, load_default=None, allow_none=True)


class VisitBody(Schema):
    id = ma.fields.UUID(required=True)
    station_id = ma.fields.UUID(required=True)
    at = ma.fields.AwareDateTime(required=True)
    first_today = ma.fields.Boolean(required=True)
    state = ma.fields.String(required=True)


class VisitAnswer(Schema):
    """The visit, and what it will earn once settled."""

    visit = ma.fields.Nested(VisitBody, required=True)
    expected = ma.fields.List(ma.fields.Nested(ExpectedAnswer), required=True)


class StationsRequest(PlacesRequest):
    """Which stations are wanted."""

    kind = ma.fields.String(load_default=None, validate=ma.validate.OneOf([*KINDS]))
    open_now = ma.fields.Boolean(load_default=None)


class ServiceAnswer(Schema):
    code = ma.fields.String(required=True)
    name = ma.fields.String(required=True)


class StationAnswer(Schema):
    """A station, and whether its doors are open now."""

    id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    kind = ma.fields.String(required=True)
    address = ma.fields.String(required=True)
    location = ma.fields.Nested(Location, required=True, allow_none=True)
    open_now = ma.fields.Boolean(required=True)
    services = ma.fields.List(ma.fields.Nested(ServiceAnswer), required=True)


class StationCodeRequest(Schema):
    """In which form the code is wanted."""

    format = ma.fields.String(
        load_default="svg", validate=ma.validate.OneOf(["svg", "png", "text"])
    )
