"""Our side of WeChat's server API: so far, logging in.

Requests go straight to an httpx transport. `httpx.Client` writes every address it calls to the
log, and the address of a login carries the app secret and the code; a transport writes nothing.
Nor does it follow redirects or take a proxy from the environment.
"""

import re
import time
from collections.abc import Callable

import httpx

from app.core.breaker import CircuitBreaker, CircuitOpen
from app.core.patience import within
from app.wechat import answers
from app.wechat.answers import MINUTE_LIMIT, SOON, SYSTEM_BUSY, Outcome
from app.wechat.budget import Budget
from app.wechat.errors import LoginCodeInvalid, WechatBusy, WechatRefusal, WechatUnreachable
from app.wechat.superapp import Identity

LARGEST_ANSWER = 64 * 1024
USUAL_BUDGET = Budget()

_CODE = re.compile(r"[A-Za-z0-9_-]{1,128}")
_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",  # what is counted against the limit is what arrives
    "User-Agent": "red-account",
}


class WechatClient:
    """One mini-program's calls to WeChat. It is a `SuperApp`, and may be shared by threads."""

    platform = "wechat"

    def __init__(
        self,
        appid: str,
        secret: str,
        *,
        base_url: str,
        transport: httpx.BaseTransport | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        budget: Budget = USUAL_BUDGET,
    ) -> None:
        self._appid = appid
        self._secret = secret
        self._login_url = httpx.URL(base_url.rstrip("/") + "/sns/jscode2session")
        self._transport = transport or httpx.HTTPTransport()
        self._monotonic = monotonic
        self._budget = budget
        self._breaker = CircuitBreaker(monotonic=monotonic)

    def login(self, code: str) -> Identity:
        """Exchange a login code for who the person is; a code works once."""
        if not _CODE.fullmatch(code):
            raise LoginCodeInvalid("This is not a login code")
        try:
            outcome = self._breaker.run(lambda: self._exchange(code), failed=_is_outage)
        except CircuitOpen as rest:
            message = "WeChat has failed repeatedly and is left alone for a while"
            raise WechatBusy(message, retry_after=rest.seconds) from None
        if isinstance(outcome, WechatRefusal):
            raise outcome  # raised here, where no exception that holds the address is at hand
        return outcome

    def close(self) -> None:
        """Let go of idle connections."""
        self._transport.close()

    def _exchange(self, code: str) -> Outcome:
        """Try, and once more if that can do no harm, within the whole budget."""
        deadline = self._monotonic() + self._budget.total
        try:
            return within(self._budget.total, lambda: self._attempts(code, deadline))
        except TimeoutError:
            return WechatBusy("WeChat did not answer in time", retry_after=SOON)

    def _attempts(self, code: str, deadline: float) -> Outcome:
        outcome = self._attempt(code, deadline)
        if _may_repeat(outcome) and self._monotonic() < deadline:
            return self._attempt(code, deadline)
        return outcome

    def _attempt(self, code: str, deadline: float) -> Outcome:
        request = httpx.Request(
            "GET",
            self._login_url,
            params={
                "appid": self._appid,
                "secret": self._secret,
                "js_code": code,
                "grant_type": "authorization_code",
            },
            headers=_HEADERS,
            extensions={"timeout": self._budget.timeouts()},
        )
        try:
            return self._answer(request, deadline)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            return WechatUnreachable("WeChat cannot be reached", retry_after=SOON)
        except httpx.TimeoutException:
            return WechatBusy("WeChat did not answer in time", retry_after=SOON)
        except httpx.TransportError:
            return WechatBusy("WeChat broke off", retry_after=SOON)

    def _answer(self, request: httpx.Request, deadline: float) -> Outcome:
        response = self._transport.handle_request(request)
        assert isinstance(response.stream, httpx.SyncByteStream)  # as of every such transport
        try:
            body = bytearray()
            for chunk in response.stream:
                body += chunk
                if len(body) > LARGEST_ANSWER:
                    return WechatBusy("WeChat's answer is far too long", retry_after=SOON)
                if self._monotonic() > deadline:
                    return WechatBusy("WeChat did not finish in time", retry_after=SOON)
        finally:
            response.close()
        return answers.read_login(response.status_code, bytes(body))


def _may_repeat(outcome: Outcome) -> bool:
    """Only when WeChat did not use the code up: it never saw it, or says it was too busy."""
    return isinstance(outcome, WechatUnreachable) or (
        isinstance(outcome, WechatBusy) and outcome.errcode == SYSTEM_BUSY
    )


def _is_outage(outcome: Outcome) -> bool:
    """One person in a hurry meets the minute limit; that says nothing about WeChat's health."""
    return isinstance(outcome, WechatBusy) and outcome.errcode != MINUTE_LIMIT
