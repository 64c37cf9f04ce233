"""Fixtures: a clock to count seconds by."""

import pytest

from tests.support.hands import Hands


@pytest.fixture
def clock():
    return Hands()
