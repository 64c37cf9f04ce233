"""How long one exchange with WeChat may take, and the means to keep to it."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Seconds to connect, to wait for the next bytes, and for everything together."""

    connect: float = 1.0
    read: float = 2.0
    total: float = 3.0

    def timeouts(self) -> dict[str, float]:
        """The single steps' limits, as httpx names them."""
        return {
            "connect": self.connect,
            "pool": self.connect,
            "write": self.read,
            "read": self.read,
        }


def within(seconds: float, work: Callable[[], T]) -> T:
    """Do `work` and wait no more than `seconds` for it, then raise `TimeoutError`.

    It runs in a thread of its own, because looking up a name has no time limit in Python, and a
    server that sends a byte now and then outlives any limit on a single read. Work that is given
    up ends by its own limits; the thread is a daemon, so it never keeps the process alive.
    """
    done: Future[T] = Future()
    Thread(target=_deliver, args=(work, done), name="wechat-exchange", daemon=True).start()
    return done.result(timeout=seconds)


def _deliver(work: Callable[[], T], done: Future[T]) -> None:
    try:
        done.set_result(work())
    except BaseException as error:  # noqa: BLE001 - it is raised again, in the thread that waits
        done.set_exception(error)
