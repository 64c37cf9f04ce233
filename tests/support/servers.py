"""The servers a test run stands on: the configured ones, or embedded ones."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from app import schema
from app.core.embedded import Servers
from config import Settings

TEMPLATE = "red_account_template"


def is_complete() -> bool:
    """Whether this run may leave nothing out for want of a program: CI says so."""
    return os.environ.get("CI") == "true"


@dataclass(frozen=True, slots=True)
class Stand:
    """Where the run's servers answer. Only text, so that it can be handed to other processes."""

    admin_url: str
    redis_url: str
    embedded: bool

    def url(self, database: str, role: str | None = None) -> str:
        """The address of a database, as a role where the server lets us in as one."""
        url = make_url(self.admin_url).set(database=database)
        if role is not None and self.embedded:
            url = url.set(username=role)
        return url.render_as_string(hide_password=False)

    def create(self, database: str, *, template: str | None = None) -> str:
        """A fresh database, dropping what an earlier run left; answers its admin address."""
        name = sql.Identifier(database)
        statement = sql.SQL("CREATE DATABASE {}").format(name)
        if template is not None:
            statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
        with self._connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
            connection.execute(statement)
        return self.url(database)

    def drop(self, database: str) -> None:
        name = sql.Identifier(database)
        with self._connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))

    def _connect(self) -> psycopg.Connection:
        address = make_url(self.admin_url).set(drivername="postgresql")
        return psycopg.connect(address.render_as_string(hide_password=False), autocommit=True)


class Rented:
    """The servers of one run, and the template all its databases are copies of."""

    def __init__(self) -> None:
        given = Settings.from_environ(
            {
                "DATABASE_URL": os.environ.get("TEST_DATABASE_URL", ""),
                "REDIS_URL": os.environ.get("TEST_REDIS_URL", ""),
                "ENV": "test",
            }
        )
        wanted = {"postgres": given.database_url, "valkey": given.redis_url}
        self._servers = Servers(
            var=Path(tempfile.mkdtemp(prefix="red-account-tests-")) / "var",
            wanted=frozenset(name for name, url in wanted.items() if url is None),
            durable=False,
            disposable=True,
            max_connections=300,
        )
        self._servers.start()
        self.stand = Stand(
            admin_url=given.database_url or self._servers.database_url("postgres", "postgres"),
            redis_url=given.redis_url or self._servers.redis_url,
            embedded=given.database_url is None,
        )
        self.template = f"{TEMPLATE}_{os.getpid()}"
        schema.upgrade(self.stand.create(self.template))

    def give_back(self) -> None:
        self.stand.drop(self.template)
        self._servers.stop()
