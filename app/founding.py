"""The commands of `flask --app wsgi city`: how a city of real people begins, without the demo.

What stands here nobody could do in the pages: there, whoever acts has been given their role by
somebody else. Everything after it is done by those who are let in here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
from flask import Flask, current_app
from sqlalchemy.orm import Session

from app.core import audit, clock, edges, tenancy
from app.core.clock import CIVIL_ZONE
from app.core.db import transaction
from app.core.errors import DomainError
from app.core.tenancy import Tenant
from app.identity import accounts, apps
from app.identity import services as identity
from app.identity.units import hold_open
from app.ledger import policies
from app.ledger import services as ledger
from app.organisation import queries as units
from app.organisation import services as organisation
from app.organisation.kinds import UnitKind
from app.terminal import as_owner
from points_engine import Policy, PolicyInvalid

SLUG = re.compile(r"[a-z][a-z0-9]{1,15}")
APPID = re.compile(r"wx[0-9a-f]{16}")
LONGEST_NAME = 40
POLICY = "hours10"

# Who is let in first: the three powers apart, and one who builds the city and is the second pair
# of eyes for what the security administrator proposes. Each is a person of their own.
FIRST = {
    "security": "security_admin",
    "audit": "audit_admin",
    "system": "system_admin",
    "officer": "city_officer",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """What an operator says of a city: how it is called, and who are the first to work there."""

    slug: str
    name: str
    zone: str
    people: Mapping[str, str]  # full names, by the part of `FIRST` that is theirs


def init_app(app: Flask) -> None:
    app.cli.add_command(city)


@click.group("city")
def city() -> None:
    """Cities of real people."""


@city.command("new")
@click.option("--name", required=True, help="What the city is called, as its people read it.")
@click.option("--username", required=True, help="Names to sign in with begin with it: sihui.")
@click.option("--zone", default=CIVIL_ZONE, show_default=True, help="Its clocks.")
@click.option("--security", required=True, help="Full name of who gives and ends roles.")
@click.option("--audit", required=True, help="Full name of who reads the audit log.")
@click.option("--system", required=True, help="Full name of who keeps the accounts of staff.")
@click.option("--officer", required=True, help="Full name of who answers for the city.")
@click.option("--policy", type=click.Path(path_type=Path, exists=True), help="Instead of ours.")
def new(*, name: str, username: str, zone: str, policy: Path | None, **people: str) -> None:
    """Make a city: its top unit, its points policy, and the first four who may sign in.

    Their passwords are printed once, and never again. Said again, it changes nothing.
    """
    wanted = City(slug=username, name=name.strip(), zone=zone, people=people)
    _check(wanted)
    rules = _policy(policy)
    with as_owner():
        secrets = _found(wanted, rules, now=clock.now())
    if not secrets:
        click.echo(f"{wanted.name} is there already; nothing was changed")
        return
    click.echo(f"{wanted.name} is there. These passwords are not shown again:")
    for account, password in secrets.items():
        click.echo(f"  {account}  {password}")
    click.echo("Each of the four signs in at /staff/login and sets up a second factor.")


@city.command("mini-program")
@click.option("--city", "slug", required=True, help="The city, as in `city new --username`.")
@click.option("--appid", required=True, help="The mini-program's own, from WeChat's console.")
@click.option("--landing", required=True, help="The community whose people newcomers become.")
def mini_program(*, slug: str, appid: str, landing: str) -> None:
    """Let the people of a mini-program in, and say to which community newcomers belong."""
    if not APPID.fullmatch(appid):
        raise click.ClickException("An appid is wx and 16 digits or letters from a to f.")
    with as_owner():
        with transaction(None) as session:
            tenant = tenancy.find(session, slug)
        if tenant is None:
            raise click.ClickException(f"There is no city {slug}: make it with `city new`.")
        changed = _admit(tenant, appid, landing=landing, now=clock.now())
    done = "lands in" if changed else "landed already in"
    click.echo(f"{appid} of {tenant.name} {done} {landing}")
    if edges.settings().wechat_appid != appid:
        click.echo(f"Set WECHAT_APPID={appid} and its secret before people come.")


def _check(city: City) -> None:
    if not SLUG.fullmatch(city.slug):
        raise click.ClickException("--username is 2 to 16 small letters and digits: sihui.")
    if not 1 <= len(city.name) <= LONGEST_NAME:
        raise click.ClickException(f"--name has 1 to {LONGEST_NAME} characters.")
    try:
        ZoneInfo(city.zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise click.ClickException(f"There is no zone {city.zone}.") from error
    if len({name.strip() for name in city.people.values()}) < len(FIRST):
        raise click.ClickException(
            "The four are four people: who gives roles, who keeps accounts and who reads the log "
            "do not do each other's work."
        )


def _policy(file: Path | None) -> Policy:
    try:
        return policies.read(file) if file else policies.shipped(POLICY)
    except PolicyInvalid as problem:
        raise click.ClickException(str(problem)) from problem


def _found(city: City, policy: Policy, *, now: datetime) -> dict[str, str]:
    """The passwords of the four by their names; none where the city is there already."""
    with transaction(None) as session:
        known = tenancy.find(session, city.slug)
        if known is None:
            known = tenancy.found(session, slug=city.slug, name=city.name, zone=city.zone)
        elif (known.name, known.zone) != (city.name, city.zone):
            raise click.ClickException(
                f"{city.slug} is {known.name} ({known.zone}) already: choose another --username."
            )
    with transaction(known.id) as session:
        if units.top(session) is not None:
            return {}
        try:
            return _settle(session, city, policy, now=now)
        except DomainError as refusal:
            raise click.ClickException(refusal.detail) from refusal


def _settle(session: Session, city: City, policy: Policy, *, now: datetime) -> dict[str, str]:
    """The first unit, the policy, and who is let in: all of it, or nothing."""
    top = organisation.create_unit(
        session,
        parent_id=None,
        kind=UnitKind.CITY.value,
        name=city.name,
        on=clock.civil_day(now, city.zone),
    )
    audit.record(
        session,
        actor=audit.OPERATOR,
        action="unit.create",
        subject=("org_unit", top.id),
        scope=top.id,
        at=now,
        changed={"name": ("", city.name), "kind": ("", UnitKind.CITY.value)},
    )
    ledger.publish(session, policy, now=now)
    return dict(_let_in(session, city, part, top_id=top.id, now=now) for part in FIRST)


def _let_in(
    session: Session, city: City, part: str, *, top_id: UUID, now: datetime
) -> tuple[str, str]:
    username = f"{city.slug}-{part}"
    person = accounts.new_colleague(
        session,
        edges.vault(),
        name=city.people[part],
        org_unit_id=top_id,
        actor=audit.OPERATOR,
        now=now,
    )
    password = accounts.equip(
        session, person.id, username=username, passwords=current_app.extensions["passwords"]
    )
    identity.grant_role(session, person_id=person.id, role=FIRST[part], org_unit_id=top_id, now=now)
    for action, changed in (("account.open", {}), ("role.grant", {"role": ("", FIRST[part])})):
        audit.record(
            session,
            actor=audit.OPERATOR,
            action=action,
            subject=("person", person.id),
            scope=top_id,
            at=now,
            changed=changed,
        )
    return username, password


def _admit(tenant: Tenant, appid: str, *, landing: str, now: datetime) -> bool:
    """Whether anything changed by it."""
    with transaction(tenant.id) as session:
        communities = units.find_communities(session, landing)
        for one in communities:
            hold_open(session, one)
        if len(communities) != 1:
            raise click.ClickException(
                f"{tenant.name} has {len(communities) or 'no'} communities {landing}: "
                "make it in the pages first, or say its id."
            )
        before = apps.owner_of(session, appid)
        if before is not None and before.tenant_id != tenant.id:
            raise click.ClickException(f"{appid} belongs to another city.")
        if before is not None and before.landing_community_id == communities[0]:
            return False
        apps.admit(session, appid=appid, landing_community_id=communities[0])
        audit.record(
            session,
            actor=audit.OPERATOR,
            action="mini_program.admit",
            subject=("org_unit", communities[0]),
            scope=communities[0],
            at=now,
            changed={"appid": ("", appid)},
        )
    return True
