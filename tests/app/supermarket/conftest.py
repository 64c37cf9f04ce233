"""A second city with a counter of its own, and merchants that redeem what a counter sold."""

from collections.abc import Callable

import pytest

from app.identity.models import Person
from app.supermarket.models import Item
from tests.support.browser import Browser
from tests.support.client import ApiClient
from tests.support.counter import Counter
from tests.support.merchants import MerchantDesk
from tests.support.terminal import Terminal, allow, served_by_card
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


# A counter without a network, and who is sold to there.


@pytest.fixture
def salt(world: World, counter: Counter) -> Item:
    return world.item(counter.shop, name="食用盐", points=4, stock=20)


@pytest.fixture
def lin(world: World) -> Person:
    return world.person("林小燕", points=60)


@pytest.fixture
def card(world: World, counter: Counter, lin: Person) -> str:
    """Of somebody who used it here before, which left them 44 points."""
    return served_by_card(world, counter, lin)


@pytest.fixture
def terminal(world: World, counter: Counter, salt: Item, card: str) -> Terminal:
    """The shop allows it, and its manager's terminal has been granted the day's slice."""
    allow(world, counter, 20)
    terminal = Terminal(world, counter)
    terminal.ask()
    return terminal


@pytest.fixture
def buying_colleague(world: World, counter: Counter) -> tuple[Person, str]:
    """Another manager of a shop that allows it, who has used their own card here before; and it."""
    allow(world, counter)
    colleague = world.staff("shop_manager", name="王店长")
    world.give(colleague, 60)
    return colleague, served_by_card(world, counter, colleague)
