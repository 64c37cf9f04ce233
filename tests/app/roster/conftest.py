"""A clerk at a browser, and the sheets she uploads."""

import io
import re

import pytest

from tests.support.browser import TOKEN, Browser
from tests.support.sheets import person, xlsx


@pytest.fixture
def clerk(world):
    return world.staff("community_secretary", name="方书记")


@pytest.fixture
def desk(world, api, clerk):
    return Browser(world, api, clerk)


@pytest.fixture
def upload(world):
    """Uploads a sheet as somebody; answers the page that says what was found."""

    def upload(desk, content, *, kind="people", community=None):
        token = TOKEN.search(desk.get("/staff/people/import").text).group(1)
        data = {
            "csrf_token": token,
            "kind": kind,
            "community_id": str(community or world.units["Mingde"]),
            "file": (io.BytesIO(content), "名册.xlsx"),
        }
        sent = desk._client.post("/staff/people/import", data=data)
        return desk.get(sent.location) if sent.status_code == 303 else sent

    return upload


@pytest.fixture
def take_over(desk, upload):
    """Uploads a sheet and writes it; answers the page afterwards."""

    def take_over(content, **more):
        page = upload(desk, content, **more)
        found = re.search(r'action="(/staff/people/import/[0-9a-f-]+)"', page.text)
        assert found, page.text
        done = desk.submit(found.group(1), shown_on=found.group(1))
        assert done.status_code == 303, done.text
        return desk.get(done.location)

    return take_over


@pytest.fixture
def sheet():
    return xlsx([person(number) for number in range(12)])
