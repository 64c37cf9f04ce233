"""A counter with somebody before it and somebody behind it."""

from dataclasses import dataclass
from typing import Any, Self
from uuid import uuid4

from werkzeug.test import TestResponse

from app.identity.models import Person
from app.supermarket.models import Item, Shop
from tests.support.client import ApiClient
from tests.support.world import World


@dataclass(kw_only=True)
class Counter:
    """One shop, one manager, one thing on the shelf."""

    world: World
    api: ApiClient
    shop: Shop
    manager: Person
    rice: Item

    @classmethod
    def open(cls, world: World, api: ApiClient, *, name: str = "Mingde shop") -> Self:
        """A shop with ten bags of rice at sixteen points, and its manager."""
        shop, manager = world.shop(name=name), world.staff("shop_manager")
        rice = world.item(shop, name="大米", points=16, stock=10)
        return cls(world=world, api=api, shop=shop, manager=manager, rice=rice)

    def code(self, member: Person) -> str:
        """The code on the member's phone."""
        return str(self.api.post("/me/redeem-codes", as_=member).get_json()["code"])

    def order(self, shown: str, item: Item | None = None, quantity: object = 1) -> dict[str, Any]:
        line = {"item_id": str((item or self.rice).id), "quantity": quantity}
        return {"redeem_code": shown, "lines": [line]}

    def redeem(
        self,
        shown: str,
        *,
        key: str | None = None,
        item: Item | None = None,
        quantity: object = 1,
        api: ApiClient | None = None,
    ) -> TestResponse:
        """So many of one thing, against the code shown."""
        return (api or self.api).post(
            self.path,
            as_=self.manager,
            key=key or uuid4().hex,
            **self.order(shown, item, quantity),
        )

    @property
    def path(self) -> str:
        return f"/shops/{self.shop.id}/redemptions"
