"""The shop of the small demo city at work: bought, given, soon cheaper, and some of it spilt."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import civil_day
from app.core.db import add
from app.core.pictures import Picture
from app.core.vault import Vault
from app.demo import drawing, town
from app.identity import queries as identity
from app.identity.roles import Permission
from app.supermarket import deliveries, merchants, offering, shops, stock_queries, stocktaking
from app.supermarket.deliveries import Came, Donor
from app.supermarket.kinds import DonorKind
from app.supermarket.models import Item, ItemPhoto, Shop
from app.supermarket.offering import NewPrice
from app.supermarket.receiving import Arrived
from app.supermarket.shops import Hand
from app.supermarket.stocktaking import Loss


def settle(
    session: Session,
    vault: Vault,
    document: dict[str, Any],
    *,
    units: Mapping[str, UUID],
    now: datetime,
) -> None:
    """Let the manager take in goods, say a new price, propose a loss, and find merchants."""
    hand = _manager(session, now)
    (shop, *_) = shops.within(session, hand.me, hand.to)
    items = {one.sku: one for one in stock_queries.list_all_items(session, shop.id)}
    plan = document["stocking"]
    bought = deliveries.bought_by(plan["bought"]["source"], plan["bought"]["voucher"])
    came = _came(shop, items, plan["bought"]["goods"], reference="bought", now=now)
    deliveries.receive_stock(session, came, bought=bought, me=hand.me, now=now)
    for number, one in enumerate(plan["given"]):
        came = _came(shop, items, one["goods"], reference=f"given {number}", now=now)
        donor = Donor(kind=DonorKind(one["kind"]), name=one["donor"], named=one["named"])
        deliveries.record_donation(session, vault, came, donor=donor, me=hand.me, now=now)
    soon = plan["price"]
    price = NewPrice(
        points=soon["points"], valid_from=civil_day(now) + timedelta(days=soon["in_days"])
    )
    offering.price_item(session, items[soon["sku"]].id, price, me=hand.me, now=now)
    _lose(session, shop, plan["lost"], hand=hand)
    _take_on_merchants(session, document, units=units, hand=hand)
    _show_goods(session, document["looks"], hand=hand)


def _take_on_merchants(
    session: Session, document: dict[str, Any], *, units: Mapping[str, UUID], hand: Hand
) -> None:
    for one in document["merchants"]:
        said = {key: value for key, value in one.items() if key != "community"}
        draft = merchants.Draft(community_id=units[one["community"]], **said)
        merchants.take_on(session, draft, me=hand.me, now=hand.now)


def _show_goods(session: Session, looks: Mapping[str, tuple[str, str]], *, hand: Hand) -> None:
    """Goods have pictures, in every shop."""
    pictures = {sku: Picture.of(drawing.drawn(*look)) for sku, look in looks.items()}
    for item in session.scalars(sa.select(Item).where(Item.sku.in_(pictures))):
        photo = ItemPhoto(item_id=item.id)
        photo.show(pictures[item.sku], by=hand.me.person_id, at=hand.now)
        photo.asked_at, photo.verdict = hand.now, "pass"  # ours: there is nothing to look at
        add(session, photo)


def _manager(session: Session, now: datetime) -> Hand:
    credential = identity.get_credential(session, "shop")
    person = identity.get_person(session, credential.person_id) if credential else None
    assert person is not None  # the city's staff has just moved in
    me = town.principal(session, person, on=now)
    return Hand(me=me, to=Permission.STOCK_MANAGE, now=now)


def _came(
    shop: Shop,
    items: Mapping[str, Item],
    goods: list[dict[str, Any]],
    *,
    reference: str,
    now: datetime,
) -> Came:
    day = civil_day(now)
    lines = [
        Arrived(
            item_id=items[one["sku"]].id,
            quantity=one["quantity"],
            best_before=day + timedelta(days=one["keeps_days"]) if "keeps_days" in one else None,
        )
        for one in goods
    ]
    return Came(shop_id=shop.id, reference=f"demo:{reference}", day=day, lines=lines)


def _lose(session: Session, shop: Shop, lost: dict[str, Any], *, hand: Hand) -> None:
    shelf = stock_queries.list_shelf(session, shop.id)
    batch = next(one.batch for one in shelf if one.item.sku == lost["sku"])
    loss = Loss(batch_id=batch.id, quantity=lost["quantity"], reason=lost["reason"])
    stocktaking.write_off(session, loss, me=hand.me, now=hand.now)
