"""Login codes and session keys, by the rules WeChat gives them out."""

import base64
import hashlib
import hmac
import string
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from threading import Lock

from app.wechat.standin.replies import Refused

CODE_LIFETIME = timedelta(seconds=300)
LOGINS_PER_MINUTE = 100
_LETTERS = string.ascii_letters + string.digits


@dataclass(slots=True)
class _Code:
    """A code that was given out, and the session key it will be exchanged for."""

    appid: str
    openid: str
    session_key: str
    minted_at: datetime
    used: bool = False


class Logins:
    """Everybody's codes and keys. A person has one valid key per mini-program: the newest."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._lock = Lock()
        self._codes: dict[str, _Code] = {}
        self._session_keys: dict[tuple[str, str], str] = {}
        self._blocked: set[str] = set()
        self._seen_at: dict[str, datetime] = {}
        self._minute: datetime | None = None
        self._this_minute: Counter[str] = Counter()

    def mint(self, *, appid: str, openid: str, now: datetime) -> str:
        """What `wx.login` does on a phone: a new code, and a new key in place of the old one."""
        with self._lock:
            self._forget_expired(now)
            text = "0" + "".join(self._random.choices(_LETTERS, k=31))
            key = base64.b64encode(self._random.randbytes(16)).decode("ascii")
            self._codes[text] = _Code(appid, openid, key, now)
            self._session_keys[appid, openid] = key
            self._seen_at[openid] = now
            return text

    def knows(self, openid: str) -> bool:
        """Whether anybody of that name was ever here."""
        with self._lock:
            return openid in self._seen_at

    def was_here(self, openid: str, *, since: datetime) -> bool:
        with self._lock:
            return openid in self._seen_at and self._seen_at[openid] >= since

    def redeem(self, text: str, *, appid: str, now: datetime) -> tuple[str, str]:
        """The openid and session key behind a code, which is used up by this."""
        with self._lock:
            self._forget_expired(now)
            code = self._codes.get(text)
            if code is None or code.appid != appid:
                raise Refused(40029)
            self._count(code.openid, now)
            if code.used:
                raise Refused(40163)
            code.used = True
            if code.openid in self._blocked:
                raise Refused(40226)
            return code.openid, code.session_key

    def block(self, openid: str, *, blocked: bool) -> None:
        """Hold a person to be a risk, or no longer."""
        with self._lock:
            (self._blocked.add if blocked else self._blocked.discard)(openid)

    def check_signature(self, signature: str, *, appid: str, openid: str) -> None:
        """Refuse a signature that was not made with the person's current session key."""
        with self._lock:
            key = self._session_keys.get((appid, openid))
        if key is None:
            raise Refused(40003)
        if not hmac.compare_digest(sign("", session_key=key).encode(), signature.encode()):
            raise Refused(87009)

    def summary(self) -> dict[str, object]:
        """How much of everything there is; no code and no key."""
        with self._lock:
            return {
                "codes_unused": sum(not code.used for code in self._codes.values()),
                "codes_used": sum(code.used for code in self._codes.values()),
                "session_keys": len(self._session_keys),
                "blocked": sorted(self._blocked),
            }

    def _count(self, openid: str, now: datetime) -> None:
        minute = now.replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute = minute
            self._this_minute.clear()
        self._this_minute[openid] += 1
        if self._this_minute[openid] > LOGINS_PER_MINUTE:
            raise Refused(45011)

    def _forget_expired(self, now: datetime) -> None:
        """Codes stand in the order they were given out, so the old ones come first."""
        while self._codes:
            oldest = next(iter(self._codes))
            if now - self._codes[oldest].minted_at < CODE_LIFETIME:
                return
            del self._codes[oldest]


def sign(message: str, *, session_key: str) -> str:
    """WeChat's signature. The key is the base64 text itself, not the bytes it stands for."""
    return hmac.new(session_key.encode(), message.encode(), hashlib.sha256).hexdigest()


def union_id(openid: str) -> str:
    """The same person across the mini-programs of one open platform."""
    return "u" + hashlib.sha256(openid.encode()).hexdigest()[:27]
