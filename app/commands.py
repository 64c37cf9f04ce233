"""The commands of `flask --app wsgi`: the worker, the sweeper, and what operators run by hand."""

import signal
import sys
import threading
import time
from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path

import click
from flask import Flask, current_app
from sqlalchemy.exc import DBAPIError

from app import schema
from app.core import clock, complaints, db, edges, tenancy, worker
from app.core.audit import anchors
from app.core.db import Limits, transaction
from app.core.garbage import collect_seldom
from app.demo import load
from app.identity import own_passwords
from app.identity import queries as identity
from app.ledger import jobs, nightly, policies, trial
from app.quarters import proof, quarter
from app.terminal import as_worker, telling
from points_engine import Policy, PolicyInvalid, Replayed
from points_engine.postgres import Violation
from points_engine.postgres import rebuild as find_differences
from points_engine.postgres import verify as find_violations

SWEEP_SECONDS = 15
TIDY_SECONDS = 3600.0
SHORTEST_PASSWORD = 8
LOGGED_STEPS = 10
READING_EVERYTHING = Limits(statement_seconds=1800, idle_seconds=60)
SHOWN = 20  # of what differs: what comes later mostly follows from what comes first


def init_app(app: Flask) -> None:
    of_the_books = (settle, verify, rebuild, replay, quarter, proof)
    for command in (migrate, work, sweep, *of_the_books, staff_password, demo):
        app.cli.add_command(command)


@click.command("migrate")
def migrate() -> None:
    """Bring the database to this version's schema, as the owner of the tables."""
    settings = edges.settings()
    try:
        schema.upgrade(
            settings.owner_database_url or settings.database_url or "",
            vault=current_app.extensions.get("vault"),
        )
    except schema.SchemaRefused as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo("the schema is this version's")


@click.command("worker")
@click.option("--burst", is_flag=True, help="Stop when the queue is empty.")
def work(*, burst: bool) -> None:
    """Settle whenever the bell rings."""
    if not burst:
        collect_seldom()
    with as_worker():
        worker.work(edges.settings().redis_url or "", burst=burst)


@click.command("sweep")
@click.option("--once", is_flag=True, help="Sweep once and stop.")
@click.option("--every", default=SWEEP_SECONDS, show_default=True, help="Seconds between sweeps.")
def sweep(*, once: bool, every: int) -> None:
    """Settle what waits, bell or no bell. It needs PostgreSQL and nothing else."""
    if not once:
        collect_seldom()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with as_worker():
        tidied = -TIDY_SECONDS
        while True:
            work_by_day()
            if time.monotonic() - tidied >= TIDY_SECONDS:
                tidied = time.monotonic()
                worker.despite_outages(lambda: tidy(tenants_named(())))
            worker.despite_outages(lambda: work_by_night(tenants_named(())))
            current_app.extensions["tally"].hand_over()
            if once or stop.wait(every):
                break


@click.command("settle")
def settle() -> None:
    """Settle everything that waits, and say how many facts that were."""
    with as_worker():
        click.echo(f"settled {jobs.settle_waiting()} facts")


@click.command("verify")
def verify() -> None:
    """Check every invariant of every tenant; exit 1 and print the rows when one fails."""
    with as_worker():
        with transaction(None) as session:
            tenants = tenancy.list_tenants(session)
        broken = [_reported(tenant.name, violations_of(tenant.id)) for tenant in tenants]
    sys.exit(1 if any(broken) else 0)


@click.command("rebuild")
@click.option("--tenant", "slugs", multiple=True, help="Only this tenant's; may be repeated.")
def rebuild(*, slugs: Sequence[str]) -> None:
    """Judge everything settled again; exit 1 and print where the books differ from that."""
    with as_worker(READING_EVERYTHING):
        wrong = [_compared(tenant) for tenant in tenants_named(slugs)]
    sys.exit(1 if any(wrong) else 0)


@click.command("replay")
@click.option("--policy", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), required=True)
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), required=True)
@click.option("--recorded", is_flag=True, help="Hold it against what was booked at the time.")
@click.option("--fen-per-10-points", "value", default=0, help="Instead of the policy's own.")
@click.option("--tenant", "slugs", multiple=True, help="Only this tenant's; may be repeated.")
def replay(  # an option each
    *,
    policy: Path,
    since: datetime,
    until: datetime,
    recorded: bool,
    value: int,
    slugs: Sequence[str],
) -> None:
    """Say what a policy would have changed had it been in force; nothing is written."""
    try:
        draft = policies.read(policy)
    except PolicyInvalid as problem:
        raise click.ClickException(str(problem)) from problem
    span = trial.Span(since=since.date(), until=until.date())
    with as_worker(READING_EVERYTHING):
        for tenant in tenants_named(slugs):
            tried = _tried(tenant, draft, span, recorded=recorded, value=value)
            click.echo("\n".join([f"{tenant.name}：", *trial.summary(tried, span)]))


@click.command("staff-password")
@click.argument("username")
@click.password_option()
def staff_password(username: str, password: str) -> None:
    """Give a member of staff another password: theirs is forgotten, or somebody saw it.

    What they have open ends, and the password is good for choosing one of their own.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise click.ClickException(f"A password has {SHORTEST_PASSWORD} characters or more.")
    with telling():
        with transaction(None) as session:
            tenant_id = identity.get_tenant_of_staff(session, username)
        if tenant_id is None:
            raise click.ClickException(f"Nobody signs in as {username}.")
        with transaction(tenant_id) as session:
            passwords = current_app.extensions["passwords"]
            own_passwords.replace_password(
                session, username=username, password=password, passwords=passwords, now=clock.now()
            )
    click.echo(f"{username} signs in with the new password, and then chooses one of their own")


@click.group("demo")
def demo() -> None:
    """The demo city."""


@demo.command("load")
@click.option("--scale", type=click.Choice(["small", "city"]), default="small", show_default=True)
@click.option("--password", envvar="DEMO_PASSWORD", default="", help="The staff's password.")
def load_demo(scale: str, password: str) -> None:
    """Load the demo city; again changes nothing but an activity that is running now.

    `small` is for newcomers and takes a moment; `city` is that city at its full size, with ten
    thousand people and a year behind them. Stopped half-way, it goes on where it was.
    """
    password = password or edges.settings().demo_password
    try:
        loaded = load.load(scale=scale, password=password, step=_show_step)
    except load.DemoRefused as refusal:
        raise click.ClickException(str(refusal)) from refusal
    except DBAPIError as error:
        raise click.ClickException(complaints.refusal(error)) from error
    click.echo(f"{loaded.city}: {loaded.people} people, staff {', '.join(loaded.staff)}")


def _show_step(done: int, of: int) -> None:
    """How far it is: in one place on a terminal, and now and then in a log."""
    if sys.stderr.isatty():
        click.echo(f"\rthe city: {done} of {of} steps", err=True, nl=done == of)
    elif done % LOGGED_STEPS == 0 or done == of:
        click.echo(f"the city: {done} of {of} steps", err=True)


def tidy(tenants: Sequence[tenancy.Tenant]) -> None:
    """Let go of what nobody will ask for again, feature by feature and tenant by tenant."""
    tenant_ids = [tenant.id for tenant in tenants]
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


def tenants_named(slugs: Sequence[str]) -> list[tenancy.Tenant]:
    """Those that were asked for, or all of them."""
    with transaction(None) as session:
        found = tenancy.list_tenants(session)
    unknown = set(slugs) - {tenant.slug for tenant in found}
    if unknown:
        raise click.ClickException(f"There is no tenant {', '.join(sorted(unknown))}.")
    return [tenant for tenant in found if not slugs or tenant.slug in slugs]


def _compared(tenant: tenancy.Tenant) -> bool:
    """Say where the books differ; whether they do."""
    with transaction(tenant.id) as session:
        db.one_snapshot(session)
        differences = find_differences(session, tenant.id)
        first = list(islice(differences, SHOWN))
        number = len(first) + sum(1 for _ in differences)
    follows = "the books follow from the facts"
    click.echo(f"{tenant.name}: {f'differences: {number}' if number else follows}")
    for each in first:
        click.echo(f"  {each.reference}")
        click.echo(f"    expected {dict(each.expected)}")
        click.echo(f"    found    {dict(each.found)}")
    return bool(number)


def _tried(
    tenant: tenancy.Tenant, draft: Policy, span: trial.Span, *, recorded: bool, value: int
) -> Replayed:
    """One tenant's past under a draft; how far it has come is shown at a terminal."""
    with transaction(tenant.id) as session:
        db.one_snapshot(session)
        baseline = None if recorded else trial.published(session)
        length = trial.count(session, span)
        past = trial.facts(session, span)
        with click.progressbar(past, length=length, label=tenant.name, file=sys.stderr) as shown:
            return trial.try_out(shown, draft, baseline, span=span, value_fen_per_10_points=value)


def work_by_day() -> None:
    """Whatever the bell would have woken the worker for."""
    for job in (jobs.settle_waiting, *current_app.extensions["sweeping"]):
        worker.despite_outages(job)


def work_by_night(tenants: Sequence[tenancy.Tenant]) -> None:
    """Do tonight's work where it is due; reading all the books may take its time."""
    invariants = current_app.extensions["invariants"]
    with as_worker(READING_EVERYTHING):
        if nightly.run_due(tenants, invariants, now=clock.now()):
            for tenant in tenants:
                anchor(tenant)


def anchor(tenant: tenancy.Tenant) -> bool:
    """Note outside the database how far the audit log has come; False where it is broken."""
    with transaction(tenant.id) as session:
        db.one_snapshot(session)
        file = anchors.file_in(edges.settings().var)
        return anchors.drop(session, file, now=clock.now()).broken is None


def violations_of(tenant_id: int) -> list[Violation]:
    """All of a tenant's, read in one snapshot."""
    with transaction(tenant_id) as session:
        db.one_snapshot(session)
        return find_violations(session, tenant_id, current_app.extensions["invariants"])
