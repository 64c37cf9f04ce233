"""Stations at work: who keeps one, and strangers at its door."""

import pytest

from tests.support.browser import TOKEN, Browser


@pytest.fixture
def keeper(world, api):
    """The browser of whoever looks after the stations of the community."""
    return Browser(world, api, world.staff("station_manager"))


class Stranger:
    """A phone that nobody has signed in on."""

    def __init__(self, app, address="203.0.113.7"):
        self._client = app.test_client()
        self._client.environ_base["REMOTE_ADDR"] = address

    def get(self, path):
        return self._client.get(path)

    def tap(self, code, **chosen):
        """Scan the code on the wall, and tap."""
        shown = self._client.get(f"/q/{code}", follow_redirects=True)
        found = TOKEN.search(shown.text)
        data = {**chosen, "csrf_token": found.group(1) if found else ""}
        return self._client.post(f"/s/{code}", data=data)


@pytest.fixture
def stranger(app):
    """Makes one more, calling from some address."""
    return lambda address="203.0.113.7": Stranger(app, address)
