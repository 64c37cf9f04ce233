"""How a command acts, and how it says in one line what is refused."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.exc import DBAPIError

from app.core import complaints, db, edges
from app.core.db import Limits

WORKER_LIMITS = Limits(statement_seconds=30, idle_seconds=60)


@contextmanager
def as_worker(limits: Limits = WORKER_LIMITS) -> Iterator[None]:
    """Act as the worker's role, with its longer limits."""
    settings = edges.settings()
    url = settings.worker_database_url or settings.database_url or ""
    with telling(), db.acting_as("worker", url, limits):
        yield


@contextmanager
def as_owner(limits: Limits = WORKER_LIMITS) -> Iterator[None]:
    """Act as the owner of the tables, for what is neither the service's nor the worker's."""
    settings = edges.settings()
    url = settings.owner_database_url or settings.database_url or ""
    with telling(), db.acting_as("owner", url, limits):
        yield


@contextmanager
def telling() -> Iterator[None]:
    """Say in one line what the database refuses."""
    try:
        yield
    except DBAPIError as error:
        raise click.ClickException(complaints.refusal(error)) from error
