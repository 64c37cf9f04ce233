"""What is counted for whoever watches the service. Labels are closed lists: nobody is in them.

Each process counts for itself; under gunicorn they share a folder, and whoever is asked adds up.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Pool, QueuePool

from app.core.patience import within

SHARED = "PROMETHEUS_MULTIPROC_DIR"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)

OWN = CollectorRegistry()  # what this process counts; without the library's figures of Python
REQUESTS = Counter(
    "http_requests", "Requests answered", ("route", "method", "status"), registry=OWN
)
DURATION = Histogram(
    "http_request_duration_seconds", "Time to answer", ("route",), buckets=SECONDS, registry=OWN
)
UNKNOWN_CALLER = Counter("auth_failures", "Callers not let in", ("reason",), registry=OWN)
DENIED = Counter("authz_denied", "Callers without the permission", ("permission",), registry=OWN)
CHECKINS = Counter("checkin", "Check-ins, check-outs and visits", ("result",), registry=OWN)
REDEMPTIONS = Counter("redemption", "Goods asked for at a counter", ("result",), registry=OWN)
ONCE = Counter("idempotency", "Requests with an Idempotency-Key", ("outcome",), registry=OWN)
REDIS = Counter("redis_errors", "Bells that were not heard", ("op",), registry=OWN)
WECHAT = Counter("wechat_requests", "Calls to WeChat", ("api", "errcode"), registry=OWN)
REDIS_SECONDS = 0.3  # how long Redis is waited for
BY_WORKER = "wechat_requests_by_worker_total"  # those of the worker and the sweeper
POOL = Gauge("db_pool_in_use", "Connections in use", multiprocess_mode="livesum", registry=OWN)

# What these views do is counted by what came of it, besides.
COUNTED = {
    "arrivals.check_in": CHECKINS,
    "arrivals.check_out": CHECKINS,
    "arrival_pages.check_in": CHECKINS,
    "arrival_pages.check_out": CHECKINS,
    "stations.create_station_visit": CHECKINS,
    "stations_pages.visit": CHECKINS,
    "supermarket.redeem": REDEMPTIONS,
    "supermarket_pages.redeem": REDEMPTIONS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A request that was answered: `code` is the refusal's, where it was refused."""

    endpoint: str
    route: str
    method: str
    status: int
    seconds: float
    code: str = ""
    permission: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure that stands in the database. Of several tenants' it is the sum, or the worst."""

    name: str
    text: str
    value: float
    labels: tuple[tuple[str, str], ...] = ()
    worst: bool = False


def count(answered: Answered) -> None:
    """Some microseconds: every request comes by here."""
    status = str(answered.status)
    REQUESTS.labels(answered.route, answered.method, status).inc()
    DURATION.labels(answered.route).observe(answered.seconds)
    counted = COUNTED.get(answered.endpoint)
    if counted is not None:
        counted.labels(answered.code or "done").inc()
    if answered.status == HTTPStatus.UNAUTHORIZED:
        UNKNOWN_CALLER.labels(answered.code or "unknown").inc()
    if answered.status == HTTPStatus.FORBIDDEN:
        DENIED.labels(answered.permission).inc()


def note_pool(pool: Pool) -> None:
    """How many of this process's connections somebody works with just now."""
    POOL.set(pool.checkedout() if isinstance(pool, QueuePool) else 0)


def text(figures: Iterable[Figure]) -> bytes:
    """All there is to tell, as Prometheus reads it: of every process that shares its folder."""
    counted = OWN
    if SHARED in os.environ:  # noqa: TID251 - the library's own setting, made by config/gunicorn.py
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]  # the library's
    standing = CollectorRegistry()
    standing.register(_Standing(_added(figures)))
    return generate_latest(counted) + generate_latest(standing)


def _added(figures: Iterable[Figure]) -> list[Figure]:
    """One figure for each name and labels, whichever tenants they are of."""
    found: dict[tuple[str, tuple[tuple[str, str], ...]], Figure] = {}
    for one in figures:
        before = found.get((one.name, one.labels))
        if before is None or (one.worst and one.value > before.value):
            found[one.name, one.labels] = one
        elif not one.worst:
            value = before.value + one.value
            found[one.name, one.labels] = Figure(
                name=one.name, text=one.text, value=value, labels=one.labels
            )
    return list(found.values())


class Tally:
    """What processes that nobody can ask have counted, added up in Redis for those who serve.

    A child of the worker lives for one job, and the sweeper answers no requests: each hands over
    what it has counted since the last time. Like the counters of a process that began anew, the
    sums begin at nothing when Redis does.
    """

    KEY = "metrics:wechat_requests"

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._handed = _calls()

    def hand_over(self) -> None:
        """Add what this process has counted since; what Redis does not hear is told next time."""
        now = _calls()
        new = {name: many - self._handed.get(name, 0) for name, many in now.items()}
        pipe = self._redis.pipeline()
        for name, many in new.items():
            if many:
                pipe.hincrby(self.KEY, "|".join(name), many)
        try:
            within(REDIS_SECONDS, pipe.execute)
        except (RedisError, TimeoutError):
            return
        self._handed = now

    def figures(self) -> list[Figure]:
        """The sums so far; none where Redis does not answer."""
        try:
            found = within(REDIS_SECONDS, self._read)
        except (RedisError, TimeoutError):
            return []
        return [
            Figure(
                name=BY_WORKER,
                text="Calls to WeChat by the worker and the sweeper",
                value=float(many),
                labels=tuple(zip(("api", "errcode"), name.split("|"), strict=True)),
            )
            for name, many in sorted(found.items())
        ]

    def _read(self) -> dict[str, int]:
        """How often, by what was asked and what came of it, with a bar between the two."""
        found = self._redis.hgetall(self.KEY)
        return {_text(name): int(many) for name, many in found.items()}


def _text(said: bytes | str) -> str:
    return said.decode() if isinstance(said, bytes) else said


def _calls() -> dict[tuple[str, str], int]:
    """Calls of this process to WeChat, by what was asked and what came of it."""
    return {
        (sample.labels["api"], sample.labels["errcode"]): int(sample.value)
        for family in WECHAT.collect()
        for sample in family.samples
        if sample.name.endswith("_total")
    }


class _Standing:
    """Figures that were read just now, in the library's form."""

    def __init__(self, figures: Sequence[Figure]) -> None:
        self._figures = figures

    def collect(self) -> Iterable[GaugeMetricFamily]:
        families: dict[str, GaugeMetricFamily] = {}
        for one in self._figures:
            names = [name for name, _ in one.labels]
            family = families.setdefault(
                one.name, GaugeMetricFamily(one.name, one.text, labels=names)
            )
            family.add_metric([value for _, value in one.labels], one.value)
        return families.values()
