"""The access token: one that everybody shares, and one at a time who renews it.

Renewing is never forced: WeChat lets the old token live for five minutes beside the new one, so
whoever still holds it goes on working. Forcing is an operator's business, after a leak.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Protocol

from app.wechat.answers import Answer, malformed, number_of, read_answer
from app.wechat.errors import WechatBusy, WechatMisconfigured, WechatRefusal
from app.wechat.wire import Call, Wire

OVERLAP = timedelta(seconds=300)  # a token this near its end is replaced
LONGEST_WAIT = 5.0  # seconds, for somebody else's renewal
LONGEST_TOKEN = 512
LONGEST_LIFE = 7200


@dataclass(frozen=True, slots=True)
class Token:
    """An access token, and until when WeChat takes it. It is never shown."""

    text: str
    expires_at: datetime

    def __repr__(self) -> str:
        return f"Token(until {self.expires_at:%H:%M:%S})"

    def is_fresh(self, now: datetime) -> bool:
        return now < self.expires_at - OVERLAP


class Held(Protocol):
    """A store while nobody else may write to it."""

    def read(self) -> Token | None: ...

    def write(self, token: Token) -> None: ...


class TokenStore(Protocol):
    """Where the token of a mini-program stands for every process that needs it."""

    def read(self, appid: str) -> Token | None:
        """The token, whoever renewed it last."""

    def locked(self, appid: str) -> AbstractContextManager[Held]:
        """The store to oneself; `WechatBusy` when others take longer than one waits."""


class MemoryTokens:
    """A store for one process."""

    def __init__(self) -> None:
        self._turn = Lock()
        self._kept: dict[str, Token] = {}

    def read(self, appid: str) -> Token | None:
        return self._kept.get(appid)

    @contextmanager
    def locked(self, appid: str) -> Iterator[Held]:
        with in_turn(self._turn):
            yield _Kept(self._kept, appid)


@dataclass(frozen=True, slots=True)
class _Kept:
    kept: dict[str, Token]
    appid: str

    def read(self) -> Token | None:
        return self.kept.get(self.appid)

    def write(self, token: Token) -> None:
        self.kept[self.appid] = token


@contextmanager
def in_turn(lock: Lock, longest_wait: float = LONGEST_WAIT) -> Iterator[None]:
    """Hold the lock, or say that somebody else is at it for too long."""
    if not lock.acquire(timeout=longest_wait):
        raise waited_in_vain()
    try:
        yield
    finally:
        lock.release()


def waited_in_vain() -> WechatBusy:
    return WechatBusy("Somebody else is still renewing the token", retry_after=5, undone=True)


class Tokens:
    """The token of one mini-program, for its calls."""

    def __init__(
        self, wire: Wire, store: TokenStore, *, appid: str, secret: str, now: Callable[[], datetime]
    ) -> None:
        self._wire = wire
        self._store = store
        self._appid = appid
        self._secret = secret
        self._now = now

    def current(self) -> str:
        """A token that WeChat should take."""
        kept = self._store.read(self._appid)
        if kept is not None and kept.is_fresh(self._now()):
            return kept.text
        with self._store.locked(self._appid) as held:
            kept = held.read()
            if kept is None or not kept.is_fresh(self._now()):
                kept = self._fetch()
                held.write(kept)
            return kept.text

    def instead_of(self, refused: str) -> str:
        """Another token than this one, which WeChat did not take; renewed by one, for all."""
        with self._store.locked(self._appid) as held:
            kept = held.read()
            if kept is None or kept.text == refused:
                kept = self._fetch()
                if kept.text == refused:
                    raise WechatMisconfigured("WeChat gives out a token that it does not take")
                held.write(kept)
            return kept.text

    def _fetch(self) -> Token:
        body = {
            "grant_type": "client_credential",
            "appid": self._appid,
            "secret": self._secret,
            "force_refresh": False,
        }
        asked_at = self._now()
        outcome = self._wire.send(Call(path="/cgi-bin/stable_token", body=body), read_answer)
        token = outcome if isinstance(outcome, WechatRefusal) else _token(outcome, asked_at)
        if isinstance(token, WechatRefusal):
            raise token
        return token


def _token(answer: Answer, asked_at: datetime) -> Token | WechatRefusal:
    text, seconds = answer.get("access_token"), number_of(answer.get("expires_in"))
    if not isinstance(text, str) or not 0 < len(text) <= LONGEST_TOKEN or not text.isascii():
        return malformed()
    if seconds is None or not 0 < seconds <= LONGEST_LIFE:
        return malformed()
    return Token(text, asked_at + timedelta(seconds=seconds))
