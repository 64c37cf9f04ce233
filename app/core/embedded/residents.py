"""Which servers still live in a data folder, and waiting until the last one has left.

A server changes into its data folder, and so do its helpers: the working directory identifies
them, where a number in a file may by now belong to somebody else.
"""

import contextlib
import os
import signal
from pathlib import Path
from threading import Event
from time import monotonic

from app.core.embedded.errors import CannotStart

PROCESSES = Path("/proc")
GO_AFTER_SECONDS = 3.0
KILLED_AFTER_SECONDS = 12.0
REFUSED_AFTER_SECONDS = 15.0
TICK_SECONDS = 0.02
PROGRAMS = ("postgres", "valkey", "redis")  # how their names begin


def can_be_listed() -> bool:
    return (PROCESSES / "self" / "cwd").exists()


def list_residents(folder: Path) -> list[int]:
    """The servers that live in `folder`, the oldest first."""
    if not can_be_listed():
        return []
    pids = sorted(int(entry.name) for entry in PROCESSES.iterdir() if entry.name.isdigit())
    return [pid for pid in pids if _lives_in(PROCESSES / str(pid), folder)]


def vacate(folder: Path) -> None:
    """Wait for the servers of an owner that was killed to leave; end those that do not.

    Only who holds the lock of the folder may call this: nobody else can be their owner.
    """
    start = monotonic()
    asked = False
    while residents := list_residents(folder):
        waited = monotonic() - start
        if waited > REFUSED_AFTER_SECONDS:
            raise CannotStart(
                f"Process {residents[0]} still uses {folder} and does not end: "
                "end it and start again."
            )
        if waited > KILLED_AFTER_SECONDS:
            _signal(residents, signal.SIGKILL)
        elif waited > GO_AFTER_SECONDS and not asked:
            asked = True
            _signal(residents[:1], signal.SIGINT)
        Event().wait(TICK_SECONDS)


def _lives_in(process: Path, folder: Path) -> bool:
    try:
        name = (process / "comm").read_text(encoding="utf-8", errors="replace")
        return name.startswith(PROGRAMS) and (process / "cwd").readlink() == folder
    except OSError:  # it has ended meanwhile, or belongs to somebody else
        return False


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)
