"""A second city with a counter of its own, and merchants that redeem what a counter sold."""

from collections.abc import Callable

import pytest

from app.supermarket.models import Item
from tests.support.browser import Browser
from tests.support.client import ApiClient
from tests.support.counter import Counter
from tests.support.merchants import MerchantDesk
from tests.support.world import World


@pytest.fixture
def another_counter(new_world) -> Counter:
    world = new_world()
    return Counter.open(world, ApiClient(world))


@pytest.fixture
def haircut(world: World, counter: Counter) -> Item:
    """A service voucher on the shelf."""
    return world.item(
        counter.shop, name="理发券", unit="张", points=10, category="haircut", merchant="明德理发店"
    )


@pytest.fixture
def keeper(world: World, api: ApiClient, counter: Counter) -> Browser:
    """The browser of whoever keeps the shop."""
    return Browser(world, api, counter.manager)


@pytest.fixture
def open_merchant(world: World, api: ApiClient, keeper: Browser) -> Callable[..., MerchantDesk]:
    """A merchant, and the browser of whoever redeems there."""

    def open_(name: str = "明德理发店", category: str = "haircut") -> MerchantDesk:
        return MerchantDesk.open(world, api, keeper, name=name, category=category)

    return open_
