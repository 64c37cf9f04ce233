"""The command `flask --app wsgi arrivals try`: what the rules of check-in would catch, and whom."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import click
from flask import Flask, current_app

from app import schema
from app.activities import anomalies
from app.activities.anomalies import RulesInvalid
from app.core import clock, edges
from app.core.embedded import CannotStart, Servers
from app.rehearsal import run
from app.rehearsal.outcome import LEAST_CAUGHT, MOST_FLAGGED, Outcome
from app.rehearsal.run import Stage
from app.rehearsal.script import FRAUDS, Kind
from app.terminal import telling

FEWEST, MOST = 100, 100_000


def init_app(app: Flask) -> None:
    app.cli.add_command(arrivals)


@click.group("arrivals")
def arrivals() -> None:
    """The rules that judge how people check in."""


@arrivals.command("try")
@click.option("--honest", type=click.IntRange(FEWEST, MOST), default=10_000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="The same is the same month.")
@click.option(
    "--rules",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Instead of config/arrivals.yaml: a change before it is in force.",
)
def try_arrivals(*, honest: int, seed: int, rules: Path | None) -> None:
    """Play a month of honest and fraudulent attendances, and print who was caught by which rule.

    Of fewer than some thousand, chance decides about the bounds.

    It runs in a PostgreSQL of its own that is gone afterwards, and knows no other database. It
    exits 1 where less than 95 % of the fraud is caught, more than 2 % of what is honest waits, or
    anybody honest is paid less than without the rules.
    """
    try:
        tried = anomalies.trying(anomalies.read_rules(rules)) if rules else nullcontext()
    except RulesInvalid as problem:
        raise click.ClickException(f"{rules}: {problem}") from problem
    with _stage() as stage, telling(), tried:
        now = clock.now()
        script = run.write(seed, honest, now=now)
        found = run.rehearse(stage, script, now=now, told=_show)
    click.echo("\n".join(table(found)))
    sys.exit(0 if found.is_good else 1)


def table(found: Outcome) -> list[str]:
    """What came of it: a line for each kind, and whether each promise is kept."""
    lines = [f"{'kind':<15}{'number':>8}{'caught':>8}{'share':>8}  by"]
    for kind in (*FRAUDS, Kind.HONEST):
        one = found.told[kind]
        share = one.caught / max(1, one.number)
        why = ", ".join(f"{name} {number}" for name, number in one.why.most_common())
        lines.append(f"{kind.value:<15}{one.number:>8}{one.caught:>8}{share:>8.1%}  {why}")
    people = f"{found.flagged_people} honest people who waited"
    lost = f"points lost by {people}: {found.lost} of {found.earned}, at most 0"
    return [
        *lines,
        f"fraud caught: {found.caught:.1%}, at least {LEAST_CAUGHT:.0%}",
        f"honest flagged: {found.flagged:.2%}, at most {MOST_FLAGGED:.0%}",
        lost,
        "within the bounds" if found.is_good else "OUT OF BOUNDS",
    ]


@contextmanager
def _stage() -> Iterator[Stage]:
    """A server in a folder of its own, whatever the settings say: both go when it is over."""
    settings = edges.settings()
    with tempfile.TemporaryDirectory(prefix="red-account-rehearsal-") as folder:
        servers = Servers(
            var=Path(folder) / "var",
            wanted=frozenset({"postgres"}),
            postgres_bin=settings.postgres_bin,
            durable=False,
            disposable=True,
            shared=False,
        )
        try:
            with servers:
                servers.ensure_database()
                stage = Stage(
                    owner_url=servers.database_url("postgres"),
                    app_url=servers.database_url("app"),
                    worker_url=servers.database_url("worker"),
                )
                schema.upgrade(stage.owner_url, vault=current_app.extensions["vault"])
                yield stage
        except CannotStart as refusal:
            raise click.ClickException(str(refusal)) from refusal


def _show(done: int, of: int) -> None:
    """How far it is: in one place on a terminal; a log has the table."""
    if sys.stderr.isatty():
        click.echo(f"\r{done} of {of} scans", err=True, nl=done >= of)
