"""Codes of the phone button: another kind than login codes, for one use within five minutes."""

import string
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from threading import Lock

from app.wechat.standin.replies import Refused

CODE_LIFETIME = timedelta(seconds=300)
_LETTERS = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class _Agreed:
    """Who agreed to show which number, and when."""

    openid: str
    number: str
    at: datetime


class Phones:
    """Whoever pressed the button and agreed."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._lock = Lock()
        self._codes: dict[str, _Agreed] = {}

    def mint(self, *, openid: str, number: str, now: datetime) -> str:
        """What the button gives to the page."""
        with self._lock:
            code = "p" + "".join(self._random.choices(_LETTERS, k=40))
            self._codes[code] = _Agreed(openid, number, now)
            return code

    def redeem(self, code: str, *, openid: object, now: datetime) -> str:
        """The number behind a code, which is used up by this; another person's code is no code."""
        with self._lock:
            agreed = self._codes.pop(code, None)
        if agreed is None or now - agreed.at >= CODE_LIFETIME:
            raise Refused(40029)
        if openid is not None and openid != agreed.openid:
            raise Refused(40029)
        return agreed.number

    def summary(self) -> dict[str, object]:
        with self._lock:
            return {"phone_codes": len(self._codes)}
