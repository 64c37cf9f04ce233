"""A second city with a counter of its own."""

import pytest

from tests.support.client import ApiClient
from tests.support.counter import Counter


@pytest.fixture
def another_counter(new_world) -> Counter:
    world = new_world()
    return Counter.open(world, ApiClient(world))
