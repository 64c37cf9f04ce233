"""What is over is let go of, by the sweeper, and only that."""

from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.core import idempotency, tidying
from app.core.db import acting_as
from app.supermarket.jobs import forget_dead_codes

OLD_KEYS = """
    INSERT INTO idempotency (tenant_id, id, actor_id, key, fingerprint, created_at)
    SELECT :t, gen_random_uuid(), gen_random_uuid(), 'key of ' || number, '', :now
    FROM generate_series(1, :keys) AS number
"""


@pytest.fixture
def sweep(app, settings):
    """What the sweeper tidies in these cities, in the role it has."""

    def sweep(*cities):
        tenant_ids = [city.tenant_id for city in cities]
        with app.app_context(), acting_as("worker", settings.worker_database_url):
            idempotency.tidy(tenant_ids)
            forget_dead_codes(tenant_ids)

    return sweep


def test_codes_that_lapsed_unused_are_let_go_of_and_used_ones_kept(world, counter, hands, sweep):
    lin = world.person(points=40)
    counter.redeem(counter.code(lin))
    counter.code(lin)
    hands.move(days=2)
    counter.code(lin)

    with world.changes() as changed:
        sweep(world)

    assert changed["redeem_code"] == 1
    assert world.row_counts()["redeem_code"] == 2
    assert world.violations() == []


def test_a_refused_redemption_keeps_its_code(world, counter, hands, sweep):
    counter.redeem(counter.code(world.person()))
    hands.move(days=2)

    sweep(world)

    assert world.row_counts()["redeem_code"] == 1
    assert world.violations() == []


def test_a_key_is_remembered_for_three_days_and_let_go_of_later(world, counter, hands, sweep):
    lin, key = world.person(points=40), uuid4().hex
    shown = counter.code(lin)
    first = counter.redeem(shown, key=key)
    hands.move(days=2, hours=23)
    sweep(world)
    remembered = counter.redeem(shown, key=key)

    hands.move(days=2)
    sweep(world)
    forgotten = counter.redeem(shown, key=key)

    assert remembered.data == first.data
    assert forgotten.status_code != 201
    assert world.points_of(lin) == 24


def test_more_than_a_batch_is_let_go_of_at_once_in_every_city(new_world, hands, sweep):
    cities = new_world(), new_world()
    for city in cities:
        with city.own() as session:
            values = {"t": city.tenant_id, "now": city.now(), "keys": tidying.AT_ONCE + 1}
            session.execute(sa.text(OLD_KEYS), values)
    hands.move(days=4)

    sweep(*cities)

    assert [city.row_counts()["idempotency"] for city in cities] == [0, 0]
