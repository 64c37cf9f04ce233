"""Which servers still live in a data folder, and waiting until the last one has left.

A server changes into its data folder, and so do its helpers: the working directory identifies
them, where a number in a file may by now belong to somebody else.
"""

import contextlib
import os
import shutil
import signal
import subprocess
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
ENDED = ("Z", "X")  # states of a process that lives nowhere any more


def can_be_listed() -> bool:
    """Whether every server that might live in a folder of ours can be seen there."""
    if not (PROCESSES / "self" / "cwd").exists():
        return False
    return not any(_hides(process) for process in _list_servers())


def list_residents(folder: Path) -> list[int]:
    """The servers that live in `folder`, the oldest first."""
    return [int(process.name) for process in _list_servers() if _home_of(process) == folder]


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


def _list_servers() -> list[Path]:
    """Every process that is called like a server, the oldest first."""
    if not PROCESSES.is_dir():
        return []
    pids = sorted(int(entry.name) for entry in PROCESSES.iterdir() if entry.name.isdigit())
    return [PROCESSES / str(pid) for pid in pids if _is_server(PROCESSES / str(pid))]


def _is_server(process: Path) -> bool:
    try:
        said = (process / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:  # it has ended meanwhile
        return False
    name, _, state = said.partition("(")[2].rpartition(") ")
    return name.startswith(PROGRAMS) and not state.startswith(ENDED)


def _home_of(process: Path) -> Path | None:
    """The folder it lives in, unless it has ended, or hides that from us."""
    try:
        return (process / "cwd").readlink()
    except PermissionError:
        return _asked_as_itself(process) if os.geteuid() == 0 else None
    except OSError:
        return None


def _asked_as_itself(process: Path) -> Path | None:
    """What its own account sees: in a container, root may be forbidden to look at others."""
    readlink = shutil.which("readlink", path=os.defpath)
    try:
        owner = process.stat()
        said = subprocess.run(  # noqa: S603 - a program of the system, with a number
            [readlink or "readlink", str(process / "cwd")],
            check=True,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            user=owner.st_uid,
            group=owner.st_gid,
            extra_groups=[],
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return Path(os.fsdecode(said.removesuffix(b"\n")))


def _hides(process: Path) -> bool:
    """Whether it may be one of ours, and nobody tells where it lives.

    Only root has servers of another account, and none of its own. One that has ended meanwhile
    hides nothing.
    """
    if os.geteuid() != 0 or _home_of(process) is not None:
        return False
    return _is_server(process) and not _is_roots(process)


def _is_roots(process: Path) -> bool:
    try:
        status = (process / "status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return "\nUid:\t0\t" in status


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)
