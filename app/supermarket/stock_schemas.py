"""Bodies and answers about goods and stock."""

from typing import Any

import marshmallow as ma

from app.core.bodies import Schema, Text
from app.supermarket.kinds import DonorKind, FundSource

BARCODE = r"^([0-9]{8}|[0-9]{12,14})$"


def _whole(least: int, most: int, **said: Any) -> ma.fields.Integer:  # noqa: ANN401 - the library's own
    return ma.fields.Integer(strict=True, validate=ma.validate.Range(least, most), **said)


class ItemRequest(Schema):
    """Something new for the shelves, with its first price, which counts at once."""

    sku = Text(most=30, required=True)
    name = Text(most=60, required=True)
    unit = Text(most=6, load_default="件")
    category = Text(most=30, required=True)
    merchant = Text(most=60, load_default=None, allow_none=True)
    barcode = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=ma.validate.Regexp(BARCODE, error="应为 8 或 12 到 14 位数字。"),
    )
    quarter_limit = _whole(1, 99, load_default=None, allow_none=True)
    value_fen = _whole(1, 100_000_000, load_default=None, allow_none=True)
    points = _whole(1, 1_000_000, required=True)


class ItemMadeAnswer(Schema):
    """What was put up."""

    id = ma.fields.UUID(required=True)
    sku = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    unit = ma.fields.String(required=True)
    kind = ma.fields.String(required=True)


class PriceRequest(Schema):
    """So many points for one from a day on that is a week off at least."""

    points = _whole(1, 1_000_000, required=True)
    valid_from = ma.fields.Date(required=True)


class PriceAnswer(Schema):
    """A price, and from which day on it counts."""

    item_id = ma.fields.UUID(required=True)
    points = ma.fields.Integer(required=True)
    valid_from = ma.fields.Date(required=True)


class ArrivedRequest(Schema):
    """So many of an item, and the last day on which they are good."""

    item_id = ma.fields.UUID(required=True)
    quantity = _whole(1, 9999, required=True)
    best_before = ma.fields.Date(load_default=None, allow_none=True)


class CameRequest(Schema):
    """What came together, on which day."""

    day = ma.fields.Date(required=True)
    lines = ma.fields.List(
        ma.fields.Nested(ArrivedRequest),
        required=True,
        validate=ma.validate.Length(min=1, max=100),
    )


class PurchaseRequest(CameRequest):
    """What was bought, by whose money, and the number of the voucher."""

    source = ma.fields.String(required=True, validate=ma.validate.OneOf([*FundSource]))
    voucher = Text(most=60, required=True)


class DonationRequest(CameRequest):
    """What was given, and by whom; `named` where they want to be thanked by name."""

    donor_kind = ma.fields.String(required=True, validate=ma.validate.OneOf([*DonorKind]))
    donor_name = Text(most=60, required=True)
    donor_id = ma.fields.UUID(load_default=None, allow_none=True)
    named = ma.fields.Boolean(load_default=False)


class DeliveryBody(Schema):
    id = ma.fields.UUID(required=True)
    kind = ma.fields.String(required=True)
    number = ma.fields.String(required=True)
    day = ma.fields.Date(required=True)


class DeliveryAnswer(Schema):
    """A delivery as it was taken in; the number of a donation is that of its receipt."""

    delivery = ma.fields.Nested(DeliveryBody, required=True)


class BatchAnswer(Schema):
    """A batch on the shelf: what is on hand, what of that is held, until when it is good."""

    id = ma.fields.UUID(required=True)
    item_id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    best_before = ma.fields.Date(required=True, allow_none=True)
    on_hand = ma.fields.Integer(required=True)
    held = ma.fields.Integer(required=True)


class BatchesAnswer(Schema):
    items = ma.fields.List(ma.fields.Nested(BatchAnswer), required=True)


class WriteOffRequest(Schema):
    """So many that are of no use any more, and why."""

    quantity = _whole(1, 9999, required=True)
    reason = Text(most=200, required=True)


class WriteOffAnswer(Schema):
    """Whether it is off the books, or waits for a second person under this id."""

    state = ma.fields.String(required=True, validate=ma.validate.OneOf(["booked", "pending"]))
    proposal_id = ma.fields.UUID(required=True, allow_none=True)


class CountedRequest(Schema):
    """What the book said of a batch when it was counted, what there was, and why they differ."""

    batch_id = ma.fields.UUID(required=True)
    expected = _whole(0, 1_000_000, required=True)
    counted = _whole(0, 1_000_000, required=True)
    reason = Text(most=200, least=0, load_default="")


class CountRequest(Schema):
    """A count of a shop's shelves, a line for each batch."""

    lines = ma.fields.List(
        ma.fields.Nested(CountedRequest),
        required=True,
        validate=ma.validate.Length(min=1, max=500),
    )


class CountAnswer(Schema):
    """A count, and how many batches differed."""

    id = ma.fields.UUID(required=True)
    day = ma.fields.Date(required=True)
    differences = ma.fields.Integer(required=True)


class VerdictRequest(Schema):
    """What a second person says; a refusal has a reason."""

    approved = ma.fields.Boolean(required=True)
    reason = Text(most=200, least=0, load_default="")


class ProposalAnswer(Schema):
    """What became of a move that one person alone may not make."""

    id = ma.fields.UUID(required=True)
    kind = ma.fields.String(required=True)
    delta = ma.fields.Integer(required=True)
    state = ma.fields.String(required=True)
