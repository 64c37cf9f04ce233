"""Bodies and answers of activities."""

from datetime import date

import marshmallow as ma

from app.activities import categories
from app.activities.kinds import (
    LEAST_RADIUS_M,
    MOST_RADIUS_M,
    Audience,
    EnrolmentState,
    Guarantee,
    Risk,
    Skill,
)
from app.core.bodies import Schema, Text
from app.core.paging import PageRequest

EARLIEST, LATEST = date(2000, 1, 1), date(2999, 12, 31)
AGES = ma.validate.Range(0, 120)
MONTH = ma.validate.Regexp(r"^2[0-9]{3}-(0[1-9]|1[0-2])\Z", error="请写年月，例如 2026-12。")


class ActivitiesRequest(PageRequest):
    """Which activities are wanted: `on` is a civil day, `minutes` how long one can stay at most."""

    community = ma.fields.UUID(load_default=None)
    on = ma.fields.Date(load_default=None, validate=ma.validate.Range(EARLIEST, LATEST))
    category = ma.fields.String(
        load_default=None, validate=ma.validate.OneOf([*categories.known()])
    )
    skill = ma.fields.Enum(Skill, by_value=True, load_default=None)
    minutes = ma.fields.Integer(load_default=None, validate=ma.validate.Range(10, 720))


class TaskAnswer(Schema):
    """Something to do at an activity, and how many places nobody has and nobody waits for."""

    id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    skill = ma.fields.String(required=True, allow_none=True)
    minutes = ma.fields.Integer(required=True)
    places = ma.fields.Integer(required=True)
    free = ma.fields.Integer(required=True)
    min_age = ma.fields.Integer(required=True)
    max_age = ma.fields.Integer(required=True)
    risk = ma.fields.String(required=True)


class SpotBody(Schema):
    """A spot on the earth, in degrees, and the system they are in."""

    lat = ma.fields.Float(required=True, validate=ma.validate.Range(-90, 90))
    lng = ma.fields.Float(required=True, validate=ma.validate.Range(-180, 180))
    crs = ma.fields.String(required=True, validate=ma.validate.OneOf(["gcj02", "wgs84"]))


class ActivityAnswer(Schema):
    """An activity, and how many places are taken.

    Where it has a `location`, a phone may say where it is when checking in; it need not. From
    `check_in_from` to `check_in_until` people check in by themselves.
    """

    id = ma.fields.UUID(required=True)
    title = ma.fields.String(required=True)
    category = ma.fields.String(required=True)
    place = ma.fields.String(required=True)
    starts_at = ma.fields.AwareDateTime(required=True)
    ends_at = ma.fields.AwareDateTime(required=True)
    state = ma.fields.String(required=True)
    capacity = ma.fields.Integer(required=True)
    enrolled = ma.fields.Integer(required=True)
    location = ma.fields.Nested(SpotBody, required=True, allow_none=True)
    radius_m = ma.fields.Integer(required=True, allow_none=True)
    check_in_from = ma.fields.AwareDateTime(required=True)
    check_in_until = ma.fields.AwareDateTime(required=True)
    summary = ma.fields.String(required=True)
    guarantees = ma.fields.List(ma.fields.String(), required=True)
    tasks = ma.fields.List(ma.fields.Nested(TaskAnswer), required=True)


class NothingRequest(Schema):
    """Nothing to say: the address says it."""


class EnrolRequest(Schema):
    """Which task, where there are several; for a delegate: who it is that takes the place."""

    task_id = ma.fields.UUID(load_default=None)
    on_behalf_of = ma.fields.UUID(load_default=None, allow_none=True)


class EnrolmentBody(Schema):
    """How a place stands; an offered one is kept until then."""

    id = ma.fields.UUID(required=True)
    state = ma.fields.String(required=True, validate=ma.validate.OneOf([*EnrolmentState]))
    task_id = ma.fields.UUID(allow_none=True)
    offered_until = ma.fields.AwareDateTime(allow_none=True)


class EnrolmentAnswer(Schema):
    enrolment = ma.fields.Nested(EnrolmentBody, required=True)


class VenueCodeRequest(Schema):
    """Whether people come or go."""

    kind = ma.fields.String(load_default="in", validate=ma.validate.OneOf(["in", "out"]))


class VenueCodeAnswer(Schema):
    """The code to show now, and when to show the next."""

    code = ma.fields.String(required=True)
    valid_until = ma.fields.AwareDateTime(required=True)


class TaskBody(Schema):
    """One thing to do. Ages include both ends; `minutes` is what it takes of one person."""

    name = Text(most=30, required=True)
    minutes = ma.fields.Integer(strict=True, required=True, validate=ma.validate.Range(10, 720))
    places = ma.fields.Integer(strict=True, required=True, validate=ma.validate.Range(1, 10_000))
    skill = ma.fields.Enum(Skill, by_value=True, load_default=None, allow_none=True)
    min_age = ma.fields.Integer(strict=True, load_default=14, validate=AGES)
    max_age = ma.fields.Integer(strict=True, load_default=120, validate=AGES)
    risk = ma.fields.Enum(Risk, by_value=True, load_default=Risk.LOW)
    insured = ma.fields.Boolean(load_default=False)


class DraftRequest(Schema):
    """An activity as somebody plans it, whole: what is left out is as its default says.

    `station_id` is a station of the community, which lends its spot; or `location` is a spot of its
    own. `radius_m` is how far around it a phone may be, else the policy says.
    """

    community_id = ma.fields.UUID(required=True)
    title = Text(most=60, required=True)
    category = Text(most=40, required=True)
    place = Text(most=60, required=True)
    starts_at = ma.fields.AwareDateTime(required=True)
    ends_at = ma.fields.AwareDateTime(required=True)
    tasks = ma.fields.List(
        ma.fields.Nested(TaskBody), required=True, validate=ma.validate.Length(1, 20)
    )
    summary = Text(most=1000, least=0, load_default="")
    guarantees = ma.fields.List(ma.fields.Enum(Guarantee, by_value=True), load_default=list)
    insurance_no = Text(most=60, least=0, load_default="")
    audience = ma.fields.Enum(Audience, by_value=True, load_default=Audience.COMMUNITY)
    audience_unit_id = ma.fields.UUID(load_default=None, allow_none=True)
    calling = ma.fields.Boolean(load_default=False)
    station_id = ma.fields.UUID(load_default=None, allow_none=True)
    location = ma.fields.Nested(SpotBody, load_default=None, allow_none=True)
    radius_m = ma.fields.Integer(
        strict=True,
        load_default=None,
        allow_none=True,
        validate=ma.validate.Range(LEAST_RADIUS_M, MOST_RADIUS_M),
    )


class ActivityReasonRequest(Schema):
    """Why."""

    reason = Text(most=200, required=True)


class PreparedBody(Schema):
    """An activity as its organisers see it."""

    id = ma.fields.UUID(required=True)
    state = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    review_note = ma.fields.String(required=True)
    cancel_reason = ma.fields.String(required=True)
    published_at = ma.fields.AwareDateTime(allow_none=True)
    verified_at = ma.fields.AwareDateTime(allow_none=True)


class PreparedAnswer(Schema):
    activity = ma.fields.Nested(PreparedBody, required=True)


class EnrolledAnswer(Schema):
    """Somebody on the list of an activity, by the name that is shown."""

    id = ma.fields.UUID(required=True)
    name_masked = ma.fields.String(required=True)
    state = ma.fields.String(required=True)
    task = ma.fields.String(required=True, allow_none=True)
    turn = ma.fields.Integer(required=True)
    offered_until = ma.fields.AwareDateTime(required=True, allow_none=True)


class EnrolledList(Schema):
    items = ma.fields.List(ma.fields.Nested(EnrolledAnswer), required=True)


class NoticeReadingAnswer(Schema):
    """How far the notice of an activity has come to somebody.

    Read, sent, to be called, reached by a call, on its way, or in the app only.
    """

    name_masked = ma.fields.String(required=True)
    at = ma.fields.AwareDateTime(required=True)
    read_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    state = ma.fields.String(required=True)


class ServiceDayRequest(Schema):
    """Of which month ("2026-12"), and in which community, street or city."""

    month = ma.fields.String(required=True, validate=MONTH)
    unit = ma.fields.UUID(load_default=None)


class ServiceDayOverride(Schema):
    """Another day for the service day of a month, and why."""

    month = ma.fields.String(required=True, validate=MONTH)
    unit_id = ma.fields.UUID(required=True)
    day = ma.fields.Date(required=True, validate=ma.validate.Range(EARLIEST, LATEST))
    reason = Text(most=200, required=True)


class ServiceDayAnswer(Schema):
    """The service day of a month. Provisional: the year's holidays are not announced yet."""

    month = ma.fields.String(required=True)
    day = ma.fields.Date(required=True)
    first_saturday = ma.fields.Date(required=True)
    provisional = ma.fields.Boolean(required=True)
    reason = ma.fields.String(required=True)
