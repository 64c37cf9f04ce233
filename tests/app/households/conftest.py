"""An elder, her son, and the counter where he fetches for her."""

import pytest


@pytest.fixture
def elder(world):
    return world.person("欧阳秀兰", points=60)


@pytest.fixture
def son(world, elder):
    """Lives with her."""
    son = world.person("欧阳明")
    world.household(elder, son)
    return son


@pytest.fixture
def give(api):
    """Lets somebody act for somebody."""

    def give(elder, son, *, acts=("read", "redeem"), daily_limit=32, **more):
        body = {"delegate_id": str(son.id), "acts": list(acts), "daily_limit": daily_limit}
        return api.post("/me/delegates", as_=elder, **body, **more)

    return give


@pytest.fixture
def fetch(counter, api):
    """He shows the code for her points, and takes home so much rice (at sixteen points)."""

    def fetch(elder, son, *, quantity=1, client=None):
        client = client or api
        code = client.post("/me/redeem-codes", as_=son, on_behalf_of=str(elder.id)).json["code"]
        return counter.redeem(code, quantity=quantity, api=client)

    return fetch
