"""The way to WeChat and back: bounded in time and size, with a breaker for each API.

An API that says it was asked too often is left alone until it counts anew.

Requests go straight to an httpx transport. `httpx.Client` writes every address it calls to the
log, and addresses carry the app secret, codes and tokens; a transport writes nothing. Nor does it
follow redirects or take a proxy from the environment.
"""

import json
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock
from typing import Any, Self, TypeVar

import httpx

from app.core import clock, metrics
from app.core.breaker import CircuitBreaker, CircuitOpen
from app.core.patience import within
from app.wechat.answers import DAILY_LIMIT, MINUTE_LIMIT, SOON, SYSTEM_BUSY
from app.wechat.budget import Budget
from app.wechat.closing import Closing
from app.wechat.errors import WechatBusy, WechatRefusal, WechatUnreachable

T = TypeVar("T")
Read = Callable[[int, bytes], T | WechatRefusal]

LARGEST_ANSWER = 64 * 1024
LARGEST_IMAGE = 512 * 1024
USUAL_BUDGET = Budget()

_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",  # what is counted against the limit is what arrives
    "User-Agent": "red-account",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of one API. A body is sent as JSON in UTF-8, never escaped.

    `repeatable` says that WeChat may be asked once more when it was too busy the first time.
    """

    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    largest: int = LARGEST_ANSWER
    repeatable: bool = True

    def bearing(self, token: str) -> Self:
        """The same call, with an access token."""
        return replace(self, query={**self.query, "access_token": token})

    def request(self, base_url: str, budget: Budget) -> httpx.Request:
        raw = None if self.body is None else json.dumps(self.body, ensure_ascii=False).encode()
        content_type = {} if raw is None else {"Content-Type": "application/json"}
        return httpx.Request(
            "GET" if raw is None else "POST",
            base_url + self.path,
            params=dict(self.query),
            content=raw,
            headers={**_HEADERS, **content_type},
            extensions={"timeout": budget.timeouts()},
        )


class Wire:
    """Carries calls to one base address. It may be shared by threads."""

    def __init__(
        self,
        base_url: str,
        *,
        transport: httpx.BaseTransport | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = clock.now,
        budget: Budget = USUAL_BUDGET,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._transport = transport or httpx.HTTPTransport()
        self._monotonic = monotonic
        self._budget = budget
        self._closing = Closing(now)
        self._lock = Lock()
        self._breakers: defaultdict[str, CircuitBreaker] = defaultdict(
            lambda: CircuitBreaker(monotonic=monotonic)
        )

    def send(self, call: Call, read: Read[T]) -> T | WechatRefusal:
        """What `read` makes of the answer, or the refusal that took its place."""
        closed = self._closing.refusal(call.path)
        if closed is not None:
            return closed
        with self._lock:
            breaker = self._breakers[call.path]
        try:
            outcome = breaker.run(lambda: self._exchange(call, read), failed=_is_outage)
            outcome = self._closing.heed(call.path, outcome) or outcome
        except CircuitOpen as rest:
            message = "WeChat has failed repeatedly and is left alone for a while"
            outcome = WechatBusy(message, retry_after=rest.seconds, undone=True)
        code = outcome.errcode if isinstance(outcome, WechatRefusal) else 0
        metrics.WECHAT.labels(call.path, "none" if code is None else str(code)).inc()
        return outcome

    def close(self) -> None:
        """Let go of idle connections."""
        self._transport.close()

    def _exchange(self, call: Call, read: Read[T]) -> T | WechatRefusal:
        """Try, and once more if that can do no harm, within the whole budget."""
        deadline = self._monotonic() + self._budget.total
        try:
            return within(self._budget.total, lambda: self._attempts(call, read, deadline))
        except TimeoutError:
            return WechatBusy("WeChat did not answer in time", retry_after=SOON)

    def _attempts(self, call: Call, read: Read[T], deadline: float) -> T | WechatRefusal:
        outcome = self._attempt(call, read, deadline)
        if _may_repeat(call, outcome) and self._monotonic() < deadline:
            return self._attempt(call, read, deadline)
        return outcome

    def _attempt(self, call: Call, read: Read[T], deadline: float) -> T | WechatRefusal:
        try:
            status, body = self._answer(call, deadline)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            return WechatUnreachable("WeChat cannot be reached", retry_after=SOON)
        except httpx.TimeoutException:
            return WechatBusy("WeChat did not answer in time", retry_after=SOON)
        except httpx.TransportError:
            return WechatBusy("WeChat broke off", retry_after=SOON)
        except _Unending as why:
            return WechatBusy(str(why), retry_after=SOON)
        return read(status, body)

    def _answer(self, call: Call, deadline: float) -> tuple[int, bytes]:
        response = self._transport.handle_request(call.request(self._base_url, self._budget))
        assert isinstance(response.stream, httpx.SyncByteStream)  # as of every such transport
        try:
            body = bytearray()
            for chunk in response.stream:
                body += chunk
                if len(body) > call.largest:
                    raise _Unending("WeChat's answer is far too long")
                if self._monotonic() > deadline:
                    raise _Unending("WeChat did not finish in time")
        finally:
            response.close()
        return response.status_code, bytes(body)


class _Unending(Exception):
    """An answer that was left half-read."""


def _may_repeat(call: Call, outcome: object) -> bool:
    """Only when it is certain that WeChat did nothing: it never saw the call, or was too busy."""
    if isinstance(outcome, WechatUnreachable):
        return True
    return call.repeatable and isinstance(outcome, WechatBusy) and outcome.errcode == SYSTEM_BUSY


def _is_outage(outcome: object) -> bool:
    """Who asks too often meets a limit; that says nothing about WeChat's health."""
    return isinstance(outcome, WechatBusy) and outcome.errcode not in {MINUTE_LIMIT, DAILY_LIMIT}
