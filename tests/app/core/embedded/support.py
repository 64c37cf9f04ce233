"""Starting an owner in a process of its own, and watching processes end."""

import contextlib
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg

from app.core.embedded.residents import list_residents

ROOT = Path(__file__).parents[4]
OWNER = "tests.app.core.embedded.owner"
PATIENCE_SECONDS = 20.0


@contextlib.contextmanager
def running_owner(var: Path) -> Iterator[subprocess.Popen[str]]:
    """A program that owns `var`, as the service would; it is killed at the end if still there."""
    with subprocess.Popen(
        [sys.executable, "-m", OWNER, str(var)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def read_line(process: subprocess.Popen[str]) -> str:
    """What the program says next."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def list_servers(var: Path) -> list[int]:
    """Every process of the servers of `var`."""
    return [
        pid for name in ("postgres", "valkey") for pid in list_residents((var / name).resolve())
    ]


def wait_until_gone(pids: list[int]) -> None:
    """Return when none of these processes is left."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            descriptor = os.pidfd_open(pid)
            ended, _, _ = select.select([descriptor], [], [], PATIENCE_SECONDS)
            os.close(descriptor)
            assert ended, f"process {pid} is still there"


def execute(sockets: str, statement: str) -> list[tuple[object, ...]]:
    """One statement as the superuser, committed."""
    with psycopg.connect(host=sockets, user="postgres", dbname="postgres") as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
