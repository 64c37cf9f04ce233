"""What is said about service vouchers over HTTP."""

import marshmallow as ma

from app.core.bodies import Schema, Text


class VouchersRequest(Schema):
    """Whose vouchers: the caller's own, or of somebody whose delegate they are."""

    on_behalf_of = ma.fields.UUID(load_default=None)


class VoucherReturnRequest(Schema):
    """Whose voucher it is, where it is not the caller's own."""

    on_behalf_of = ma.fields.UUID(load_default=None, allow_none=True)


class VoucherBody(Schema):
    id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    category = ma.fields.String(required=True)
    points = ma.fields.Integer(required=True)
    state = ma.fields.String(required=True)
    code = ma.fields.String(required=True, allow_none=True)
    places = ma.fields.List(ma.fields.String(), required=True)
    issued_at = ma.fields.AwareDateTime(required=True)
    expires_at = ma.fields.AwareDateTime(required=True)
    ended_at = ma.fields.AwareDateTime(required=True, allow_none=True)


class VoucherAnswer(Schema):
    voucher = ma.fields.Nested(VoucherBody, required=True)


class VouchersAnswer(Schema):
    items = ma.fields.List(ma.fields.Nested(VoucherBody), required=True)


class VoucherCodeRequest(Schema):
    """The code a resident shows at a merchant's."""

    code = Text(most=64, required=True)


class VoucherServedBody(Schema):
    name = ma.fields.String(required=True)
    member_name_masked = ma.fields.String(required=True)
    at = ma.fields.AwareDateTime(required=True)


class VoucherServedAnswer(Schema):
    """Which service is due, and to whom."""

    served = ma.fields.Nested(VoucherServedBody, required=True)


class MerchantBody(Schema):
    id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    category = ma.fields.String(required=True)


class MerchantsAnswer(Schema):
    items = ma.fields.List(ma.fields.Nested(MerchantBody), required=True)
