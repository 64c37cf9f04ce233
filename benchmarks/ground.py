"""The server that benchmarks stand on: a durable one of their own, or one that is named.

Whichever it is, they work in a database of their own, which is made for them and goes with them.
The settings of a named server are left alone: whoever names it has its autovacuum rest, and
nobody else may use it meanwhile, for all of its processes are counted.
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app import schema
from app.core.embedded import Servers
from benchmarks import cpu
from benchmarks.clients import Task, measure
from benchmarks.figures import Measured

CONNECTIONS = 100
# What would otherwise happen at some moment of some turn. It is done between the turns instead.
CALM = {"autovacuum": "off", "checkpoint_timeout": "1h", "max_wal_size": "8GB"}


class CannotMeasure(Exception):
    """The processes of the server cannot be seen from here; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A database with the product's tables, and how large and how often to measure in it."""

    url: str
    postmaster: int
    engine: sa.Engine
    scale: float = 1.0
    pairs: int = 3

    def sized(self, full: int, *, least: int = 1) -> int:
        """A size at this run's scale."""
        return max(least, round(full * self.scale))

    def measure(self, task: Task, jobs: Sequence[Any]) -> Measured:
        """Let the server rest, then let one client for each job do the task."""
        self.rest()
        return measure(self.url, task, jobs, postmaster=self.postmaster)

    def rest(self) -> None:
        """What autovacuum and the checkpointer would do sooner or later."""
        _statements(self.url, "VACUUM (ANALYZE)", "CHECKPOINT")

    def clear(self) -> None:
        """Leave no row of an earlier benchmark, and no page."""
        with self.engine.begin() as connection:
            names = connection.scalars(
                sa.text(
                    "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
                    " AND tablename NOT IN ('alembic_version')"
                )
            )
            connection.exec_driver_sql(f"TRUNCATE {', '.join(names)} CASCADE")
            connection.exec_driver_sql("DROP SCHEMA IF EXISTS bench CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA bench")


@contextmanager
def prepared(server: str | None, *, scale: float, pairs: int) -> Iterator[Ground]:
    """Ground to measure on: at the named server, or on one that lives as long as this."""
    if server is not None:
        with database_at(server) as ground:
            yield replace(ground, scale=scale, pairs=pairs)
        return
    with tempfile.TemporaryDirectory(prefix="red-account-bench-") as folder:
        servers = Servers(
            var=Path(folder) / "var",
            wanted=frozenset({"postgres"}),
            disposable=True,
            max_connections=CONNECTIONS,
        )
        with servers:
            url = servers.database_url("postgres", "postgres")
            _calm_down(url)
            with database_at(url) as ground:
                yield replace(ground, scale=scale, pairs=pairs)


@contextmanager
def database_at(server: str) -> Iterator[Ground]:
    """A fresh database at a server, with the product's tables."""
    name = f"red_account_bench_{os.getpid()}"
    url = sa.make_url(server).set(drivername="postgresql+psycopg", database=name)
    _statements(server, f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}")
    said = url.render_as_string(hide_password=False)
    schema.upgrade(said)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    try:
        yield Ground(url=said, postmaster=_postmaster(engine), engine=engine)
    finally:
        engine.dispose()
        _statements(server, f"DROP DATABASE {name} WITH (FORCE)")


def _calm_down(server: str) -> None:
    settings = [f"ALTER SYSTEM SET {name} = '{value}'" for name, value in CALM.items()]
    _statements(server, *settings, "SELECT pg_reload_conf()")


def _statements(server: str, *statements: str) -> None:
    url = sa.make_url(server).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def _postmaster(engine: sa.Engine) -> int:
    """The parent of the backend that answers us: only on this very machine is it one."""
    with engine.connect() as connection:
        backend = connection.scalar(sa.text("SELECT pg_backend_pid()"))
        found = cpu.parent(backend)
        if found is None or "postgres" not in _name(found):
            raise CannotMeasure(
                "The server's processes are not on this machine, so their CPU time cannot be read."
            )
    return found


def _name(pid: int) -> str:
    return (cpu.PROC / str(pid) / "comm").read_text(encoding="utf-8")
