"""A client that speaks as a person, over the real HTTP application."""

from datetime import datetime
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.identity import sessions
from app.identity.models import Person
from app.identity.roles import AuthLevel
from app.identity.sessions import STAFF_IDLE
from tests.support.world import World

NOWHERE = "018f0000-0000-7000-8000-000000000000"  # an id that nothing has


class ApiClient:
    """Signs people in the short way, and asks in their name."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._client: FlaskClient = world.app.test_client()
        self._tokens: dict[tuple[Any, bool], tuple[str, datetime]] = {}
        self.request_id: str | None = None  # set it, and answers that agree agree in each byte

    def another(self) -> "ApiClient":
        """A client for another thread. Sign people in before, so that both know their tokens."""
        twin = ApiClient(self._world)
        twin._tokens = dict(self._tokens)
        return twin

    def get(self, path: str, *, as_: Person | None = None, **query: Any) -> TestResponse:
        return self._client.get(self._path(path), query_string=query, headers=self._headers(as_))

    def bearing(
        self,
        token: str | None,
        path: str = "/me",
        *,
        method: str = "GET",
        authorization: str | None = None,
    ) -> TestResponse:
        """Ask with this token, whatever it is."""
        headers = {"Authorization": authorization or f"Bearer {token}"}
        return self._client.open(self._path(path), method=method, headers=headers)

    def sending(self, token: str, path: str, *, method: str = "POST", **body: Any) -> TestResponse:
        """Send a body with this token."""
        headers = {"Authorization": f"Bearer {token}"}
        return self._client.open(self._path(path), method=method, json=body, headers=headers)

    def delete(self, path: str, *, as_: Person | None = None) -> TestResponse:
        return self._client.delete(self._path(path), headers=self._headers(as_))

    def post(
        self, path: str, *, as_: Person | None = None, key: str | None = None, **body: Any
    ) -> TestResponse:
        headers = self._headers(as_) | ({"Idempotency-Key": key} if key else {})
        return self._client.post(self._path(path), json=body, headers=headers)

    def put(self, path: str, *, as_: Person | None = None, **body: Any) -> TestResponse:
        return self._client.put(self._path(path), json=body, headers=self._headers(as_))

    def post_raw(
        self, path: str, *, as_: Person | None = None, data: bytes, **kw: Any
    ) -> TestResponse:
        """A body as it stands, for what no honest client sends."""
        headers = self._headers(as_) | kw.pop("headers", {})
        kw.setdefault("content_type", "application/json")
        return self._client.post(self._path(path), data=data, headers=headers, **kw)

    def token(self, person: Person, *, staff: bool = False) -> str:
        """The token of a session of this person, which is used often enough to stay alive."""
        now = self._world.now()
        text, until = self._tokens.get((person.id, staff), ("", now))
        if now >= until:
            with self._world.work() as session:
                level = AuthLevel.TWO_FACTOR if staff else AuthLevel.WECHAT
                started = sessions.start(session, person, staff=staff, now=now, level=level)
                text = started.token.text
            self._tokens[person.id, staff] = (text, now + STAFF_IDLE)
        return text

    def _headers(self, person: Person | None) -> dict[str, str]:
        headers = {} if self.request_id is None else {"X-Request-ID": self.request_id}
        if person is not None:
            staff = person.id in self._world.staff_ids
            headers["Authorization"] = f"Bearer {self.token(person, staff=staff)}"
        return headers

    @staticmethod
    def _path(path: str) -> str:
        return path if path.startswith(("/api", "/healthz", "/readyz")) else f"/api/v1{path}"
