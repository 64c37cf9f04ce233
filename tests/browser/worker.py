"""The worker: takes what the bell put into the queue, as its own process would."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from redis import Redis
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from app.core.db import acting_as
from app.core.queue import QUEUE
from app.ledger import jobs
from config import Settings

DATABASES = 15  # a Redis has sixteen, and everybody else uses the first


def own_redis(url: str, config: pytest.Config) -> str:
    """A database of this process in the run's Redis: nobody else works off its queue."""
    given = getattr(config, "workerinput", {"workerid": "gw0"})
    number = 1 + int(given["workerid"].removeprefix("gw")) % DATABASES
    return f"{url}{'&' if '?' in url else '?'}db={number}"


class Worker:
    """Works in this process, with the worker's role and an application of its own."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._settings: Settings = app.config["SETTINGS"]
        self._redis = Redis.from_url(self._settings.redis_url or "")
        self.queue = Queue(QUEUE, connection=self._redis, serializer=JSONSerializer)

    def work(self) -> None:
        """Do what is in the queue, and end when it is empty."""
        worker = SimpleWorker([self.queue], connection=self._redis, serializer=JSONSerializer)
        with self._acting(), _signals_kept():
            worker.work(burst=True, logging_level="ERROR")
        assert not len(self.queue.failed_job_registry), "a job failed"

    def sweep(self) -> None:
        """What the sweeper does every few seconds, bell or no bell."""
        with self._acting():
            jobs.settle_waiting()

    @contextmanager
    def _acting(self) -> Iterator[None]:
        url = self._settings.worker_database_url or ""
        with self._app.app_context(), acting_as("worker", url):
            yield


@contextmanager
def _signals_kept() -> Iterator[None]:
    """RQ listens for the signals that end a program; here they are pytest's."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
