"""Bodies and answers of stations and scans."""

import marshmallow as ma

from app.core.bodies import Schema, Text
from app.core.paging import PageRequest
from app.core.places import Location
from app.ledger.expected import ExpectedAnswer
from app.stations.kinds import Level, Service, StationKind


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
        validate=ma.validate.OneOf(
            ["station", "venue", "attendance_list", "person", "redeem", "pickup"]
        ),
    )
    id = ma.fields.UUID(required=True)
    title = ma.fields.String(required=True)
    actions = ma.fields.List(ma.fields.Nested(ActionAnswer), required=True)


class VisitRequest(Schema):
    """The code on the station's wall, the service wanted, and where the phone is, if it says."""

    code = Text(most=512, required=True)
    service = ma.fields.String(
        load_default=None, allow_none=True, validate=ma.validate.OneOf([*Service])
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


class StationsRequest(PageRequest):
    """Which stations are wanted."""

    kind = ma.fields.String(load_default=None, validate=ma.validate.OneOf([*StationKind]))
    level = ma.fields.String(load_default=None, validate=ma.validate.OneOf([*Level]))
    service = ma.fields.String(load_default=None, validate=ma.validate.OneOf([*Service]))
    open_now = ma.fields.Boolean(load_default=None)


class SearchRequest(StationsRequest):
    """Which stations are wanted, and from where."""

    near = ma.fields.Nested(Location, required=True)


class StationDraftRequest(Schema):
    """What a station is to be."""

    name = Text(most=60, required=True)
    kind = ma.fields.Enum(StationKind, by_value=True, required=True)
    level = ma.fields.Enum(Level, by_value=True, required=True)
    address = Text(most=100, required=True)
    services = ma.fields.List(ma.fields.Enum(Service, by_value=True), required=True)
    contact = Text(most=60, least=0, load_default="")
    location = ma.fields.Nested(Location, load_default=None, allow_none=True)


class NewStationRequest(StationDraftRequest):
    """The same, and in which community."""

    community_id = ma.fields.UUID(required=True)


class VisitsRequest(Schema):
    """Whose visits are counted, and of which civil days, both counted in."""

    station_id = ma.fields.UUID(load_default=None)
    since = ma.fields.Date(required=True)
    until = ma.fields.Date(required=True)


class DayCount(Schema):
    day = ma.fields.Date(required=True)
    people = ma.fields.Integer(required=True)


class ServiceCount(Schema):
    service = ma.fields.String(required=True, allow_none=True)
    people = ma.fields.Integer(required=True)


class VisitorCount(Schema):
    visitor = ma.fields.String(required=True)
    people = ma.fields.Integer(required=True)


class VisitsAnswer(Schema):
    """How many came: people who signed in, and those who stayed unknown."""

    total = ma.fields.Integer(required=True)
    not_counted = ma.fields.Integer(required=True)
    by_day = ma.fields.List(ma.fields.Nested(DayCount), required=True)
    by_service = ma.fields.List(ma.fields.Nested(ServiceCount), required=True)
    by_visitor = ma.fields.List(ma.fields.Nested(VisitorCount), required=True)


class RoomsRequest(Schema):
    """Of which civil day the free half hours are wanted: today's, unless one is named."""

    day = ma.fields.Date(load_default=None)


class RoomAnswer(Schema):
    """A room, and the minutes of the day at which a free half hour begins."""

    id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    capacity = ma.fields.Integer(required=True)
    equipment = ma.fields.String(required=True)
    free = ma.fields.List(ma.fields.Integer(), required=True)


class RoomsAnswer(Schema):
    items = ma.fields.List(ma.fields.Nested(RoomAnswer), required=True)


class BookingRequest(Schema):
    """When a room is wanted, in minutes of the day, for how many, and what for."""

    day = ma.fields.Date(required=True)
    from_minute = ma.fields.Integer(required=True, validate=ma.validate.Range(0, 1440))
    to_minute = ma.fields.Integer(required=True, validate=ma.validate.Range(0, 1440))
    people = ma.fields.Integer(load_default=1, validate=ma.validate.Range(1, 1000))
    purpose = Text(most=60, required=True)


class BookingAnswer(Schema):
    id = ma.fields.UUID(required=True)
    room_id = ma.fields.UUID(required=True)
    day = ma.fields.Date(required=True)
    from_minute = ma.fields.Integer(required=True)
    to_minute = ma.fields.Integer(required=True)
    people = ma.fields.Integer(required=True)
    purpose = ma.fields.String(required=True)
    state = ma.fields.String(required=True)


class BookingsAnswer(Schema):
    items = ma.fields.List(ma.fields.Nested(BookingAnswer), required=True)


class ServiceAnswer(Schema):
    code = ma.fields.String(required=True)
    name = ma.fields.String(required=True)


class StationAnswer(Schema):
    """A station, and whether its doors are open now."""

    id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    kind = ma.fields.String(required=True)
    level = ma.fields.String(required=True)
    address = ma.fields.String(required=True)
    contact = ma.fields.String(required=True)
    location = ma.fields.Nested(Location, required=True, allow_none=True)
    open_now = ma.fields.Boolean(required=True)
    status = ma.fields.String(required=True)
    hours = ma.fields.String(required=True)
    metres = ma.fields.Integer(allow_none=True)
    services = ma.fields.List(ma.fields.Nested(ServiceAnswer), required=True)


class StationCodeRequest(Schema):
    """In which form the code is wanted."""

    format = ma.fields.String(
        load_default="svg", validate=ma.validate.OneOf(["svg", "png", "text"])
    )
