"""Waiting for a server no longer than one means to, whatever its name and its wire are doing."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


def within(seconds: float, work: Callable[[], T]) -> T:
    """Do `work` and wait no more than `seconds` for it, then raise `TimeoutError`.

    It runs in a thread of its own, because looking up a name has no time limit in Python, and a
    server that sends a byte now and then outlives any limit on a single read. Work that is given
    up ends by its own limits; the thread is a daemon, so it never keeps the process alive.
    """
    done: Future[T] = Future()
    Thread(target=_deliver, args=(work, done), name="patience", daemon=True).start()
    return done.result(timeout=seconds)


def _deliver(work: Callable[[], T], done: Future[T]) -> None:
    try:
        done.set_result(work())
    except BaseException as error:  # noqa: BLE001 - it is raised again, in the thread that waits
        done.set_exception(error)
