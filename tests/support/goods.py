"""What the people of a world may take home: shops, and the things on their shelves."""

import secrets
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from app.core.db import add
from app.identity.models import Person
from app.supermarket import goods, receiving
from app.supermarket.goods import Draft, Said
from app.supermarket.kinds import DeliveryKind, DonorKind, FundSource
from app.supermarket.models import Batch, Delivery, Item, Shop, Stock
from app.supermarket.receiving import Arrived, Bought, Given, Intake
from tests.support.ground import ALL_DAY, FOUNDED, Ground


class Goods(Ground):
    """Shops, and their shelves."""

    def shop(self, *, name: str = "Mingde shop", community: str = "Mingde", **fields: Any) -> Shop:
        values = {"community_id": self.units[community], "address": "3 Mingde Road"}
        with self.work() as session:
            return add(session, Shop(name=name, **{**values, **ALL_DAY, **fields}))

    def item(
        self, shop: Shop, *, name: str = "大米", points: int = 30, stock: int = 10, **said: Any
    ) -> Item:
        """Something at a price, and so many of it on the shelf in one batch that keeps."""
        draft = Draft(**{"sku": secrets.token_hex(4), "name": name, **said})
        price = Said(points=points, valid_from=FOUNDED, on=FOUNDED, at=self.now(), by=None)
        with self.work() as session:
            item = goods.put_up(session, shop.id, draft, price=price)
        if stock:
            self.deliver(item, stock)
        return item

    def deliver(
        self,
        item: Item,
        quantity: int,
        *,
        best_before: date | None = None,
        reference: str = "",
    ) -> Delivery | None:
        """Put so many on the shelf, as a batch of their own."""
        line = Arrived(item_id=item.id, quantity=quantity, best_before=best_before)
        intake = Intake(
            shop_id=item.shop_id,
            kind=DeliveryKind.OPENING,
            reference=reference or secrets.token_hex(8),
            day=FOUNDED,
            at=self.now(),
            lines=[line],
        )
        with self.work() as session:
            return receiving.receive(session, intake)

    def buy(
        self,
        item: Item,
        quantity: int,
        *,
        by: Person,
        on: date,
        best_before: date | None = None,
    ) -> Delivery | None:
        """Take in a purchase of one thing, as the manager does."""
        intake = Intake(
            shop_id=item.shop_id,
            kind=DeliveryKind.PURCHASE,
            reference=secrets.token_hex(8),
            day=on,
            at=self.now(),
            lines=[Arrived(item_id=item.id, quantity=quantity, best_before=best_before)],
            entered_by=by.id,
            bought=Bought(source=FundSource.FISCAL, voucher="2026-031"),
        )
        with self.work() as session:
            return receiving.receive(session, intake)

    def accept(self, item: Item, quantity: int, *, by: Person) -> Delivery:
        """Take in what an organisation gave."""
        intake = Intake(
            shop_id=item.shop_id,
            kind=DeliveryKind.DONATION,
            reference=secrets.token_hex(8),
            day=self.now().date(),
            at=self.now(),
            lines=[Arrived(item_id=item.id, quantity=quantity)],
            entered_by=by.id,
            given=Given(kind=DonorKind.UNIT, name="供电所", named=True),
        )
        with self.work() as session:
            delivery = receiving.receive(session, intake)
        assert delivery is not None  # the reference is new
        return delivery

    def batch_of(self, item: Item) -> UUID:
        """The item's batch that ends first."""
        query = sa.select(Batch.id).where(Batch.item_id == item.id)
        with self.own() as session:
            return session.scalars(query.order_by(Batch.last_day, Batch.id)).first() or uuid4()

    def on_hand(self, item: Item) -> int:
        return sum(left for left, _held in self.shelf(item))

    def shelf(self, item: Item) -> list[tuple[int, int]]:
        """The item's batches, those that end first first: how much is on hand, how much held."""
        query = (
            sa.select(Stock.on_hand, Stock.held)
            .join(Batch, sa.and_(Batch.tenant_id == Stock.tenant_id, Batch.id == Stock.id))
            .where(Batch.item_id == item.id)
            .order_by(Batch.last_day, Batch.id)
        )
        with self.own() as session:
            return [(row[0], row[1]) for row in session.execute(query)]
