"""What the people of a world may take home: shops, and the things on their shelves."""

import secrets
from typing import Any

import sqlalchemy as sa

from app.core.db import add
from app.supermarket import services as supermarket
from app.supermarket.models import Item, Shop, Stock
from tests.support.ground import ALL_DAY, Ground


class Goods(Ground):
    """Shops, and their shelves."""

    def shop(self, *, name: str = "Mingde shop", community: str = "Mingde", **fields: Any) -> Shop:
        values = {"community_id": self.units[community], "address": "3 Mingde Road"}
        with self.work() as session:
            return add(session, Shop(name=name, **{**values, **ALL_DAY, **fields}))

    def item(self, shop: Shop, *, name: str = "大米", points: int = 30, stock: int = 10) -> Item:
        sku = secrets.token_hex(4)
        with self.work() as session:
            item = add(session, Item(shop_id=shop.id, sku=sku, name=name, points=points))
            add(session, Stock(id=item.id, on_hand=0))
            if stock:
                supermarket.stock_in(
                    session, item_id=item.id, quantity=stock, reference="opening", now=self.now()
                )
        return item

    def on_hand(self, item: Item) -> int:
        with self.own() as session:
            query = sa.select(Stock.on_hand).where(Stock.id == item.id)
            return session.execute(query).scalar_one()
