"""What a shop gives for points: what may be on its shelves, and what it costs from which day on."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.db import add
from app.supermarket import categories, queries
from app.supermarket.errors import GoodsForbidden, ItemTaken, ItemWrong, PriceTooSoon, PriceTwice
from app.supermarket.kinds import ItemKind
from app.supermarket.models import Item, ItemPrice
from app.supermarket.models.goods import NOTICE_DAYS

NOTICE = timedelta(days=NOTICE_DAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What an item is to be. `value_fen` is a fair value for staff, a limit is for a quarter."""

    sku: str
    name: str
    unit: str = "件"
    category: str = "daily"
    merchant: str | None = None
    barcode: str | None = None
    quarter_limit: int | None = None
    value_fen: int | None = None

    def fields(self) -> dict[str, object]:
        """The columns of its row; refuses what may not be on a shelf, and what contradicts."""
        say = categories.forbidden().get(self.category)
        if say is not None:
            raise GoodsForbidden(say, errors={"category": [say]})
        category = categories.known().get(self.category)
        if category is None:
            raise _wrong("category", "没有这个类别，请从列表中选择。")
        if category.voucher is not bool(self.merchant):
            raise _wrong("merchant", "公益服务券要写明兑付的商户，其他商品不填商户。")
        return {
            "sku": self.sku,
            "name": self.name,
            "unit": self.unit,
            "category": self.category,
            "kind": (ItemKind.VOUCHER if category.voucher else ItemKind.GOODS).value,
            "merchant": self.merchant,
            "barcode": self.barcode,
            "quarter_limit": self.quarter_limit,
            "value_fen": self.value_fen,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A price as somebody says it: from which day, on which day, by whom (none: it was there)."""

    points: int
    valid_from: date
    on: date
    at: datetime
    by: UUID | None


def put_up(session: Session, shop_id: UUID, draft: Draft, *, price: Said) -> Item:
    """A new item with its first price, which counts at once."""
    refuse_taken(session, shop_id, draft, but=None)
    item = add(session, Item(shop_id=shop_id, **draft.fields()))
    add(session, _price(item.id, price, is_first=True))
    return item


def reprice(session: Session, item: Item, price: Said) -> ItemPrice:
    """Another price from a day on that is a week off at least (rules C.7). The item is held.

    What is asked for before that day keeps the price of its own day.
    """
    soonest = price.on + NOTICE
    if price.valid_from < soonest:
        say = f"调价要提前 {NOTICE_DAYS} 天告诉居民，最早从 {soonest:%Y-%m-%d} 起。"
        raise PriceTooSoon(say, errors={"valid_from": [say]})
    if queries.has_price(session, item.id, valid_from=price.valid_from):
        raise PriceTwice("这一天起的价格已经定过了，请换一天。")
    return add(session, _price(item.id, price, is_first=False))


def refuse_taken(session: Session, shop_id: UUID, draft: Draft, *, but: UUID | None) -> None:
    """Two items of a shop have neither a number nor a barcode in common."""
    if queries.has_item(session, shop_id, but=but, sku=draft.sku):
        raise ItemTaken("这个编号已经用在别的商品上，请换一个编号。")
    if draft.barcode and queries.has_item(session, shop_id, but=but, barcode=draft.barcode):
        raise ItemTaken("这个条码已经用在别的商品上，请核对条码。")


def _price(item_id: UUID, price: Said, *, is_first: bool) -> ItemPrice:
    return ItemPrice(
        item_id=item_id,
        points=price.points,
        valid_from=price.valid_from,
        announced_on=price.on,
        is_first=is_first,
        set_by=price.by,
        set_at=price.at,
    )


def _wrong(field: str, say: str) -> ItemWrong:
    return ItemWrong(say, errors={field: [say]})
