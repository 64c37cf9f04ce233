"""How often an API may be asked in a minute and on a day, and what clears the count."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from threading import Lock

from app.core.clock import civil_day
from app.wechat.standin.replies import Refused

CLEARED_A_MONTH = 10
UNLIMITED = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """So often a minute and a day; `code` is what too often in a minute is refused with."""

    minute: int = UNLIMITED
    day: int = UNLIMITED
    code: int = 45011


LIMITS = {
    "/cgi-bin/token": Limit(day=2000),
    "/cgi-bin/stable_token": Limit(minute=10_000, day=500_000),
    "/wxa/getwxacodeunlimit": Limit(minute=5000, code=45009),
    "/wxa/generate_urllink": Limit(day=500_000),
    "/wxa/generatescheme": Limit(day=500_000),
    "/cgi-bin/message/subscribe/send": Limit(day=10_000_000),
    "/wxa/msg_sec_check": Limit(minute=4000, day=2_000_000),
    "/wxa/media_check_async": Limit(minute=2000, day=200_000),
}


class Quotas:
    """The counts of every API that is limited."""

    def __init__(self, limits: Mapping[str, Limit] = LIMITS) -> None:
        self._limits = limits
        self._lock = Lock()
        self._minute: datetime | None = None
        self._day: date | None = None
        self._this_minute: Counter[str] = Counter()
        self._this_day: Counter[str] = Counter()
        self._cleared: Counter[tuple[int, int]] = Counter()

    def use(self, api: str, now: datetime) -> None:
        """Count a call, or refuse it."""
        limit = self._limits.get(api)
        if limit is None:
            return
        with self._lock:
            self._turn(now)
            if self._this_day[api] >= limit.day:
                raise Refused(45009)
            if self._this_minute[api] >= limit.minute:
                raise Refused(limit.code)
            self._this_day[api] += 1
            self._this_minute[api] += 1

    def of(self, api: str, now: datetime) -> dict[str, int]:
        """The day's count of an API."""
        limit = self._limits.get(api)
        if limit is None:
            raise Refused(76021)
        with self._lock:
            self._turn(now)
            used = self._this_day[api]
        return {"daily_limit": limit.day, "used": used, "remain": limit.day - used}

    def clear(self, now: datetime) -> None:
        """Begin to count afresh; ten times a month."""
        day = civil_day(now)
        with self._lock:
            if self._cleared[day.year, day.month] >= CLEARED_A_MONTH:
                raise Refused(48006)
            self._cleared[day.year, day.month] += 1
            self._this_day.clear()

    def summary(self) -> dict[str, object]:
        """What was used today."""
        with self._lock:
            return {"used_today": dict(self._this_day)}

    def _turn(self, now: datetime) -> None:
        minute, day = now.replace(second=0, microsecond=0), civil_day(now)
        if minute != self._minute:
            self._minute = minute
            self._this_minute.clear()
        if day != self._day:
            self._day = day
            self._this_day.clear()
