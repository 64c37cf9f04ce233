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

from app.core.db import after_commit

BELL_SECONDS = 0.2
REST_SECONDS = 5.0
JOB_SECONDS = 60
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

    After a failure it rests, so that a silent Redis costs one request a
    moment and the others nothing.
    """

    def __init__(self, redis_url: str) -> None:
        self._redis = Redis.from_url(
            redis_url or NOWHERE,
            socket_timeout=BELL_SECONDS,
            socket_connect_timeout=BELL_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._queue = Queue(QUEUE, connection=self._redis, serializer=JSONSerializer)
        self._rests_until = 0.0

    def enqueue(self, job: Callable[[], Any]) -> Any:
        if time.monotonic() < self._rests_until:
            return None
        try:
            return self._queue.enqueue(
                job,
                job_timeout=JOB_SECONDS,
                result_ttl=RESULT_SECONDS,
                failure_ttl=FAILURE_SECONDS,
            )
        except RedisError as error:
            self._rests_until = time.monotonic() + REST_SECONDS
            log.warning("bell not heard", extra={"error_type": type(error).__name__})
            return None

    def state(self) -> str:
        """Whether Redis answers, for those who watch."""
        try:
            self._redis.ping()
        except RedisError:
            return "unreachable"
        return "ok"


def init_app(app: Flask, *, redis_url: str) -> None:
    app.extensions["queue"] = Bell(redis_url)


def ring_after_commit(session: Session, job: Callable[[], Any]) -> None:
    """Wake the worker for `job` once this transaction is committed.

    Jobs take no data: what there is to do stands in the database, and the
    bell only says that it does. A lost bell costs until the next sweep.
    """
    queue: Queueing = current_app.extensions["queue"]
    after_commit(session, lambda: queue.enqueue(job))
