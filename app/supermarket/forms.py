"""What the forms of the counter and of the shops send: goods with their quantities."""

import re
from collections.abc import Mapping
from uuid import UUID

from flask import Response

from app.supermarket.errors import NO_ITEM, NO_QUANTITY, BasketEmpty, ItemUnknown, QuantityWrong
from app.supermarket.orders import Wish

QUANTITY_FIELD = "qty-"
QUANTITY = re.compile(r"[0-9]{1,2}")
ITEM_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def pieces_in(form: Mapping[str, str]) -> dict[UUID, int]:
    """So many of each item as was filled in; what is empty is left out."""
    found = {}
    for field, value in form.items():
        quantity = _quantity(value.strip()) if field.startswith(QUANTITY_FIELD) else 0
        if not quantity:
            continue
        item_id = field.removeprefix(QUANTITY_FIELD)
        if not ITEM_ID.fullmatch(item_id):
            raise ItemUnknown(NO_ITEM)
        found[UUID(item_id)] = quantity
    return found


def quantities_in(form: Mapping[str, str]) -> dict[str, str]:
    """What was typed, by the item: to be shown again over a refusal."""
    return {
        field.removeprefix(QUANTITY_FIELD): value
        for field, value in form.items()
        if field.startswith(QUANTITY_FIELD)
    }


def wishes_in(form: Mapping[str, str]) -> tuple[Wish, ...]:
    """What was chosen; `BasketEmpty` when that is nothing."""
    pieces = pieces_in(form)
    if not pieces:
        raise BasketEmpty("还没有选择商品，请先选择商品和数量。")
    return tuple(Wish(item_id=item_id, quantity=each) for item_id, each in pieces.items())


def said_by(answer: Response) -> str:
    """The sentence of a refusal that is an answer already."""
    detail: str = answer.get_json()["detail"]
    return detail


def _quantity(text: str) -> int:
    if text and not QUANTITY.fullmatch(text):
        raise QuantityWrong(NO_QUANTITY)
    return int(text or 0)
