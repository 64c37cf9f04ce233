"""A browser without scripts: it holds cookies, and sends the forms it was shown."""

import re
from typing import Any

from werkzeug.test import TestResponse

from app.identity.models import Person
from tests.support.client import ApiClient
from tests.support.world import World

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Browser:
    """Signed in as one person."""

    def __init__(
        self, world: World, api: ApiClient, person: Person | None = None, *, agent: str = ""
    ) -> None:
        self._client = world.app.test_client()
        self._client.environ_base["HTTP_USER_AGENT"] = agent
        self._client.environ_base["REMOTE_ADDR"] = f"city-{world.tenant_id}"
        if person is not None:
            staff = person.id in world.staff_ids
            self._client.set_cookie("session", api.token(person, staff=staff))

    @property
    def session(self) -> str:
        """The token it holds."""
        cookie = self._client.get_cookie("session")
        return cookie.value if cookie is not None else ""

    def forget_session(self) -> None:
        """Lose the token, and nothing else."""
        self._client.delete_cookie("session")

    def get(self, path: str, **query: Any) -> TestResponse:
        return self._client.get(path, query_string=query or None)

    def submit(self, path: str, *, shown_on: str, **fields: Any) -> TestResponse:
        """Send a form as the page `shown_on` has it: with its token."""
        token = TOKEN.search(self.get(shown_on).text)
        data = {**fields, **({"csrf_token": token.group(1)} if token else {})}
        return self._client.post(path, data=data)

    def send(self, path: str, **fields: Any) -> TestResponse:
        """Send what a script of a page sends, which has its token already."""
        return self._client.post(path, data=fields)
