"""The commands of `flask --app wsgi` that keep the house in order: by night, and in money."""

import sys
from collections.abc import Sequence
from datetime import datetime

import click
from flask import Flask, current_app

from app.commands import READING_EVERYTHING, anchor, tenants_named
from app.core import clock
from app.core.db import transaction
from app.core.tenancy import Tenant
from app.identity import accounts
from app.identity import queries as identity
from app.ledger import nightly as nights
from app.ledger.nightly import Night
from app.organisation import queries as organisation
from app.supermarket import funds, labels
from app.terminal import as_worker, telling


def init_app(app: Flask) -> None:
    for command in (nightly, budget, staff_second_factor, fund):
        app.cli.add_command(command)


@click.command("nightly")
@click.option("--tenant", "slugs", multiple=True, help="Only this tenant's; may be repeated.")
def nightly(*, slugs: Sequence[str]) -> None:
    """End lapsed holds, let points lapse and check the books; exit 1 when a promise is broken.

    The sweeper does it by itself each night; again, or beside it, does no harm.
    """
    with as_worker(READING_EVERYTHING):
        whole = [_work_through(tenant) for tenant in tenants_named(slugs)]
    sys.exit(0 if all(whole) else 1)


@click.command("budget")
@click.option("--tenant", "slugs", multiple=True, help="Only this tenant's; may be repeated.")
def budget(*, slugs: Sequence[str]) -> None:
    """Say per community what the points in circulation will cost, and what was raised for it."""
    with telling():
        for tenant in tenants_named(slugs):
            today = clock.civil_day(clock.now(), tenant.zone)
            with transaction(tenant.id) as session:
                communities = organisation.list_communities(session)
                found = funds.list_budgets(session, communities, on=today)
            click.echo(f"{tenant.name}：")
            for one in found:
                text = labels.budget_text(one.outstanding_points, one.guard)
                click.echo(f"  {one.community}：{text} {one.guard.level}")


@click.command("fund")
@click.argument("community")
@click.option("--fen", type=int, required=True, help="How much; below zero takes back.")
@click.option("--source", type=click.Choice(["fiscal", "party_dues", "social"]), required=True)
@click.option("--voucher", required=True, help="Its number; the same number counts once.")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), required=True)
@click.option("--by", "username", required=True, help="The member of staff who recorded it.")
def fund(  # an option each
    *, community: str, fen: int, source: str, voucher: str, day: datetime, username: str
) -> None:
    """Write down money that was raised for a community's goods."""
    with telling():
        with transaction(None) as session:
            tenant_id = identity.get_tenant_of_staff(session, username)
        if tenant_id is None:
            raise click.ClickException(f"Nobody signs in as {username}.")
        with transaction(tenant_id) as session:
            credential = identity.get_credential(session, username)
            named = organisation.communities_named(session, community)
            if credential is None or len(named) != 1:
                raise click.ClickException(f"There is not one community called {community}.")
            raised = funds.Raised(
                community_id=named[0],
                voucher=voucher,
                amount_fen=fen,
                source=source,
                funded_on=day.date(),
            )
            is_new = funds.record(
                session, raised, recorded_by=credential.person_id, now=clock.now()
            )
    click.echo("recorded" if is_new else f"voucher {voucher} is recorded already")


@click.command("staff-second-factor")
@click.argument("username")
def staff_second_factor(username: str) -> None:
    """Let a member of staff set up their second factor anew: their phone is gone.

    Whatever they have open ends. A system administrator does it on a page, but for those who
    stand as high as they do.
    """
    with telling():
        with transaction(None) as session:
            tenant_id = identity.get_tenant_of_staff(session, username)
        if tenant_id is None:
            raise click.ClickException(f"Nobody signs in as {username}.")
        with transaction(tenant_id) as session:
            accounts.forget_second_factor(session, username=username, now=clock.now())
    click.echo(f"{username} sets up another second factor at the next sign-in")


def _work_through(tenant: Tenant) -> bool:
    """Do it and say what was done; whether all promises are kept."""
    now = clock.now()
    night = nights.run(
        tenant,
        current_app.extensions["invariants"],
        on=clock.civil_day(now, tenant.zone),
        now=now,
        say=lambda what: _show(tenant.name, what),
    )
    if sys.stderr.isatty():
        click.echo("", err=True)
    did = f"{night.holds} holds ended, {night.lots} lots lapsed with {night.points} points"
    click.echo(f"{tenant.name}: {did}, {_state(night)}")
    for violation in night.broken:
        click.echo(f"  {violation.name}: {violation.found} rows")
    return anchor(tenant) and not night.broken


def _state(night: Night) -> str:
    return f"{len(night.broken)} broken" if night.broken else "every invariant holds"


def _show(name: str, what: str) -> None:
    """What it is at, in one place on a terminal; a log has the lines that are written anyway."""
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{name}: {what}", err=True, nl=False)
