"""Children end with their parent, even when it is killed without warning.

Linux does it by itself: each child asks for a signal at the death of its parent. That parent is,
for the kernel, the *thread* that forked, so everything is spawned from the main thread. Elsewhere
a small watcher process holds the read end of a pipe that only we can write to; when it closes,
the watcher sends the signals.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

BY_KERNEL = sys.platform == "linux"
PR_SET_PDEATHSIG = 1
WATCHER = Path(__file__).with_name("watcher.py")


class Lifeline:
    """Ties children to this process."""

    def __init__(self, *, by_kernel: bool = BY_KERNEL) -> None:
        self._by_kernel = by_kernel
        self._watcher: subprocess.Popen[bytes] | None = None

    def in_child(self, death_signal: signal.Signals) -> Callable[[], None] | None:
        """What a child does between fork and exec, after it has changed its account."""
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("Spawn from the main thread: children end with the thread")
        return ending_with_parent(death_signal) if self._by_kernel else None

    def started(self, pid: int, death_signal: signal.Signals) -> None:
        if not self._by_kernel:
            self._tell(f"start {pid} {int(death_signal)}\n")

    def ended(self, pid: int) -> None:
        if not self._by_kernel:
            self._tell(f"end {pid}\n")

    def close(self) -> None:
        """Let the watcher go; whatever it still watches gets its signal."""
        if self._watcher is not None and self._watcher.stdin is not None:
            self._watcher.stdin.close()
            self._watcher.wait()
            self._watcher = None

    def _tell(self, line: str) -> None:
        if self._watcher is None or self._watcher.poll() is not None:
            self._watcher = subprocess.Popen(  # noqa: S603 - our own file
                [sys.executable, "-I", "-S", str(WATCHER)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
        if self._watcher.stdin is not None:
            self._watcher.stdin.write(line.encode())
            self._watcher.stdin.flush()


def ending_with_parent(death_signal: signal.Signals) -> Callable[[], None]:
    """The call that asks the kernel; the library is loaded here, because a child must not.

    Where the kernel knows no such wish the call does nothing.
    """
    if not BY_KERNEL:
        return lambda: None
    parent = os.getpid()
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return ask
