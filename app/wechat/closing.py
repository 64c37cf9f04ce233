"""APIs that WeChat has closed to us for a while, because they were asked too often.

Whoever asks again meanwhile is told so here, and WeChat is left alone. What holds for one API
holds for no other.
"""

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

from app.core import clock
from app.wechat.answers import DAILY_LIMIT, MINUTE_LIMIT
from app.wechat.errors import WechatBusy

# Counted a minute and not a day, whatever the number says (getUnlimitedQRCode's page).
BY_THE_MINUTE = frozenset({"/wxa/getwxacodeunlimit"})
# Counted for each person: one in a hurry does not close it to the others (code2Session's page).
BY_PERSON = frozenset({"/sns/jscode2session"})


class Closing:
    """Until when which API is closed. It may be shared by threads."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = Lock()
        self._until: dict[str, tuple[datetime, int]] = {}

    def refusal(self, api: str) -> WechatBusy | None:
        """What whoever asks this API is told without asking; None where it is open."""
        with self._lock:
            until, errcode = self._until.get(api, (None, 0))
        now = self._now()
        if until is None or now >= until:
            return None
        return WechatBusy(
            "WeChat was asked too often, and is not asked again yet",
            retry_after=max(1, math.ceil((until - now).total_seconds())),
            errcode=errcode,
            undone=True,
        )

    def heed(self, api: str, outcome: object) -> WechatBusy | None:
        """Close the API if that is what WeChat has answered: the same refusal, and until when."""
        errcode = outcome.errcode if isinstance(outcome, WechatBusy) else None
        daily = errcode == DAILY_LIMIT
        if not daily and (errcode != MINUTE_LIMIT or api in BY_PERSON):
            return None
        now = self._now()
        until = _next_minute(now) if not daily or api in BY_THE_MINUTE else _tomorrow(now)
        with self._lock:
            self._until[api] = (until, errcode or 0)
        return self.refusal(api)


def _tomorrow(now: datetime) -> datetime:
    """When WeChat begins to count anew: at midnight in China."""
    return clock.midnight(clock.civil_day(now) + timedelta(days=1))


def _next_minute(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0) + timedelta(minutes=1)
