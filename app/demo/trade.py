"""The counters of the big demo city: codes are shown, and goods go over them for points."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from app.core.clock import civil_day
from app.core.errors import DomainError
from app.core.keys import Keyring
from app.demo import town as places
from app.demo.town import Town
from app.identity.models import Person
from app.ledger import services as ledger
from app.supermarket import issuing
from app.supermarket import queries as shelves
from app.supermarket import services as supermarket
from app.supermarket.orders import Order, Wish
from app.supermarket.queries import Goods

OPENS, CLOSES = 9 * 3600, 18 * 3600
AT_THE_COUNTER = timedelta(seconds=15)


def open_counters(
    session: Session,
    document: dict[str, Any],
    town: Town,
    *,
    rng: Random,
    starts: datetime,
    keyring: Keyring,
) -> None:
    """Sell through a week, in the order of time; whoever can afford nothing goes home."""
    crowd = [who for people in town.people.values() for who in people if "elder" not in who.kinds]
    day = civil_day(starts)
    goods = {shop.id: shelves.list_items(session, shop.id, on=day) for shop, _ in town.counters}
    rules = document["redeemable"]
    moments = sorted(_moment(rng, starts) for _ in range(rules["redemptions"]))
    for now, who in zip(moments, rng.choices(crowd, k=len(moments)), strict=True):
        shop, manager = rng.choice(town.counters)
        points = ledger.available(session, person_id=who.id, on=civil_day(now))
        wishes = _basket(rng, goods[shop.id], points=points, most=rules["most_of_one"])
        if wishes:
            order = Order(
                me=manager, shop_id=shop.id, shown="", wishes=wishes, keyring=keyring, now=now
            )
            _sell(session, order, who)


def _sell(session: Session, order: Order, who: Person) -> None:
    shown = issuing.create_code(
        session,
        me=places.principal(session, who, on=order.now),
        keyring=order.keyring,
        now=order.now - AT_THE_COUNTER,
    )
    with suppress(DomainError):  # sold out, for one: the refusal is kept, as at any counter
        supermarket.redeem(session, replace(order, shown=shown.text))


def _basket(rng: Random, goods: Sequence[Goods], *, points: int, most: int) -> tuple[Wish, ...]:
    """One or two kinds of goods that the points are enough for."""
    wishes: list[Wish] = []
    for one in rng.sample(goods, k=len(goods)):
        quantity = min(rng.randint(1, most), points // one.points)
        if quantity and len(wishes) < rng.choice([1, 2]):
            wishes.append(Wish(item_id=one.item.id, quantity=quantity))
            points -= quantity * one.points
    return tuple(wishes)


def _moment(rng: Random, starts: datetime) -> datetime:
    return starts + timedelta(days=rng.randrange(7), seconds=rng.randint(OPENS, CLOSES))
