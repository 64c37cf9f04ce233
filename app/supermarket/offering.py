"""What those who run a shop do about its goods: put them up, change them, say a new price."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import civil_day
from app.core.db import add
from app.core.pictures import Picture
from app.identity.roles import Permission, Principal
from app.supermarket import goods, shops, stock_queries
from app.supermarket.goods import Draft, Said
from app.supermarket.models import Item, ItemPhoto, ItemPrice
from app.supermarket.shops import Deed, Hand


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPrice:
    """So many points for one, from a civil day on."""

    points: int
    valid_from: date


def _hand(me: Principal, now: datetime) -> Hand:
    return Hand(me=me, to=Permission.STOCK_MANAGE, now=now)


def create_item(
    session: Session, shop_id: UUID, draft: Draft, *, points: int, me: Principal, now: datetime
) -> Item:
    """Put up something new; its first price counts from today."""
    hand = _hand(me, now)
    shop = shops.managed(session, hand, shop_id)
    today = civil_day(now, me.zone)
    price = Said(points=points, valid_from=today, on=today, at=now, by=me.person_id)
    item = goods.put_up(session, shop.id, draft, price=price)
    shops.note(session, Deed(action="item.create", subject=("item", item.id)), shop=shop, hand=hand)
    return item


def update_item(
    session: Session, item_id: UUID, draft: Draft, *, me: Principal, now: datetime
) -> Item:
    """Change what an item is; its price has a way of its own."""
    hand = _hand(me, now)
    item, shop = shops.item_of(session, hand, item_id, lock=True)
    goods.refuse_taken(session, shop.id, draft, but=item.id)
    changed = {}
    for field, value in draft.fields().items():
        before = getattr(item, field)
        if before != value:
            changed[field] = (str(before or ""), str(value or ""))
            setattr(item, field, value)
    session.flush()
    if changed:
        deed = Deed(action="item.update", subject=("item", item.id), changed=changed)
        shops.note(session, deed, shop=shop, hand=hand)
    return item


def set_open(
    session: Session, item_id: UUID, *, closed: bool, me: Principal, now: datetime
) -> Item:
    """Take an item off the list, or put it there again."""
    hand = _hand(me, now)
    item, shop = shops.item_of(session, hand, item_id, lock=True)
    if closed is not (item.closed_at is not None):
        item.closed_at = now if closed else None
        session.flush()
        action = "item.close" if closed else "item.reopen"
        shops.note(session, Deed(action=action, subject=("item", item.id)), shop=shop, hand=hand)
    return item


def price_item(
    session: Session, item_id: UUID, price: NewPrice, *, me: Principal, now: datetime
) -> ItemPrice:
    """Say what an item will cost from a day on that is a week off at least."""
    hand = _hand(me, now)
    item, shop = shops.item_of(session, hand, item_id, lock=True)
    said = Said(
        points=price.points,
        valid_from=price.valid_from,
        on=civil_day(now, me.zone),
        at=now,
        by=me.person_id,
    )
    row = goods.reprice(session, item, said)
    changed = {
        "points": ("", str(price.points)),
        "valid_from": ("", f"{price.valid_from:%Y-%m-%d}"),
    }
    deed = Deed(action="item.price", subject=("item", item.id), changed=changed)
    shops.note(session, deed, shop=shop, hand=hand)
    return row


def show_photo(
    session: Session, item_id: UUID, content: bytes, *, me: Principal, now: datetime
) -> ItemPhoto:
    """Show this photo of an item from now on; raises `PhotoRefused`."""
    hand = _hand(me, now)
    item, shop = shops.item_of(session, hand, item_id, lock=True)
    picture = Picture.of(content)
    photo = stock_queries.get_photo(session, item.id) or ItemPhoto(item_id=item.id)
    photo.show(picture, by=me.person_id, at=now)
    shops.note(session, Deed(action="item.photo", subject=("item", item.id)), shop=shop, hand=hand)
    return add(session, photo)


def drop_photo(session: Session, item_id: UUID, *, me: Principal, now: datetime) -> None:
    """Show no photo of an item."""
    hand = _hand(me, now)
    item, shop = shops.item_of(session, hand, item_id, lock=True)
    gone = sa.delete(ItemPhoto).filter_by(item_id=item.id).returning(ItemPhoto.id)
    if session.scalars(gone).all():
        deed = Deed(action="item.photo_drop", subject=("item", item.id))
        shops.note(session, deed, shop=shop, hand=hand)
