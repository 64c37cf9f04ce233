"""Whose shop it is: those who may do something there see it, and for others it does not exist."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import audit
from app.core.db import get
from app.identity.roles import Permission, Principal
from app.organisation import queries as organisation
from app.supermarket import queries
from app.supermarket.errors import BatchUnknown, ItemUnknown, ShopUnknown
from app.supermarket.models import Batch, Item, Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Who does something, by which right, and when."""

    me: Principal
    to: Permission
    now: datetime


def managed(session: Session, hand: Hand, shop_id: UUID) -> Shop:
    """A shop within reach of that right; raises `ShopUnknown`."""
    shop = queries.get_shop(session, shop_id)
    path = organisation.path_of(session, shop.community_id) if shop else ()
    if shop is None or not hand.me.may(hand.to, path):
        raise ShopUnknown("没有找到这个兑换点，请从您管理的兑换点进入。")
    return shop


def within(session: Session, me: Principal, to: Permission) -> list[Shop]:
    """All shops within reach of a right, by name."""
    communities = organisation.communities_under(session, me.units_with(to))
    return queries.list_shops_of(session, communities)


def may(session: Session, me: Principal, shop: Shop, *, to: Permission) -> bool:
    """Whether somebody may do that in this very shop."""
    return me.may(to, organisation.path_of(session, shop.community_id))


def item_of(
    session: Session, hand: Hand, item_id: UUID, *, lock: bool = False
) -> tuple[Item, Shop]:
    """An item of a shop within reach; raises `ItemUnknown`."""
    item = get(session, Item, item_id, lock=lock)
    try:
        if item is not None:
            return item, managed(session, hand, item.shop_id)
    except ShopUnknown:
        pass
    raise ItemUnknown("没有找到这种商品，请从商品列表进入。")


def batch_of(session: Session, hand: Hand, batch_id: UUID) -> tuple[Batch, Item, Shop]:
    """A batch in a shop within reach; raises `BatchUnknown`."""
    batch = get(session, Batch, batch_id)
    try:
        if batch is not None:
            return batch, *item_of(session, hand, batch.item_id)
    except ItemUnknown:
        pass
    raise BatchUnknown("没有找到这一批商品，请从库存列表进入。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What was done, to what; in words, with nobody's name."""

    action: str
    subject: tuple[str, UUID]
    changed: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    reason: str = ""


def note(session: Session, deed: Deed, *, shop: Shop, hand: Hand) -> None:
    """Write down what somebody did in a shop."""
    path = organisation.path_of(session, shop.community_id)
    audit.record(
        session,
        actor=hand.me.actor(hand.to, path),
        action=deed.action,
        subject=deed.subject,
        scope=shop.community_id,
        at=hand.now,
        changed=deed.changed,
        reason=deed.reason,
    )
