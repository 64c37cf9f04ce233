"""What is over is let go of, by the sweeper, and only that."""

from uuid import uuid4

import pytest

from app.core import idempotency
from app.core.db import Database
from app.supermarket import services as supermarket


@pytest.fixture
def sweep(settings, world):
    """The sweeper's tidying of this city, in the role it has."""
    database = Database(settings.worker_database_url, role="worker", pool_size=1)

    def sweep():
        session = database.open(world.tenant_id)
        idempotency.forget_old(session, now=world.now())
        supermarket.forget_dead_codes(session, now=world.now())
        session.commit()
        session.close()

    yield sweep
    database.engine.dispose()


def test_codes_that_lapsed_unused_are_let_go_of_and_used_ones_kept(
    api, world, counter, hands, sweep
):
    lin = world.person(points=40)
    counter.redeem(counter.code(lin))
    counter.code(lin)
    hands.move(days=2)
    counter.code(lin)

    with world.changes() as changed:
        sweep()

    assert changed["redeem_code"] == 1
    assert world.row_counts()["redeem_code"] == 2
    assert world.violations() == []


def test_a_refused_redemption_keeps_its_code(world, counter, hands, sweep):
    counter.redeem(counter.code(world.person()))
    hands.move(days=2)

    sweep()

    assert world.row_counts()["redeem_code"] == 1
    assert world.violations() == []


def test_a_key_is_remembered_for_three_days_and_let_go_of_later(api, world, counter, hands, sweep):
    lin, key = world.person(points=40), uuid4().hex
    shown = counter.code(lin)
    first = counter.redeem(shown, key=key)
    hands.move(days=2, hours=23)
    sweep()
    remembered = counter.redeem(shown, key=key)

    hands.move(days=2)
    sweep()
    forgotten = counter.redeem(shown, key=key)

    assert remembered.data == first.data
    assert forgotten.status_code != 201
    assert world.points_of(lin) == 24
