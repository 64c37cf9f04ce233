"""The process that signals orphans where the kernel would not; standard input is its lifeline."""

import contextlib
import os
import signal
import sys
from typing import TextIO


def watch(lifeline: TextIO) -> None:
    """Keep the list of children until the writer is gone, then signal those that are left."""
    children: dict[int, int] = {}
    for line in lifeline:
        match line.split():
            case ["start", pid, number]:
                children[int(pid)] = int(number)
            case ["end", pid]:
                children.pop(int(pid), None)
            case _:
                pass  # half a line: the writer died in the middle of it
    for orphan, death_signal in children.items():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(orphan, death_signal)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    watch(sys.stdin)
