"""Signals as something a selector can wait for."""

import contextlib
import signal
import socket
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self

STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

Handler = Callable[[int, FrameType | None], Any] | int | None


class Signals:
    """Counts requests to stop, and wakes the selector for them and for the death of a child."""

    def __init__(self) -> None:
        self.stops = 0
        self._before: dict[signal.Signals, Handler] = {}
        self._before_descriptor = -1
        self.door, self._bell = socket.socketpair()

    def __enter__(self) -> Self:
        self.door.setblocking(False)
        self._bell.setblocking(False)
        self._before_descriptor = signal.set_wakeup_fd(
            self._bell.fileno(), warn_on_full_buffer=False
        )
        for number in (*STOPS, signal.SIGCHLD):
            if number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
                continue  # started with nohup: the terminal may go
            self._before[number] = signal.signal(number, self._noted)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        signal.set_wakeup_fd(self._before_descriptor)
        self.door.close()
        self._bell.close()

    def _noted(self, number: int, _frame: FrameType | None) -> None:
        if number in STOPS:
            self.stops += 1

    def drain(self) -> None:
        """Take what woke us out of the way."""
        with contextlib.suppress(BlockingIOError):
            self.door.recv(4096)
