"""One child process: what to run, and how to begin and end it."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.core.embedded.account import Account
from app.core.embedded.lifeline import Lifeline

LAST_WAIT_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A program that runs as long as we do.

    `stop_signal` asks it to end within its grace; `death_signal` ends it at once, and is what it
    gets when we are killed or hurried. Without `env` it inherits ours. With `log` its output goes
    to that file, where it outlives us, and the supervisor reads it there; otherwise straight to
    the supervisor. Either way it is printed line by line.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] | None = None
    cwd: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    grace_seconds: float = 10.0
    death_signal: signal.Signals = signal.SIGKILL
    account: Account | None = None
    log: Path | None = None


def spawn(part: Part, lifeline: Lifeline) -> subprocess.Popen[bytes]:
    """Start the part in a session of its own: a Ctrl-C at the terminal reaches only us."""
    account = None if part.account is None or part.account.is_ours else part.account
    with contextlib.ExitStack() as stack:
        output = subprocess.PIPE if part.log is None else stack.enter_context(part.log.open("ab"))
        process = subprocess.Popen(  # noqa: S603 - the caller's own command line
            part.argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=part.env,
            cwd=part.cwd,
            start_new_session=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            preexec_fn=lifeline.in_child(part.death_signal),  # noqa: PLW1509 - one system call
        )
    lifeline.started(process.pid, part.death_signal)
    return process


def send(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Signal the process itself, and not its children: it knows how to end them."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(number)


def sweep(process: subprocess.Popen[bytes]) -> None:
    """Kill whatever is left of the group of `process`, and itself."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(LAST_WAIT_SECONDS)
