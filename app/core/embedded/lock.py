"""One owner at a time: an exclusive lock on a file, let go by the kernel when the owner dies."""

import fcntl
import os
from pathlib import Path
from threading import Event

TICK_SECONDS = 0.05


class Lock:
    """The right to run the servers of one folder."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._descriptor: int | None = None

    def acquire(self) -> bool:
        """Try once, without waiting."""
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(self.file, flags, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        if not self._is_the_file(descriptor):
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def wait(self, seconds: float = TICK_SECONDS) -> None:
        """Give the present owner a moment."""
        Event().wait(seconds)

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _is_the_file(self, descriptor: int) -> bool:
        """The folder may have been deleted and made again while we waited for the old file."""
        try:
            return os.path.samestat(os.fstat(descriptor), self.file.lstat())
        except FileNotFoundError:
            return False
