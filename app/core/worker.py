"""The RQ worker: one queue, jobs that take no data, and children that end with their parent."""

import logging
import signal
from collections.abc import Callable
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.serializers import JSONSerializer
from sqlalchemy.exc import SQLAlchemyError

from app.core.embedded.lifeline import ending_with_parent
from app.core.metrics import Tally
from app.core.queue import QUEUE

SILENCE_SECONDS = 30

log = logging.getLogger(__name__)


class TiedWorker(Worker):
    """Its work-horses end when it is killed: RQ would start their job again beside them."""

    def fork_work_horse(self, job: Any, queue: Any) -> None:
        self._tie = ending_with_parent(signal.SIGKILL)
        super().fork_work_horse(job, queue)

    def main_work_horse(self, job: Any, queue: Any) -> None:
        self._tie()
        super().main_work_horse(job, queue)

    def perform_job(self, job: Any, queue: Any, execution: Any) -> bool:
        """Do it, and let those who serve know what it has counted: this process ends with it."""
        tally = Tally(self.connection)
        try:
            return bool(super().perform_job(job, queue, execution))
        finally:
            tally.hand_over()

    def handle_job_failure(self, job: Any, queue: Any, *rest: Any, **said: Any) -> None:
        """Keep that it failed, not the words: they may quote a row, and Redis keeps them long."""
        super().handle_job_failure(job, queue, *rest, **{**said, "exc_string": ""})

    def handle_exception(self, _job: Any, *exc_info: Any) -> None:
        log.error("job failed", exc_info=exc_info)


def work(redis_url: str, *, burst: bool = False) -> None:
    """Work off the queue until told to stop. A job runs in a fork that inherits this context."""
    connection = Redis.from_url(redis_url)
    queue = Queue(QUEUE, connection=connection, serializer=JSONSerializer)
    TiedWorker(
        [queue],
        connection=connection,
        serializer=JSONSerializer,
        worker_ttl=SILENCE_SECONDS,
        maintenance_interval=SILENCE_SECONDS,
        job_monitoring_interval=10,
    ).work(burst=burst, logging_level="WARNING")


def despite_outages(job: Callable[[], Any]) -> None:
    """Run a job of the sweeper; what a server's outage leaves undone is the next sweep's."""
    try:
        job()
    except (SQLAlchemyError, RedisError) as error:
        log.warning("sweep failed", extra={"error_type": type(error).__name__})
