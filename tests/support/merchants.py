"""A merchant that redeems service vouchers, and whoever types codes there."""

from dataclasses import dataclass
from typing import Self

import sqlalchemy as sa
from werkzeug.test import TestResponse

from app.identity.models import Person
from app.supermarket.models import Merchant
from tests.support.browser import Browser
from tests.support.client import ApiClient
from tests.support.world import World

TAKEN_ON = "/staff/merchants"
PASSWORD = "a password of the merchant's"


@dataclass(kw_only=True)
class MerchantDesk:
    """Where a merchant types codes."""

    browser: Browser
    path: str
    clerk: Person

    @classmethod
    def open(
        cls, world: World, api: ApiClient, keeper: Browser, *, name: str, category: str
    ) -> Self:
        """A merchant that whoever keeps the shop has taken on, with a clerk of its own."""
        clerk = world.staff("merchant", name="罗师傅")
        username = world.employ(clerk, password=PASSWORD)
        said = {"name": name, "category": category, "username": username}
        assert keeper.submit(TAKEN_ON, shown_on=TAKEN_ON, **said).status_code == 303
        with world.work() as session:
            id_ = session.scalar(sa.select(Merchant.id).filter_by(clerk_id=clerk.id))
        return cls(browser=Browser(world, api, clerk), path=f"/merchant/{id_}", clerk=clerk)

    def redeem(self, code: str) -> TestResponse:
        return self.browser.submit(self.path, shown_on=self.path, code=code)
