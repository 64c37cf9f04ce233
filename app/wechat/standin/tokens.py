"""Access tokens from WeChat's two issuers, which know nothing of each other."""

import string
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from threading import Lock

from app.core.clock import civil_day
from app.wechat.standin.replies import Refused

LIFETIME = timedelta(seconds=7200)
OVERLAP = timedelta(seconds=300)
REMEMBERED = timedelta(days=1)
FORCED_APART = timedelta(seconds=30)
FORCED_PER_DAY = 20
_LETTERS = string.ascii_letters + string.digits + "_-"


@dataclass(slots=True)
class Token:
    """A token ends by its age, and is dead earlier once it was replaced."""

    text: str
    expires_at: datetime
    dead_at: datetime | None = None

    def as_answer(self, now: datetime) -> dict[str, object]:
        seconds = int((self.expires_at - now).total_seconds())
        return {"access_token": self.text, "expires_in": seconds}


class Tokens:
    """Both issuers and every token they gave out that anybody may still present."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._lock = Lock()
        self._known: dict[str, Token] = {}
        self._classic: Token | None = None
        self._stable = StableIssuer(self._mint)

    def issue_classic(self, now: datetime) -> dict[str, object]:
        """A new token at every call; the one before it works for another five minutes."""
        with self._lock:
            if self._classic is not None:
                self._classic.dead_at = now + OVERLAP
            self._classic = self._mint(now)
            return self._classic.as_answer(now)

    def issue_stable(self, now: datetime, *, force: bool) -> dict[str, object]:
        """The token at hand while it lasts, unless a new one is forced."""
        with self._lock:
            return self._stable.issue(now, force=force).as_answer(now)

    def check(self, text: str, now: datetime) -> None:
        """Refuse a token that is missing, unknown, replaced or too old."""
        if not text:
            raise Refused(41001)
        with self._lock:
            token = self._known.get(text)
            if token is None or (token.dead_at is not None and now >= token.dead_at):
                raise Refused(40001)
            if now >= token.expires_at:
                raise Refused(42001)

    def summary(self) -> dict[str, object]:
        """How many tokens are remembered; no token."""
        with self._lock:
            return {"tokens_remembered": len(self._known)}

    def _mint(self, now: datetime) -> Token:
        self._known = {
            text: token
            for text, token in self._known.items()
            if now < token.expires_at + REMEMBERED
        }
        prefix = f"{self._random.randint(10, 99)}_"
        token = Token(prefix + "".join(self._random.choices(_LETTERS, k=150)), now + LIFETIME)
        self._known[token.text] = token
        return token


class StableIssuer:
    """Gives the same token until five minutes before its end; the caller holds the lock."""

    def __init__(self, mint: Callable[[datetime], Token]) -> None:
        self._mint = mint
        self._current: Token | None = None
        self._forced_at: datetime | None = None
        self._forced_on: date | None = None
        self._forced_that_day = 0

    def issue(self, now: datetime, *, force: bool) -> Token:
        """The current token, made new when it is nearly over or when that may be forced."""
        current = self._current
        if current is None or now >= current.expires_at:
            self._current = self._mint(now)
        elif force and self._may_force(now):
            current.dead_at = now
            self._current = self._mint(now)
        elif current.expires_at - now <= OVERLAP:
            current.expires_at = now + OVERLAP  # whoever was given it last has five minutes too
            self._current = self._mint(now)
        assert self._current is not None  # every branch above leaves one
        return self._current

    def _may_force(self, now: datetime) -> bool:
        """At most so often a day and so close together; counts the use when it is allowed."""
        today = civil_day(now)
        used = self._forced_that_day if self._forced_on == today else 0
        too_soon = self._forced_at is not None and now - self._forced_at < FORCED_APART
        if too_soon or used >= FORCED_PER_DAY:
            return False
        self._forced_at, self._forced_on, self._forced_that_day = now, today, used + 1
        return True
