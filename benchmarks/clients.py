"""Clients: processes of their own, each with one connection, that begin together.

Processes and not threads: otherwise it would be the interpreter's lock that is measured.
"""

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import sqlalchemy as sa

from app.core.garbage import collect_seldom
from benchmarks import cpu
from benchmarks.figures import Measured

# Forked from a process that has imported everything and holds neither thread nor connection.
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(
    ["benchmarks.clients", "app.ledger.policies", "points_engine.postgres", "sqlalchemy", "psycopg"]
)


@dataclass(frozen=True, slots=True)
class Done:
    """What a client did: how many things and, where somebody asks, how long each took."""

    count: int
    latencies: tuple[float, ...] = ()


# A task prepares, calls `go`, and then does what is measured until it returns.
Task = Callable[[sa.Connection, Any, Callable[[], None]], Done]


@dataclass(frozen=True, slots=True)
class _Report:
    done: Done
    began: float
    ended: float
    cpu: float
    peak: int


def measure(url: str, task: Task, jobs: Sequence[Any], *, postmaster: int) -> Measured:
    """Run the task once for each job, each in a client of its own, all at once."""
    with _hired(url, task, jobs) as pipes:
        for pipe in pipes:
            pipe.recv()
        before = cpu.family_seconds(postmaster)
        for pipe in pipes:
            pipe.send("go")
        reports: list[_Report] = [pipe.recv() for pipe in pipes]
        after = cpu.family_seconds(postmaster)  # while every connection is still open
    return Measured(
        count=sum(report.done.count for report in reports),
        wall=max(report.ended for report in reports) - min(report.began for report in reports),
        client_cpu=sum(report.cpu for report in reports),
        server_cpu=after - before,
        peak=max(report.peak for report in reports),
        latencies=tuple(each for report in reports for each in report.done.latencies),
    )


@contextmanager
def _hired(url: str, task: Task, jobs: Sequence[Any]) -> Iterator[list[Connection]]:
    """Clients that wait to be told; a pipe that ends says that its client failed."""
    pipes, clients = [], []
    for job in jobs:
        ours, theirs = _PROCESSES.Pipe()
        client = _PROCESSES.Process(
            target=_serve, args=(theirs, url), kwargs={"task": task, "job": job}, daemon=True
        )
        client.start()
        theirs.close()
        pipes.append(ours)
        clients.append(client)
    try:
        yield pipes
    finally:
        for pipe in pipes:
            pipe.close()  # they may leave
        for client in clients:
            client.join()


def _serve(pipe: Connection, url: str, *, task: Task, job: Any) -> None:
    collect_seldom()  # as the worker does
    began = [0.0, 0.0]

    def go() -> None:
        pipe.send("ready")
        pipe.recv()
        began[:] = time.perf_counter(), time.process_time()

    engine = sa.create_engine(url, poolclass=sa.NullPool)
    try:
        with engine.connect() as connection:
            done = task(connection, job, go)
            ended, used = time.perf_counter(), time.process_time() - began[1]
            pipe.send(_Report(done, began[0], ended, cpu=used, peak=cpu.peak_bytes()))
            pipe.recv()
    except EOFError:
        return  # we may leave, or nobody listens any more
