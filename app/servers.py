"""Settings whose addresses all answer: the configured ones, or those of the embedded servers."""

import atexit
import secrets
from collections.abc import Callable
from pathlib import Path

from app import schema
from app.core import db
from app.core.embedded import Addresses, Servers, Supervisor
from app.core.embedded.errors import explained
from app.core.embedded.folders import write_once
from app.core.vault import DataKeys, extension
from config import Settings

SECRET_BYTES = 48
LEAST_CONNECTIONS = 100
OTHER_CONNECTIONS = 20  # the worker, the sweeper, commands, auditors


def embedded(settings: Settings, supervisor: Supervisor | None = None) -> Servers:
    """The embedded servers this deployment wants: none for what has an address already.

    A supervisor that goes on owns its servers; a process without one shares those that run.
    """
    wanted = {
        name
        for name, address in (("postgres", settings.database_url), ("valkey", settings.redis_url))
        if address is None
    }
    return Servers(
        var=settings.var,
        wanted=frozenset(wanted),
        postgres_bin=settings.postgres_bin,
        valkey_server=settings.valkey_server,
        max_connections=connections_for(settings),
        shared=supervisor is None,
        supervisor=supervisor or Supervisor(),
    )


def connections_for(settings: Settings) -> int:
    """So many that every thread of the web server finds one."""
    web = settings.web_workers * (settings.web_threads + db.OVERFLOW)
    return max(LEAST_CONNECTIONS, web + OTHER_CONNECTIONS)


def addressed(settings: Settings, addresses: Addresses) -> Settings:
    """The settings, with the embedded servers' addresses where there are no others."""
    database_url, redis_url = settings.database_url, settings.redis_url
    changes: dict[str, object] = {
        "secret_key": settings.secret_key or secret_in(settings.var),
        "data_keys": settings.data_keys or data_keys_in(settings.var),
    }
    if database_url is None:
        changes |= {
            "database_url": addresses.database_url("app"),
            "worker_database_url": addresses.database_url("worker"),
            "owner_database_url": addresses.database_url("postgres"),
        }
    if redis_url is None:
        changes["redis_url"] = addresses.redis_url
    return settings.with_changes(**changes)


def with_addresses(settings: Settings) -> Settings:
    """Settings to make an app from, in a process of its own.

    Where an address is missing, the servers that run for this `var/` are shared; where none run,
    they run for as long as this process does, with the database as this version expects it.
    """
    if settings.database_url is not None and settings.redis_url is not None:
        return addressed(settings, Addresses())
    servers = embedded(settings)
    servers.start()
    atexit.register(servers.stop)
    settings = addressed(settings, servers.addresses)
    if servers.is_owner and servers.addresses.postgres is not None:
        servers.ensure_database()
        schema.upgrade(settings.owner_database_url or "", vault=extension.vault_of(settings))
    return settings


def secret_in(var: Path) -> str:
    """The secret codes and forms are made with, made once for a `var/` and kept there."""
    return _kept_in(var / "secret", lambda: secrets.token_urlsafe(SECRET_BYTES))


def data_keys_in(var: Path) -> str:
    """The keys personal data are sealed with, made once for a `var/` and kept there."""
    return _kept_in(var / "data-keys", lambda: DataKeys.new().text())


def _kept_in(file: Path, make: Callable[[], str]) -> str:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            write_once(file, make())
        return file.read_text(encoding="ascii").strip()
    except OSError as error:
        raise explained(error, file) from error
