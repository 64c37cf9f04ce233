"""The commands of `flask --app wsgi` about what is kept safe: the audit log, and sealed data."""

import sys
from collections.abc import Sequence

import click
from flask import Flask, current_app

from app.commands import READING_EVERYTHING, tenants_named
from app.core import db, edges
from app.core.audit import anchors
from app.core.db import transaction
from app.core.tenancy import Tenant
from app.core.vault import Sealed, extension, resealing
from app.terminal import as_worker, telling


def init_app(app: Flask) -> None:
    for command in (audit, vault):
        app.cli.add_command(command)


@click.group("audit")
def audit() -> None:
    """The audit log: who did what, chained so that no entry can be changed or taken out unseen."""


@audit.command("verify")
@click.option("--tenant", "slugs", multiple=True, help="Only this tenant's; may be repeated.")
def verify(*, slugs: Sequence[str]) -> None:
    """Read the whole log; exit 1 and name the first entry that is not what was written."""
    with as_worker(READING_EVERYTHING):
        whole = [_verified(tenant) for tenant in tenants_named(slugs)]
    sys.exit(0 if all(whole) else 1)


@click.group("vault")
def vault() -> None:
    """Personal data, sealed with keys that are not in the database."""


@vault.command("new-key")
def new_key() -> None:
    """Print the data keys with a new one, which is to seal from now on.

    Put what is printed into the file of the keys, readable by the service alone, and start the
    service again. What older keys have sealed stays readable while they are in the file.
    """
    click.echo(extension.keys_of(edges.settings()).with_another().text())


@vault.command("rotate")
@click.option("--tenant", "slugs", multiple=True, help="Only this tenant's; may be repeated.")
def rotate(*, slugs: Sequence[str]) -> None:
    """Seal anew, with the current key and cipher, whatever others have sealed.

    It works in short transactions, so that it may be stopped at any moment and run again; when it
    has come to its end, the older keys can go.
    """
    with telling():
        for tenant in tenants_named(slugs):
            click.echo(f"{tenant.name}: {_rotated(tenant.id)} values sealed anew")
        click.echo(f"of no tenant: {_rotated(None)} values sealed anew")


def _rotated(tenant_id: int | None) -> int:
    columns: tuple[Sealed, ...] = current_app.extensions["sealed"]
    theirs = [column for column in columns if column.of_tenants is (tenant_id is not None)]
    return sum(_column_rotated(tenant_id, column) for column in theirs)


def _column_rotated(tenant_id: int | None, column: Sealed) -> int:
    """A batch at a time, so that whoever wants one of the rows waits for a moment only."""
    after, total = None, 0
    while True:
        with transaction(tenant_id) as session:
            after, some = resealing.reseal(session, edges.vault(), column, after=after)
        total += some
        if after is None:
            return total


def _verified(tenant: Tenant) -> bool:
    file = anchors.file_in(edges.settings().var)
    with transaction(tenant.id) as session:
        db.one_snapshot(session)
        checked = anchors.check(session, file)
        anchored = len(anchors.read(file, tenant.id))
    if checked.broken is None:
        click.echo(f"{tenant.name}: {checked.entries} entries, all whole; {anchored} anchors fit")
        return True
    click.echo(f"{tenant.name}: entry {checked.broken.seq} is broken: {checked.broken.why}")
    return False
