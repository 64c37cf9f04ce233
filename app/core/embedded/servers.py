"""The embedded servers of one `var/`: the first process that asks runs them, the others share."""

import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from time import monotonic
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

from app.core.embedded import postgres, valkey
from app.core.embedded.account import service_account
from app.core.embedded.addresses import DATABASE, Addresses, forget
from app.core.embedded.binaries import (
    bundled_postgres,
    bundled_valkey,
    reachable_postgres,
    reachable_valkey,
)
from app.core.embedded.errors import CannotStart, explained
from app.core.embedded.home import SERVERS, Home, check_var, settle_home
from app.core.embedded.lock import Lock
from app.core.embedded.postgres import Postgres
from app.core.embedded.supervisor import Supervisor
from app.core.embedded.valkey import Valkey

START_SECONDS = 120.0
YIELD_SECONDS = 5.0
TICK_SECONDS = 0.02
LEAST_FREE_BYTES = 256 * 1024 * 1024


@dataclass(kw_only=True)
class Servers:
    """PostgreSQL and Valkey while they are needed; start and stop them in the main thread.

    Whoever owns `var/` runs them, in `supervisor` if one is given: whatever is added to it later
    is stopped before them. `wanted` leaves out a server that an address in the settings replaces.
    With `shared=False` it owns them or refuses: servers of a short command would leave with it.
    For tests: with `durable=False` they are fast and may lose data when the machine goes down;
    with `disposable=True` the data are deleted at the stop, wherever they were.
    """

    var: Path
    wanted: frozenset[str] = frozenset(SERVERS)
    shared: bool = True
    postgres_bin: Path | None = None
    valkey_server: Path | None = None
    account: str | None = None
    durable: bool = True
    disposable: bool = False
    max_connections: int = 100
    least_free_bytes: int = LEAST_FREE_BYTES
    supervisor: Supervisor = field(default_factory=Supervisor)
    addresses: Addresses = field(default_factory=Addresses, init=False)
    _lock: Lock | None = field(default=None, init=False)
    _home: Home | None = field(default=None, init=False)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def is_owner(self) -> bool:
        """Whether the servers run here, and not in another process."""
        return self._lock is not None

    @property
    def redis_url(self) -> str:
        return self.addresses.redis_url

    def database_url(self, role: str, database: str = DATABASE) -> str:
        """The address of `database` as `role`, for SQLAlchemy."""
        return self.addresses.database_url(role, database)

    def start(self) -> None:
        """Run the servers, or find them running; answer when they answer."""
        self.var = self.var.resolve()
        try:
            check_var(self.var)
            self._own_or_share()
        except OSError as error:
            self.stop()
            raise explained(error, self.var) from error
        except subprocess.SubprocessError as error:
            self.stop()
            raise CannotStart(f"A program of the embedded servers failed: {error}") from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop what was started here; servers of another process are left alone."""
        if self._lock is None:
            return
        forget(self.var)
        for name in reversed(SERVERS):
            self.supervisor.end(name)
        if self._home is not None:
            if self.disposable:
                self._home.remove_data()
            self._home.leave()
            self._home = None
        self._lock.release()
        self._lock = None

    def ensure_database(self, name: str = DATABASE, *, template: str | None = None) -> None:
        """Create the database unless it is there, as a copy of `template` if one is named."""
        if self.addresses.postgres is None:
            raise LookupError("No embedded PostgreSQL is running")  # never one of the machine's
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template is not None:
            statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
        try:
            with postgres.connect(self.addresses.postgres) as connection:
                found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
                if found.fetchone() is None:
                    connection.execute(statement)
        except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
            return  # somebody else was faster
        except psycopg.Error as error:
            said = str(error).strip().partition("\n")[0].rstrip(".")
            raise CannotStart(
                f"The embedded database did not do as asked: {said} "
                f"(more in {self.var / 'log' / 'postgres.log'})."
            ) from error

    def _own_or_share(self) -> None:
        lock = Lock(self.var / "lock")
        answered = 0
        deadline = monotonic() + (START_SECONDS if self.shared else YIELD_SECONDS)
        while monotonic() < deadline:
            if lock.acquire():
                self._lock = lock
                self._run()
                return
            self.addresses = Addresses.read(self.var)
            answered = answered + 1 if self.shared and self._is_healthy() else 0
            if answered == 2:  # once is not enough: servers outlive a killed owner for a moment
                return
            lock.wait()
        but = ", but its servers do not answer" if self.shared else ""
        raise CannotStart(
            f"Another process holds {lock.file}{but}: stop it and start again, "
            "or choose another folder with VAR_DIR."
        )

    def _is_healthy(self) -> bool:
        """Whether everything that is wanted answers at these addresses."""
        found = self.addresses
        checks = {
            "postgres": lambda: bool(found.postgres) and postgres.answers(str(found.postgres)),
            "valkey": lambda: bool(found.valkey) and valkey.answers(str(found.valkey)),
        }
        return all(checks[name]() for name in self.wanted)

    def _run(self) -> None:
        forget(self.var)
        self._home = home = settle_home(self.var, service_account(self.account))
        home.furnish(self.least_free_bytes)
        chosen = [self._choice(name, home) for name in SERVERS if name in self.wanted]
        for server in chosen:
            server.prepare()
            self.supervisor.add(server.part())
        for server in chosen:
            self._await(server, self.var / "log" / f"{server.name}.log")
        self.addresses = Addresses(
            postgres=str(home.sockets) if "postgres" in self.wanted else None,
            valkey=str(home.sockets / "valkey.sock") if "valkey" in self.wanted else None,
        )
        self.addresses.write(self.var)

    def _choice(self, name: str, home: Home) -> Postgres | Valkey:
        if name == "valkey":
            program = (self.valkey_server or bundled_valkey()).absolute()
            program = reachable_valkey(program, home.account)  # a link's name may matter to it
            return Valkey(program=program, home=home, durable=self.durable)
        programs = (self.postgres_bin or bundled_postgres()).resolve()
        return Postgres(
            programs=reachable_postgres(programs, home.account),
            home=home,
            durable=self.durable,
            max_connections=self.max_connections,
        )

    def _await(self, server: Postgres | Valkey, log: Path) -> None:
        """Wait until it answers; what it said last explains why it does not."""
        deadline = monotonic() + START_SECONDS
        while not server.is_healthy():
            if not self.supervisor.is_running(server.name) or monotonic() > deadline:
                raise CannotStart(
                    f"The embedded {server.name} did not start: {_last_line(log)} (more in {log})."
                )
            Event().wait(TICK_SECONDS)


def _last_line(log: Path) -> str:
    """The last thing that was said."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return next((line for line in reversed(lines) if line.strip()), "it said nothing")
