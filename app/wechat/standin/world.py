"""Everything the stand-in remembers, in one place that every address is given."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from threading import Lock

from app.wechat.standin.faults import Faults
from app.wechat.standin.logins import Logins
from app.wechat.standin.phones import Phones
from app.wechat.standin.pushes import Pushes
from app.wechat.standin.quotas import Limit, Quotas
from app.wechat.standin.registry import RegisteredApp
from app.wechat.standin.subscriptions import Subscriptions
from app.wechat.standin.tokens import Tokens


class Calls:
    """How often each API was called, faults included."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._times: Counter[str] = Counter()

    def count(self, api: str) -> None:
        with self._lock:
            self._times[api] += 1

    def summary(self) -> dict[str, object]:
        with self._lock:
            return {"calls": dict(self._times)}


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The parts guard themselves against threads; this only holds them together."""

    clock: Callable[[], datetime]
    random: Random
    app: RegisteredApp
    logins: Logins
    tokens: Tokens
    phones: Phones
    pushes: Pushes
    subscriptions: Subscriptions = field(default_factory=Subscriptions)
    quotas: Quotas = field(default_factory=Quotas)
    faults: Faults = field(default_factory=Faults)
    calls: Calls = field(default_factory=Calls)

    def summary(self) -> dict[str, object]:
        """What there is, in numbers: no secret, code, key or token."""
        parts = (
            self.logins,
            self.tokens,
            self.phones,
            self.pushes,
            self.subscriptions,
            self.quotas,
            self.faults,
            self.calls,
        )
        found: dict[str, object] = {"appid": self.app.appid, "now": self.clock().isoformat()}
        for part in parts:
            found.update(part.summary())
        return found


def build_world(
    registered: RegisteredApp,
    *,
    clock: Callable[[], datetime],
    random: Random,
    limits: Mapping[str, Limit],
) -> World:
    """A world in which nothing has happened yet."""
    return World(
        clock=clock,
        random=random,
        app=registered,
        logins=Logins(random),
        tokens=Tokens(random),
        phones=Phones(random),
        pushes=Pushes(registered, clock=clock, random=random),
        quotas=Quotas(limits),
    )
