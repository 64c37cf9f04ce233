"""The whole service as a newcomer starts it: one process, its own folder and its own ports."""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Self

import httpx
import psycopg

from app.core.embedded.addresses import Addresses
from app.core.embedded.binaries import SHARED
from app.core.embedded.folders import remove_tree
from app.core.embedded.home import digest_of

ROOT = Path(__file__).parents[2]
PROCESSES = Path("/proc")
PASSWORD = "the-password-of-the-house"
READY_SECONDS = 60.0
PATIENCE_SECONDS = 30.0
TICK_SECONDS = 0.02
FIRST_PORT, LAST_PORT = 20_000, 29_000  # below those the kernel gives away by itself

# How the command line of each part can be told from those of the others.
SIGNS = {
    "standin": ("app.wechat.standin",),
    "web": ("gunicorn", "wsgi:app"),
    "worker": ("flask", "worker"),
    "sweeper": ("flask", "sweep"),
    "postgres": ("bin/postgres", "-D"),
    "valkey": ("valkey-server",),
}


class House:
    """`python -m app` in a process of its own, and what is known of it from outside."""

    def __init__(self, var: Path, **environ: str) -> None:
        self.var = var.resolve()
        self.port = free_port()
        self._environ = environ
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self.lines: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def standin_url(self) -> str:
        return f"http://127.0.0.1:{self.port + 1}"

    @property
    def environ(self) -> dict[str, str]:
        """What the service is told; nothing of our own surroundings reaches it."""
        said = {
            "PATH": os.defpath,
            "LANG": "C.UTF-8",
            "VAR_DIR": str(self.var),
            "PORT": str(self.port),
            "BIND": "127.0.0.1",
            "DEMO_PASSWORD": PASSWORD,
        }
        return {**said, **self._environ}

    @property
    def pid(self) -> int:
        assert self._process is not None, "the house was never started"
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def open(self, **environ: str) -> subprocess.Popen[str]:
        """Start the process, and listen to what it says."""
        assert not self.is_running, "the house runs already"
        self._forget()
        self._process = process = subprocess.Popen(
            [sys.executable, "-m", "app"],
            cwd=ROOT,
            env={**self.environ, **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._listen, args=[process], daemon=True)
        self._reader.start()
        return process

    def start(self) -> float:
        """Start it and wait until it can work; answers after how many seconds it could."""
        began = monotonic()
        self.open()
        until(lambda: not self.is_running or self.is_ready(), within=READY_SECONDS)
        if not self.is_running:
            self.wait()
            raise AssertionError(f"it ended instead: {self.said()}")
        return monotonic() - began

    def ensure_running(self) -> Self:
        if not self.is_running:
            self.start()
        return self

    def ensure_stopped(self) -> Self:
        if self.is_running:
            self.stop()
        return self

    def is_ready(self) -> bool:
        try:
            with httpx.Client(timeout=1, trust_env=False, transport=plain()) as client:
                return client.get(f"{self.url}/readyz").is_success
        except httpx.HTTPError:
            return False

    def send(self, number: signal.Signals) -> int:
        """Signal the process and wait until it has ended; answers its exit code."""
        assert self._process is not None
        self._process.send_signal(number)
        return self.wait()

    def wait(self, seconds: float = PATIENCE_SECONDS) -> int:
        """Wait until it has ended by itself; answers its exit code."""
        assert self._process is not None
        code = self._process.wait(seconds)
        self._forget()
        return code

    def stop(self) -> int:
        """End it as an operator would, and see that nothing of it is left."""
        code = self.send(signal.SIGTERM)
        until(lambda: not self.inhabitants())
        return code

    def leave(self) -> None:
        """Whatever has happened: end it, and take its folder away."""
        if self.is_running:
            with contextlib.suppress(AssertionError, subprocess.TimeoutExpired):
                self.stop()
        for pid in self.inhabitants():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self._process is not None:
            self.wait()
        until(lambda: not self.inhabitants())
        remove_tree(SHARED / digest_of(self.var))

    def said(self) -> str:
        return "\n".join(self.lines)

    def restarts(self, name: str) -> list[str]:
        """The supervisor's lines that say this part ended and is started again."""
        return [
            line
            for line in self.lines
            if line.startswith("supervisor") and f"| {name} " in line and "starting it" in line
        ]

    def parts(self) -> dict[str, int]:
        """The processes the supervisor started, by name."""
        found = {}
        for pid in children_of(self.pid):
            line = command_line(pid)
            for name, signs in SIGNS.items():
                if all(any(sign in word for word in line) for sign in signs):
                    found[name] = pid
        return found

    def web_workers(self) -> list[int]:
        return children_of(self.parts()["web"])

    def kill(self, name: str) -> int:
        """`kill -9` one part, and wait until another process has its place."""
        until(lambda: name in self.parts())
        old = self.parts()[name]
        os.kill(old, signal.SIGKILL)
        until(lambda: self.parts().get(name, old) != old)
        return old

    def kill_web_worker(self) -> int:
        """`kill -9` one of the web server's own children; it starts another."""
        before = self.web_workers()
        os.kill(before[0], signal.SIGKILL)
        until(lambda: len(set(self.web_workers()) - set(before)) > 0)
        return before[0]

    def inhabitants(self) -> list[int]:
        """Every process there is that was started for this house, whoever its parent is now."""
        return sorted(pid for pid in list_processes() if self._lives_here(pid))

    def connect(self, role: str = "auditor_ro") -> psycopg.Connection:
        """A connection to the house's own database."""
        address = Addresses.read(self.var).database_url(role)
        return psycopg.connect(
            address.replace("postgresql+psycopg:", "postgresql:"), autocommit=True
        )

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """`flask --app wsgi …` from another terminal."""
        return subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *words],
            cwd=ROOT,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=READY_SECONDS,
            check=False,
        )

    def spawn(self, *words: str) -> subprocess.Popen[bytes]:
        """The same, and going on beside us."""
        return subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "wsgi", *words],
            cwd=ROOT,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _forget(self) -> None:
        """Take down what an ended process has said last."""
        if self._process is not None and self._process.stdout is not None and self._reader:
            self._reader.join(PATIENCE_SECONDS)
            self._process.stdout.close()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self.lines.extend(line.rstrip("\n") for line in process.stdout)

    def _lives_here(self, pid: int) -> bool:
        process = PROCESSES / str(pid)
        with contextlib.suppress(OSError):
            cwd = (process / "cwd").readlink()
            homes = [(self.var / name).resolve() for name in ("postgres", "valkey")]
            if any(cwd == home for home in homes):
                return True
            environ = (process / "environ").read_bytes().split(b"\0")
            return f"VAR_DIR={self.var}".encode() in environ
        return False


@contextlib.contextmanager
def house_in(folder: Path, **environ: str) -> Iterator[House]:
    """A house that may be started, and of which nothing stays behind."""
    house = House(folder / "var", **environ)
    try:
        yield house
    finally:
        if house._process is not None:
            house.leave()


def refused(house: House, **environ: str) -> str:
    """Start where starting is not possible: the one sentence that was said."""
    house.lines.clear()
    house.open(**environ)
    code = house.wait(READY_SECONDS)
    until(lambda: not house.inhabitants())
    assert code == 1, house.said()
    (sentence,) = house.lines
    assert sentence.startswith("red-account: ")
    return sentence.removeprefix("red-account: ")


def plain() -> httpx.HTTPTransport:
    """Nothing is encrypted here: whoever asks again and again has no certificates to read."""
    return httpx.HTTPTransport(verify=False)


def free_port() -> int:
    """A port that is free together with the next one."""
    while True:
        port = FIRST_PORT + secrets.randbelow(LAST_PORT - FIRST_PORT)
        with contextlib.suppress(OSError), socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", port))
            second.bind(("127.0.0.1", port + 1))
            return port


def until(happens: Callable[[], object], *, within: float = PATIENCE_SECONDS) -> float:
    """Return as soon as it is so; answers after how many seconds."""
    began = monotonic()
    for _ in tries(within=within):
        if happens():
            return monotonic() - began
    raise AssertionError("it never happened")


def tries(*, within: float, every: float = TICK_SECONDS) -> Iterator[None]:
    """Turns to try something, with a pause between them, while there is time.

    This is the one place where tests let time pass: for what nobody announces.
    """
    end = monotonic() + within
    yield
    while monotonic() < end:
        Event().wait(every)
        yield


def list_processes() -> list[int]:
    return [int(entry.name) for entry in PROCESSES.iterdir() if entry.name.isdigit()]


def children_of(parent: int) -> list[int]:
    """The living children of a process, the oldest first."""
    return sorted(pid for pid in list_processes() if _parent_of(pid) == parent)


def command_line(pid: int) -> list[str]:
    try:
        raw = (PROCESSES / str(pid) / "cmdline").read_bytes()
    except OSError:
        return []
    return [word.decode(errors="replace") for word in raw.split(b"\0")]


def _parent_of(pid: int) -> int | None:
    """Who started it, unless it has ended."""
    try:
        text = (PROCESSES / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    state, parent, *_ = text.rpartition(")")[2].split()
    return None if state == "Z" else int(parent)
