"""Bodies and answers of the supermarket."""

import marshmallow as ma

from app.core.bodies import Schema, Text
from app.core.paging import PageRequest
from app.core.places import Location


class RedeemCodeRequest(Schema):
    """Whose code it is: the caller's own, or that of somebody whose delegate they are."""

    on_behalf_of = ma.fields.UUID(load_default=None, allow_none=True)


class RedeemCodeAnswer(Schema):
    """A one-minute code to show, and ten digits for where scanning fails."""

    code = ma.fields.String(required=True, attribute="text")
    digits = ma.fields.String(required=True)
    expires_at = ma.fields.AwareDateTime(required=True)


class ShopSearchRequest(PageRequest):
    """Which shops are wanted, and from where."""

    near = ma.fields.Nested(Location, required=True)


class ShopAnswer(Schema):
    """A shop, and whether its counter is open now."""

    id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    address = ma.fields.String(required=True)
    location = ma.fields.Nested(Location, required=True, allow_none=True)
    open_now = ma.fields.Boolean(required=True)


class ItemAnswer(Schema):
    """Goods on the shelf: their price in points, and how many are left."""

    id = ma.fields.UUID(required=True)
    sku = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    unit = ma.fields.String(required=True)
    points = ma.fields.Integer(required=True)
    available = ma.fields.Integer(required=True)


class ItemsAnswer(Schema):
    items = ma.fields.List(ma.fields.Nested(ItemAnswer), required=True)


class LineRequest(Schema):
    """So many of one item. Prices are the server's business."""

    item_id = ma.fields.UUID(required=True)
    quantity = ma.fields.Integer(
        required=True, strict=True, validate=ma.validate.Range(min=1, max=99)
    )


class RedemptionRequest(Schema):
    """The code the member shows, and the goods they chose."""

    redeem_code = Text(most=512, required=True)
    lines = ma.fields.List(
        ma.fields.Nested(LineRequest), required=True, validate=ma.validate.Length(min=1, max=20)
    )


class LineAnswer(Schema):
    item_id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    quantity = ma.fields.Integer(required=True)
    points = ma.fields.Integer(required=True)


class RedemptionBody(Schema):
    id = ma.fields.UUID(required=True)
    number = ma.fields.String(required=True)
    state = ma.fields.String(required=True)
    cost = ma.fields.Integer(required=True)
    lines = ma.fields.List(ma.fields.Nested(LineAnswer), required=True)
    member_name_masked = ma.fields.String(required=True)
    balance_after = ma.fields.Integer(required=True)
    at = ma.fields.AwareDateTime(required=True)


class RedemptionAnswer(Schema):
    """What was taken, what it cost, and what is left."""

    redemption = ma.fields.Nested(RedemptionBody, required=True)
