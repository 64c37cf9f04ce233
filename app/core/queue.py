"""Background work. A job is a bell; the database row is the message."""

import logging
import time
from collections.abc import Callable
from typing import Any, Protocol

from flask import Flask, current_app
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy.orm import Session

from app.core import metrics
from app.core.breaker import CircuitBreaker, CircuitOpen
from app.core.db import after_commit
from app.core.patience import within

STEP_SECONDS = 0.2
BELL_SECONDS = 0.3
REST_SECONDS = 5.0
JOB_SECONDS = 60
UNHEARD_SECONDS = 60  # the sweeper has done the work by then
RESULT_SECONDS = 60
FAILURE_SECONDS = 7 * 24 * 3600
QUEUE = "red-account"
NOWHERE = "unix:///no-address-configured"

log = logging.getLogger(__name__)


class Queueing(Protocol):
    """What rings. The tests have one that remembers."""

    def enqueue(self, job: Callable[[], Any]) -> Any: ...


class Bell:
    """An RQ queue that gives up at once: a request never waits long for Redis.

    After a failure it rests, and then one request tries for all the others, so that a silent
    Redis costs a moment now and then. Looking up its name is part of the moment.
    """

    def __init__(self, redis_url: str, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._redis = Redis.from_url(
            redis_url or NOWHERE,
            socket_timeout=STEP_SECONDS,
            socket_connect_timeout=STEP_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._queue = Queue(QUEUE, connection=self._redis, serializer=JSONSerializer)
        self._breaker = CircuitBreaker(monotonic=monotonic, failures=1, rest_seconds=REST_SECONDS)
        self.tally = metrics.Tally(self._redis)

    def enqueue(self, job: Callable[[], Any]) -> Any:
        try:
            return self._breaker.run(
                lambda: within(BELL_SECONDS, lambda: self._ring(job)), failed=lambda _job: False
            )
        except CircuitOpen:
            return None
        except (RedisError, TimeoutError) as error:
            metrics.REDIS.labels("ring").inc()
            log.warning("bell not heard", extra={"error_type": type(error).__name__})
            return None

    def state(self) -> str:
        """Whether Redis answers, for those who watch."""
        try:
            within(BELL_SECONDS, self._redis.ping)
        except (RedisError, TimeoutError):
            return "unreachable"
        return "ok"

    def _ring(self, job: Callable[[], Any]) -> Any:
        return self._queue.enqueue(
            job,
            job_timeout=JOB_SECONDS,
            ttl=UNHEARD_SECONDS,
            result_ttl=RESULT_SECONDS,
            failure_ttl=FAILURE_SECONDS,
        )


def init_app(app: Flask, *, redis_url: str) -> None:
    bell = Bell(redis_url)
    app.extensions |= {"queue": bell, "tally": bell.tally}


def ring_after_commit(session: Session, job: Callable[[], Any]) -> None:
    """Wake the worker for `job` once this transaction is committed.

    Jobs take no data: what there is to do stands in the database, and the
    bell only says that it does. A lost bell costs until the next sweep.
    """
    queue: Queueing = current_app.extensions["queue"]
    after_commit(session, lambda: queue.enqueue(job))
