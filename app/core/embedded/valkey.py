"""Valkey, or a Redis, from one server program: run it on a socket, ask it."""

import os
import signal
from dataclasses import dataclass
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.core.embedded.folders import make_private
from app.core.embedded.home import Home
from app.core.embedded.process import Part
from app.core.embedded.residents import can_be_listed, vacate

NAME = "valkey"
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}
ANSWER_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Valkey:
    """One server in one home."""

    program: Path
    home: Home
    durable: bool = True

    @property
    def name(self) -> str:
        return NAME

    @property
    def data(self) -> Path:
        return self.home.folder / NAME

    @property
    def socket(self) -> Path:
        return self.home.sockets / "valkey.sock"

    def prepare(self) -> None:
        """Leave a folder of the right account that nobody uses."""
        make_private(self.data, self.home.account)
        vacate(self.data)
        if can_be_listed():
            self.socket.unlink(missing_ok=True)

    def part(self) -> Part:
        """The server: told to end, it writes what it holds and goes."""
        return Part(
            name=NAME,
            argv=(str(self.program), *self._options()),
            env=ENVIRONMENT,
            cwd=Path("/"),
            stop_signal=signal.SIGTERM,
            grace_seconds=10.0,
            death_signal=signal.SIGTERM,
            account=self.home.account,
            log=self.home.log(NAME),
        )

    def is_healthy(self) -> bool:
        return answers(str(self.socket))

    def _options(self) -> list[str]:
        chosen = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            "loglevel": "warning",  # the terminal shows its lines among everybody's
        }
        return [word for name, value in chosen.items() for word in (f"--{name}", value)]


def answers(socket: str) -> bool:
    """Whether a server there answers a ping."""
    client = redis.Redis(
        unix_socket_path=socket,
        socket_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
