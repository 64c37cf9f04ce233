"""A phone that does not give up: it asks again with the same key until it has an answer."""

from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import Any
from uuid import uuid4

import httpx

from config.settings import DEMO_APPID
from tests.support.house import PASSWORD, House, plain, tries

GIVE_UP_SECONDS = 30.0
PAUSE_SECONDS = 0.1
ASK_AGAIN = {"request_in_flight"}


@dataclass(slots=True)
class Log:
    """What all phones saw: acknowledged steps, and what went wrong on the way."""

    acknowledged: list[dict[str, Any]] = field(default_factory=list)
    hiccups: list[str] = field(default_factory=list)
    slowest: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def note(self, **step: Any) -> None:
        with self._lock:
            self.acknowledged.append(step)

    def hiccup(self, what: str) -> None:
        with self._lock:
            self.hiccups.append(what)

    def took(self, seconds: float) -> None:
        with self._lock:
            self.slowest = max(self.slowest, seconds)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [step for step in self.acknowledged if step["kind"] == kind]


class Phone:
    """One client with one connection, for whoever is signed in on it."""

    def __init__(self, house: House, log: Log) -> None:
        self.house = house
        self.log = log
        self.token = ""
        self._client = httpx.Client(timeout=10, trust_env=False, transport=plain())

    def close(self) -> None:
        self._client.close()

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self._insist("GET", path, params=query)

    def post(self, path: str, *, key: str | None = None, **body: Any) -> httpx.Response:
        """Send it until there is an answer; every repetition is the same to the byte."""
        headers = {"Idempotency-Key": key} if key else {}
        return self._insist("POST", path, json=body, headers=headers)

    def ask(self, url: str) -> httpx.Response:
        """Once, of whatever address."""
        began = monotonic()
        answer = self._client.get(url)
        self.log.took(monotonic() - began)
        return answer

    def sign_in(self, openid: str) -> dict[str, Any]:
        """As WeChat vouches. A login code is good for one try, so a new try takes a new one."""
        self.token = ""
        for _ in tries(within=GIVE_UP_SECONDS, every=PAUSE_SECONDS):
            code = self._login_code(openid)
            answer = code and self._once(
                "POST", "/sessions", json={"platform": "wechat", "appid": DEMO_APPID, "code": code}
            )
            if answer and answer.status_code == httpx.codes.CREATED:
                self.token = answer.json()["token"]
                return dict(answer.json()["member"])
        raise AssertionError("signing in never succeeded")

    def sign_in_staff(self, username: str) -> None:
        self.token = ""
        answer = self.post("/staff-sessions", username=username, password=PASSWORD)
        assert answer.status_code == httpx.codes.CREATED, answer.text
        self.token = answer.json()["token"]

    def _login_code(self, openid: str) -> str | None:
        try:
            answer = self._client.post(
                f"{self.house.standin_url}/__sim/wx_login", json={"openid": openid}
            )
        except httpx.HTTPError as error:
            self.log.hiccup(f"standin {type(error).__name__}")
            return None
        return str(answer.json()["code"]) if answer.is_success else None

    def _insist(self, method: str, path: str, **request: Any) -> httpx.Response:
        for _ in tries(within=GIVE_UP_SECONDS, every=PAUSE_SECONDS):
            answer = self._once(method, path, **request)
            if answer is not None:
                return answer
        raise AssertionError(f"{method} {path} was never answered: {self.log.hiccups[-3:]}")

    def _once(self, method: str, path: str, **request: Any) -> httpx.Response | None:
        """One try: the answer, or None where it is worth asking again."""
        signed = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers = {**request.pop("headers", {}), **signed}
        began = monotonic()
        try:
            url = f"{self.house.url}/api/v1{path}"
            answer = self._client.request(method, url, headers=headers, **request)
        except httpx.HTTPError as error:
            self.log.hiccup(f"{method} {type(error).__name__}")
            return None
        self.log.took(monotonic() - began)
        if answer.is_server_error or (answer.is_client_error and _code(answer) in ASK_AGAIN):
            self.log.hiccup(f"{method} {answer.status_code} {_code(answer)}")
            return None
        return answer


def _code(answer: httpx.Response) -> str:
    if "json" not in answer.headers.get("Content-Type", ""):
        return "no problem details"
    return str(answer.json().get("code"))


class Street:
    """What a house's people go to: a station, an activity that runs, a shop; and its staff."""

    def __init__(self, house: House, log: Log) -> None:
        self._phone = Phone(house, log)
        self._lock = Lock()
        self._phone.sign_in_staff("secretary")
        self.station_code = self._station_code()
        self.activity_id = self._running_activity()
        self.shop_id, self.items = self._shop()

    def close(self) -> None:
        self._phone.close()

    def venue_code(self, direction: str) -> str:
        """The code on the venue's screen now, as the secretary reads it out."""
        with self._lock:
            answer = self._phone.get(f"/activities/{self.activity_id}/venue-code", kind=direction)
        assert answer.status_code == httpx.codes.OK, answer.text
        return str(answer.json()["code"])

    def _station_code(self) -> str:
        station = self._phone.get("/stations", limit=1).json()["items"][0]
        return self._phone.get(f"/stations/{station['id']}/code", format="text").text

    def _running_activity(self) -> str:
        items = self._phone.get("/activities").json()["items"]
        return next(str(item["id"]) for item in items if item["state"] == "running")

    def _shop(self) -> tuple[str, list[dict[str, Any]]]:
        shops = self._phone.get("/shops").json()["items"]
        shop = next(shop for shop in shops if shop["name"].startswith("明德"))
        items = self._phone.get(f"/shops/{shop['id']}/items").json()["items"]
        return str(shop["id"]), sorted(items, key=lambda item: item["points"])


def come_and_help(phone: Phone, street: Street, openid: str) -> str:
    """A new resident visits the station, and comes to the activity and leaves it."""
    member = phone.sign_in(openid)
    me = str(member["id"])
    answer = phone.post("/station-visits", key=uuid4().hex, code=street.station_code)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    visit = answer.json()["visit"]["id"]
    phone.log.note(kind="visit", id=visit, person=me, token=phone.token)
    for direction in ("in", "out"):
        attendance = _pass_the_door(phone, street, direction)
        phone.log.note(kind=direction, id=attendance["id"], person=me)
    return me


def take_home(
    phone: Phone, counter: Phone, street: Street, openid: str, item: dict[str, Any]
) -> None:
    """Somebody with points shows a code, and the manager at the counter scans it."""
    me = str(phone.sign_in(openid)["id"])
    answer = _sale(phone, counter, street, item)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    sold = answer.json()["redemption"]
    phone.log.note(kind="redemption", id=sold["id"], person=me, cost=sold["cost"], item=item["id"])


def _pass_the_door(phone: Phone, street: Street, direction: str) -> dict[str, Any]:
    path = f"/activities/{street.activity_id}/check-{direction}s"
    while True:
        answer = phone.post(path, key=uuid4().hex, code=street.venue_code(direction))
        if answer.status_code == httpx.codes.CREATED:
            return dict(answer.json()["attendance"])
        assert _code(answer) == "code_expired", answer.text  # the outage was longer than a code


def _sale(phone: Phone, counter: Phone, street: Street, item: dict[str, Any]) -> httpx.Response:
    made = phone.post("/me/redeem-codes")
    assert made.status_code == httpx.codes.CREATED, made.text
    shown = made.json()["code"]
    lines = [{"item_id": item["id"], "quantity": 1}]
    path = f"/shops/{street.shop_id}/redemptions"
    answer = counter.post(path, key=uuid4().hex, redeem_code=shown, lines=lines)
    if answer.is_client_error and _code(answer) == "code_expired":
        return _sale(phone, counter, street, item)
    return answer
