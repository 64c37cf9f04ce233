"""The published document is valid, and every answer is as it says, whatever is asked."""

import json

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from app.core import clock
from tests.support.client import ApiClient
from tests.support.swarm import DOCUMENT, swarm
from tests.support.world import World

ASKING = ("resident", "community_secretary", "shop_manager")


@pytest.fixture
def city(app, owner):
    """A city with something of everything, on a clock that goes."""
    world = World(app=app, owner=owner, now=clock.now)
    world.station()
    world.activity()
    world.item(world.shop())
    return world


def test_the_document_is_valid_openapi(app):
    document = app.test_client().get(DOCUMENT).json

    assert document["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


@pytest.mark.parametrize("who", ASKING)
def test_every_answer_is_as_the_document_says(app, city, request, who):
    """Pauses after too many guesses are answers too: a problem of the default response."""
    seconds = request.config.option.fuzz_seconds // len(ASKING)
    client = ApiClient(city)

    def token():
        if who == "resident":
            return client.token(city.person())
        return client.token(city.staff(who), staff=True)

    found = swarm(app, token=token, seconds=seconds)

    print(f"{who}: {found.requests} requests, {found.statuses}")  # noqa: T201 - a figure
    assert found.errors == []
    assert found.failures == {}, json.dumps(found.failures, ensure_ascii=False, indent=1)
    assert found.operations == {
        f"{method.upper()} {path}"
        for path, operations in app.test_client().get(DOCUMENT).json["paths"].items()
        for method in operations
        if method != "parameters"
    }
