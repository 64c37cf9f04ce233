"""CPU seconds of processes, and their memory, as the kernel counts them.

What is counted of a server is everything under its postmaster: backends, the log writer, readers
and writers of pages, and those that have ended. Their work is the work of the statements. Two
things would fall into whichever turn happens to run, autovacuum and checkpoints: they are kept
out of all turns alike (see `ground`), and what they would do is done between the turns.
"""

import os
from pathlib import Path

PROC = Path("/proc")
TICK = os.sysconf("SC_CLK_TCK")
# Places in /proc/<pid>/stat behind the name, which may itself hold spaces and brackets.
PARENT, USER, SYSTEM, ENDED_USER, ENDED_SYSTEM = 1, 11, 12, 13, 14


def stat(pid: int) -> list[str]:
    """The numbers of one process; empty when it is gone."""
    try:
        text = (PROC / str(pid) / "stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return []
    return text.rpartition(")")[2].split()


def parent(pid: int) -> int | None:
    numbers = stat(pid)
    return int(numbers[PARENT]) if numbers else None


def children(pid: int) -> list[int]:
    alive = (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())
    return [each for each in alive if parent(each) == pid]


def seconds(pid: int) -> float:
    """What a process has used, with those of its children that have ended and been reaped."""
    return _sum(pid, (USER, SYSTEM, ENDED_USER, ENDED_SYSTEM))


def family_seconds(pid: int) -> float:
    """What a process and all its children have used, the ended ones too."""
    return seconds(pid) + sum(seconds(child) for child in children(pid))


def peak_bytes() -> int:
    """The most memory this process has had at any time."""
    lines = (PROC / "self" / "status").read_text(encoding="ascii", errors="replace").splitlines()
    said = next(line for line in lines if line.startswith("VmHWM:"))
    return int(said.split()[1]) * 1024


def _sum(pid: int, places: tuple[int, ...]) -> float:
    numbers = stat(pid)
    return sum(int(numbers[place]) for place in places) / TICK if numbers else 0.0
