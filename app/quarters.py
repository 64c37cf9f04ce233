"""The commands about quarters: publicise one, close it, and prove what stands in it."""

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import IO, Any, TypeVar
from uuid import UUID

import click

from app.core import clock, tenancy
from app.core.db import Limits, transaction
from app.core.tenancy import Tenant
from app.ledger import services
from app.organisation import queries as organisation
from app.terminal import as_worker, telling
from points_engine import PointsError, Seal, quarter_of

SECRET_BYTES = 32
READING_A_QUARTER = Limits(statement_seconds=600, idle_seconds=600)

Command = TypeVar("Command", bound=Callable[..., Any])


def _of_a_quarter(command: Command) -> Command:
    """The options that say which quarter of which community."""
    community = click.option("--community", "named", required=True, help="Its name, or its id.")
    return community(click.option("--quarter", required=True, callback=_checked)(command))


def _checked(_context: click.Context, _option: click.Parameter, text: str) -> str:
    year, _, number = text.partition("Q")
    try:
        first = date(int(year), 3 * int(number) - 2, 1)
    except ValueError:
        first = date.min
    if quarter_of(first) != text:
        raise click.BadParameter(f"{text!r} is not a quarter, such as 2026Q3")
    return text


@click.group("quarter")
def quarter() -> None:
    """The quarters of a community: publicised in their order, and then closed for good."""


@quarter.command("publicise")
@_of_a_quarter
def publicise(*, named: str, quarter: str) -> None:
    """Book nothing more into a quarter that is over: what is late counts in the next one."""
    with _community(named) as (tenant, community_id):
        now = clock.now()
        with transaction(tenant.id) as session:
            is_new = services.publicise_quarter(
                session,
                community_id=community_id,
                quarter=quarter,
                on=clock.civil_day(now, tenant.zone),
                now=now,
            )
    click.echo(f"{quarter} is publicised" if is_new else f"{quarter} was publicised before")


@quarter.command("close")
@_of_a_quarter
@click.option("--output", type=click.File("w", "utf-8", lazy=True), help="Write the notice there.")
def close(*, named: str, quarter: str, output: IO[str] | None) -> None:
    """Seal a publicised quarter, and say what is to be published of it. Again says it again."""
    secret = secrets.token_bytes(SECRET_BYTES)
    with _community(named) as (tenant, community_id), transaction(tenant.id) as session:
        seal = services.close_quarter(
            session, community_id=community_id, quarter=quarter, secret=secret, now=clock.now()
        )
    click.echo("\n".join(_told(seal)))
    if output is not None:
        _write(output, seal.notice())


@click.command("proof")
@_of_a_quarter
@click.option("--person", "person_id", type=click.UUID, required=True)
@click.option("--output", type=click.File("w", "utf-8", lazy=True), required=True)
def proof(*, named: str, quarter: str, person_id: UUID, output: IO[str]) -> None:
    """Write the proof of a person's lines in a closed quarter, for points_engine/verify.py."""
    with _community(named) as (tenant, community_id), transaction(tenant.id) as session:
        document = services.prove(
            session, community_id=community_id, quarter=quarter, person_id=person_id
        )
    _write(output, document)
    click.echo(f"{len(document['lines'])} lines of {quarter} are proved in {output.name}")


@contextmanager
def _community(named: str) -> Iterator[tuple[Tenant, UUID]]:
    """The one community of that name or id and its tenant; from then on as the worker."""
    with telling():
        with transaction(None) as session:
            tenants = tenancy.list_tenants(session)
        found = [(tenant, id_) for tenant in tenants for id_ in _find(tenant, named)]
    if not found:
        raise click.ClickException(f"No community is called {named}.")
    if len(found) > 1:
        listed = "".join(f"\n  {id_}  {tenant.name}" for tenant, id_ in found)
        raise click.ClickException(f"Several communities are called {named}; say which:{listed}")
    try:
        with as_worker(READING_A_QUARTER):
            yield found[0]
    except PointsError as refusal:
        said = str(refusal)
        raise click.ClickException(f"{said[:1].upper()}{said[1:]}.") from refusal


def _find(tenant: Tenant, named: str) -> list[UUID]:
    with transaction(tenant.id) as session:
        return organisation.find_communities(session, named)


def _told(seal: Seal) -> list[str]:
    """What is published, in words."""
    printed = {**seal.printed(), "seal_hash": seal.seal_hash.hex()}
    shown = ("leaf_count", "root", "last_transfer", "previous_root", "sealed_at", "seal_hash")
    return [f"{seal.quarter} is closed", *(f"  {name}  {printed[name]}" for name in shown)]


def _write(output: IO[str], document: dict[str, Any]) -> None:
    output.write(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
