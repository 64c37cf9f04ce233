"""What the features bring to the map is what the service does."""

from uuid import uuid4

from app.commands import tidy
from app.core import metrics
from app.core.db import acting_as


def test_the_sweeper_tidies_what_each_feature_lets_go_of(app, settings, world, counter, hands):
    counter.redeem(counter.code(world.person(points=40)), key=uuid4().hex)
    counter.code(world.person())
    hands.move(days=4)

    with app.app_context(), acting_as("worker", settings.worker_database_url):
        tidy([world.tenant])

    left = world.row_counts()
    assert (left["redeem_code"], left["idempotency"]) == (1, 0)


def test_what_is_counted_by_what_came_of_it_is_on_the_map(app):
    assert metrics.COUNTED.keys() <= app.view_functions.keys()
