"""Bodies and answers of the supermarket."""

import marshmallow as ma

from app.core.bodies import Schema, Text
from app.core.paging import PageRequest
from app.core.places import Location
from app.supermarket.kinds import DonationGoal, Fate

MOST_AT_ONCE = 10_000


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


class CardRequest(Schema):
    """A member's card, with the PIN that they typed; or a reason, and they sign the receipt.

    With `fetcher_card_no` the PIN is that of the delegate who fetches, and a reason is asked.
    """

    card_no = Text(most=20, required=True)
    pin = Text(most=6, least=0, load_default="")
    fetcher_card_no = Text(most=20, least=0, load_default="")
    reason = Text(most=200, least=0, load_default="")


class RedemptionRequest(Schema):
    """The code the member shows or their card, and the goods they chose.

    `total` is the sum that was shown to them: another one is refused, and the code stays good.
    """

    redeem_code = Text(most=512, load_default=None, allow_none=True)
    card = ma.fields.Nested(CardRequest, load_default=None, allow_none=True)
    total = ma.fields.Integer(
        strict=True, load_default=None, allow_none=True, validate=ma.validate.Range(min=1)
    )
    lines = ma.fields.List(
        ma.fields.Nested(LineRequest), required=True, validate=ma.validate.Length(min=1, max=20)
    )


class LineAnswer(Schema):
    item_id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    quantity = ma.fields.Integer(required=True)
    points = ma.fields.Integer(required=True)


class PaperVoucher(Schema):
    """A service voucher for the receipt. Whoever holds its code has it: show it to nobody else."""

    name = ma.fields.String(required=True)
    code = ma.fields.String(required=True)
    expires_at = ma.fields.AwareDateTime(required=True)


class RedemptionBody(Schema):
    id = ma.fields.UUID(required=True)
    number = ma.fields.String(required=True)
    state = ma.fields.String(required=True)
    way = ma.fields.String(required=True)
    cost = ma.fields.Integer(required=True)
    lines = ma.fields.List(ma.fields.Nested(LineAnswer), required=True)
    vouchers = ma.fields.List(
        ma.fields.Nested(PaperVoucher),
        metadata={"description": "To be printed, where the owner's own phone was not there"},
    )
    member_name_masked = ma.fields.String(required=True)
    balance_after = ma.fields.Integer(required=True)
    at = ma.fields.AwareDateTime(required=True)


class RedemptionAnswer(Schema):
    """What was taken, what it cost, and what is left."""

    redemption = ma.fields.Nested(RedemptionBody, required=True)


class QuestionBody(Schema):
    id = ma.fields.UUID(required=True)
    cost = ma.fields.Integer(required=True)
    member_name_masked = ma.fields.String(required=True)
    ends_at = ma.fields.AwareDateTime(required=True)


class QuestionAnswer(Schema):
    """The member is asked on their own phone, until then; nothing has moved so far."""

    question = ma.fields.Nested(QuestionBody, required=True)


class SaleQuestionLine(Schema):
    item_id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    quantity = ma.fields.Integer(required=True)


class SaleQuestionBody(Schema):
    id = ma.fields.UUID(required=True)
    shop_id = ma.fields.UUID(required=True)
    shop_name = ma.fields.String(required=True)
    cost = ma.fields.Integer(required=True)
    lines = ma.fields.List(ma.fields.Nested(SaleQuestionLine), required=True)
    asked_at = ma.fields.AwareDateTime(required=True)
    ends_at = ma.fields.AwareDateTime(required=True)


class SaleQuestionsAnswer(Schema):
    items = ma.fields.List(ma.fields.Nested(SaleQuestionBody), required=True)


class SaleRefused(Schema):
    id = ma.fields.UUID(required=True)
    state = ma.fields.String(required=True)


class SaleRefusedAnswer(Schema):
    """The question, with what was answered."""

    question = ma.fields.Nested(SaleRefused, required=True)


class ReservationRequest(Schema):
    """The goods to be kept, and for whom."""

    lines = ma.fields.List(
        ma.fields.Nested(LineRequest), required=True, validate=ma.validate.Length(min=1, max=20)
    )
    on_behalf_of = ma.fields.UUID(load_default=None, allow_none=True)


class ReservationBody(Schema):
    id = ma.fields.UUID(required=True)
    shop_id = ma.fields.UUID(required=True)
    shop_name = ma.fields.String(required=True)
    state = ma.fields.String(required=True)
    cost = ma.fields.Integer(required=True)
    lines = ma.fields.List(ma.fields.Nested(LineAnswer), required=True)
    code = ma.fields.String(required=True, allow_none=True)
    reserved_at = ma.fields.AwareDateTime(required=True)
    expires_at = ma.fields.AwareDateTime(required=True)


class ReservationAnswer(Schema):
    """What is kept, until when, and the code that fetches it while it is open."""

    reservation = ma.fields.Nested(ReservationBody, required=True)


class ReservationsRequest(Schema):
    """Whose reservations: the caller's own, or of somebody whose delegate they are."""

    on_behalf_of = ma.fields.UUID(load_default=None)


class ReservationsAnswer(Schema):
    items = ma.fields.List(ma.fields.Nested(ReservationBody), required=True)


class CancellationRequest(Schema):
    """Whose reservation it is, where it is not the caller's own."""

    on_behalf_of = ma.fields.UUID(load_default=None, allow_none=True)


class PickUpRequest(Schema):
    """The pick-up code, and which goods are taken where not all of them are."""

    code = Text(most=64, required=True)
    lines = ma.fields.List(
        ma.fields.Nested(LineRequest), load_default=None, validate=ma.validate.Length(min=1, max=20)
    )


class ReturnRequest(Schema):
    """Why goods come back, which, and where they go: on the shelf again or off the books."""

    reason = Text(most=200, required=True)
    lines = ma.fields.List(
        ma.fields.Nested(LineRequest), load_default=None, validate=ma.validate.Length(min=1, max=20)
    )
    goods = ma.fields.String(
        load_default=Fate.WRITTEN_OFF.value, validate=ma.validate.OneOf([*Fate])
    )


class ReturnBody(Schema):
    id = ma.fields.UUID(required=True)
    state = ma.fields.String(required=True)
    points_returned = ma.fields.Integer(required=True)
    at = ma.fields.AwareDateTime(required=True)


class ReturnAnswer(Schema):
    """The redemption after goods came back, and the points that went back for them."""

    redemption = ma.fields.Nested(ReturnBody, required=True)


class PointsDonationRequest(Schema):
    """So many points, for everybody or for a family in need that the community chooses."""

    points = ma.fields.Integer(
        required=True, strict=True, validate=ma.validate.Range(min=1, max=MOST_AT_ONCE)
    )
    goal = ma.fields.String(
        load_default=DonationGoal.POOL.value, validate=ma.validate.OneOf([*DonationGoal])
    )


class DonationBody(Schema):
    id = ma.fields.UUID(required=True)
    points = ma.fields.Integer(required=True)
    goal = ma.fields.String(required=True)
    balance_after = ma.fields.Integer(required=True)
    at = ma.fields.AwareDateTime(required=True)


class DonationAnswer(Schema):
    """What was given, and what the donor has left."""

    donation = ma.fields.Nested(DonationBody, required=True)


class DayRequest(Schema):
    """Which civil day; today where none is named."""

    on = ma.fields.Date(load_default=None)


class DayAnswer(Schema):
    """What went over a counter on a day, and what waits there now."""

    on = ma.fields.Date(required=True)
    sales = ma.fields.Integer(required=True)
    pick_ups = ma.fields.Integer(required=True)
    refused = ma.fields.Integer(required=True)
    points = ma.fields.Integer(required=True)
    returns = ma.fields.Integer(required=True)
    points_returned = ma.fields.Integer(required=True)
    waiting = ma.fields.Integer(required=True)
