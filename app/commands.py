"""The commands of `flask --app wsgi`: the worker, the sweeper, and what operators run by hand."""

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask, current_app
from sqlalchemy.exc import DBAPIError

from app import schema
from app.core import db, edges, tenancy, worker
from app.core.db import Limits, transaction
from app.demo import load
from app.identity import queries as identity
from app.identity import services as signing_in
from app.ledger import jobs
from points_engine.postgres import Violation
from points_engine.postgres import verify as find_violations

SWEEP_SECONDS = 15
TIDY_SECONDS = 3600.0
SHORTEST_PASSWORD = 8
WORKER_LIMITS = Limits(statement_seconds=30, idle_seconds=60)


def init_app(app: Flask) -> None:
    for command in (migrate, work, sweep, settle, verify, staff_password, demo):
        app.cli.add_command(command)


@click.command("migrate")
def migrate() -> None:
    """Bring the database to this version's schema, as the owner of the tables."""
    settings = edges.settings()
    try:
        schema.upgrade(settings.owner_database_url or settings.database_url or "")
    except schema.SchemaRefused as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo("the schema is this version's")


@click.command("worker")
@click.option("--burst", is_flag=True, help="Stop when the queue is empty.")
def work(*, burst: bool) -> None:
    """Settle whenever the bell rings."""
    with _as_worker():
        worker.work(edges.settings().redis_url or "", burst=burst)


@click.command("sweep")
@click.option("--once", is_flag=True, help="Sweep once and stop.")
@click.option("--every", default=SWEEP_SECONDS, show_default=True, help="Seconds between sweeps.")
def sweep(*, once: bool, every: int) -> None:
    """Settle what waits, bell or no bell. It needs PostgreSQL and nothing else."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with _as_worker():
        tidied = -TIDY_SECONDS
        while True:
            worker.despite_outages(jobs.settle_waiting)
            if time.monotonic() - tidied >= TIDY_SECONDS:
                tidied = time.monotonic()
                worker.despite_outages(tidy)
            if once or stop.wait(every):
                break


@click.command("settle")
def settle() -> None:
    """Settle everything that waits, and say how many facts that were."""
    with _as_worker():
        click.echo(f"settled {jobs.settle_waiting()} facts")


@click.command("verify")
def verify() -> None:
    """Check every invariant of every tenant; exit 1 and print the rows when one fails."""
    with _as_worker():
        with transaction(None) as session:
            tenants = tenancy.list_tenants(session)
        broken = [_reported(tenant.name, violations_of(tenant.id)) for tenant in tenants]
    sys.exit(1 if any(broken) else 0)


@click.command("staff-password")
@click.argument("username")
@click.password_option()
def staff_password(username: str, password: str) -> None:
    """Give a member of staff another password: theirs is forgotten, or somebody saw it."""
    if len(password) < SHORTEST_PASSWORD:
        raise click.ClickException(f"A password has {SHORTEST_PASSWORD} characters or more.")
    with _telling():
        with transaction(None) as session:
            tenant_id = identity.get_tenant_of_staff(session, username)
        if tenant_id is None:
            raise click.ClickException(f"Nobody signs in as {username}.")
        with transaction(tenant_id) as session:
            signing_in.set_password(
                session,
                usernames=[username],
                password=password,
                passwords=current_app.extensions["passwords"],
            )
    click.echo(f"{username} signs in with the new password from now on")


@click.group("demo")
def demo() -> None:
    """The demo city."""


@demo.command("load")
@click.option("--scale", type=click.Choice(["small"]), default="small", show_default=True)
@click.option("--password", envvar="DEMO_PASSWORD", default="", help="The staff's password.")
def load_demo(scale: str, password: str) -> None:
    """Load the demo city; again changes nothing but an activity that is running now."""
    try:
        loaded = load.load(scale=scale, password=password or edges.settings().demo_password)
    except load.DemoRefused as refusal:
        raise click.ClickException(str(refusal)) from refusal
    except DBAPIError as error:
        raise click.ClickException(db.refusal(error)) from error
    click.echo(f"{loaded.city}: {loaded.people} people, staff {', '.join(loaded.staff)}")


def tidy() -> None:
    """Let go of what nobody will ask for again, feature by feature and tenant by tenant."""
    with transaction(None) as session:
        tenant_ids = [tenant.id for tenant in tenancy.list_tenants(session)]
    for let_go in current_app.extensions["tidying"]:
        let_go(tenant_ids)


def _reported(name: str, found: list[Violation]) -> bool:
    """Say what was found; whether there was anything."""
    click.echo(f"{name}: {f'{len(found)} broken' if found else 'every invariant holds'}")
    for violation in found:
        click.echo(f"  {violation.name}")
        for row in violation.rows:
            click.echo(f"    {row}")
    return bool(found)


def violations_of(tenant_id: int) -> list[Violation]:
    """All of a tenant's, read in one snapshot."""
    with transaction(tenant_id) as session:
        db.one_snapshot(session)
        return find_violations(session, tenant_id, current_app.extensions["invariants"])


@contextmanager
def _as_worker() -> Iterator[None]:
    """Act as the worker's role, with its longer limits."""
    settings = edges.settings()
    url = settings.worker_database_url or settings.database_url or ""
    with _telling(), db.acting_as("worker", url, WORKER_LIMITS):
        yield


@contextmanager
def _telling() -> Iterator[None]:
    """Say in one line what the database refuses."""
    try:
        yield
    except DBAPIError as error:
        raise click.ClickException(db.refusal(error)) from error
