"""Goods come to the shelf as moves, and each move once."""

import pytest

from app.supermarket import services as supermarket


@pytest.fixture
def stock_in(world, counter):
    """Book a delivery of rice."""

    def book(quantity, *, reference):
        with world.work() as session:
            supermarket.stock_in(
                session,
                item_id=counter.rice.id,
                quantity=quantity,
                reference=reference,
                now=world.now(),
            )

    return book


def test_a_delivery_is_a_move_and_more_on_hand(world, counter, stock_in):
    with world.changes() as changed:
        stock_in(20, reference="delivery 7")

    assert world.on_hand(counter.rice) == 30
    assert changed == {"stock": 1, "stock_move": 1}
    assert world.violations() == []


def test_the_same_delivery_again_changes_nothing(world, counter, stock_in):
    stock_in(20, reference="delivery 7")

    with world.changes() as changed:
        stock_in(20, reference="delivery 7")

    assert changed == {}
    assert world.on_hand(counter.rice) == 30
