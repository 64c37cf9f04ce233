"""A second city with a counter of its own."""

import pytest

from tests.support.client import ApiClient
from tests.support.counter import Counter


@pytest.fixture
def another_counter(new_world) -> Counter:
    world = new_world()
    shop, manager = world.shop(), world.staff("shop_manager")
    rice = world.item(shop, name="大米", points=16, stock=10)
    return Counter(world=world, api=ApiClient(world), shop=shop, manager=manager, rice=rice)
