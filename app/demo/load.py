"""Loading the demo city: once, in one transaction; what must be fresh is refreshed each time.

The big city grows around the small one, which stays as it is for those who come to look.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import yaml
from flask import current_app
from sqlalchemy.orm import Session

from app.activities import jobs as activities
from app.core import clock, edges, tenancy
from app.core.db import Limits, acting_as, transaction
from app.core.keys import Keyring
from app.core.tenancy import Tenant
from app.demo import (
    belonging,
    bulk,
    city,
    crowd,
    growth,
    papers,
    people,
    programme,
    stationing,
    stocking,
    today,
)
from app.identity import elsewhere
from app.identity import services as identity
from app.identity.elsewhere import Known
from app.identity.models import SuperAppRow
from app.ledger import jobs, policies, services
from app.wechat.demo import DEMO_PREFIX
from config import Settings

TENANT_ID = tenancy.DEMO
EARLY = f"{DEMO_PREFIX}Resident02"  # is there already when the activity is looked at
LIMITS = Limits(statement_seconds=60, lock_seconds=30, idle_seconds=60)
DOUBLINGS = {0, 1, 3, 7, 15, 31}  # weeks after which there is about twice as much
FOLDER = Path(__file__).parents[2] / "config" / "demo"


class DemoRefused(Exception):
    """The demo city has no place here; the message says so to the person at the terminal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What there is to show: the city, how many people, and who may sign in as staff."""

    city: str
    people: int
    staff: tuple[str, ...]


Step = Callable[[int, int], None]


def load(
    *, scale: str, password: str, folder: Path = FOLDER, step: Step = lambda _done, _of: None
) -> Loaded:
    """Make the demo city, or refresh it: staff passwords, shelves, and an activity that runs now.

    It acts as the owner of the tables, because tenants are not the application's to make.
    Where people are real it raises `DemoRefused`. `step` hears how far the loading is.
    """
    settings: Settings = current_app.config["SETTINGS"]
    if settings.env == "production":
        raise DemoRefused("The demo city never meets real people: it is not loaded in production.")
    document = _read(folder, scale)
    heart = _read(folder, document["heart"]) if "heart" in document else document
    with acting_as("owner", settings.owner_database_url or settings.database_url or "", LIMITS):
        _load(heart, settings, password)
        loaded = Loaded(
            city=heart["city"]["name"],
            people=len(heart["residents"]) + len(heart["members"]) + 1,
            staff=tuple(one["username"] for one in heart["staff"]),
        )
        if document is heart:
            return loaded
        grown = {**heart, **document}
        _grow(grown, settings, password, step=step)
    return replace(
        loaded,
        people=loaded.people + sum(grown["people"][kind] for kind in ("residents", "members")),
    )


def _read(folder: Path, scale: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((folder / f"{scale}.yaml").read_text("utf-8"))
    return document


def _load(document: dict[str, Any], settings: Settings, password: str) -> None:
    now = clock.now()
    with transaction(None) as session:
        fresh = _claim_tenant(session, document)
    with transaction(TENANT_ID) as session:
        if fresh or not city.exists(session):
            _build(session, document, settings, now=now)
        people.hire(session, document, units=city.read_units(session, document), now=now)
        papers.seal(session, edges.vault(), now=now)
    with transaction(TENANT_ID) as session:
        _let_in(session, [one["username"] for one in document["staff"]], password)
        early = Known(platform="wechat", appid=settings.wechat_appid, subject=EARLY)
        there = elsewhere.list_vouched(session, edges.vault(), [early])
        today.refresh(
            session,
            document,
            early=[one.id for one in there],
            now=now,
            since=timedelta(minutes=90),
        )
        papers.locate(session, edges.vault(), [one.id for one in there], now=now)
    jobs.settle_waiting()
    activities.move_on()  # it shows at once who was told; whoever checks words is not there yet


def _build(
    session: Session, document: dict[str, Any], settings: Settings, *, now: datetime
) -> None:
    units = city.build(session, document, now=now)
    _admit_app(session, settings, landing=units[document["communities"][0]])
    services.publish(session, policies.shipped("hours10"), now=now)
    cast = people.move_in(
        session,
        edges.vault(),
        document,
        units=units,
        appid=settings.wechat_appid,
        now=now,
    )
    today.give_history(session, document, units=units, cast=cast, now=now)
    today.announce(session, document, units=units, now=now)
    papers.agree(session, edges.vault(), cast, now=now)
    belonging.settle(session, edges.vault(), document, units=units, cast=cast, now=now)
    stationing.settle(session, document, cast=cast, now=now)
    stocking.settle(session, edges.vault(), document, units=units, now=now)
    programme.plan(session, edges.vault(), document, units=units, cast=cast, now=now)


def _grow(document: dict[str, Any], settings: Settings, password: str, *, step: Step) -> None:
    """Make the big city around the small one, and let its staff in."""
    keyring, weeks = Keyring(settings.secret_key), document["weeks"]
    step(0, weeks + 1)
    with transaction(TENANT_ID) as session:
        town = growth.settle_in(
            session, document, appid=settings.wechat_appid, vault=edges.vault(), now=clock.now()
        )
        papers.seal(session, edges.vault(), now=clock.now())
    step(1, weeks + 1)
    for number in range(weeks):
        with transaction(TENANT_ID) as session:
            growth.live_week(session, document, town, number=number, keyring=keyring)
            if number in DOUBLINGS:
                bulk.take_stock(session)
        step(number + 2, weeks + 1)
    with transaction(TENANT_ID) as session:
        _let_in(session, crowd.usernames(session), password)
        today.restock(session, document, now=clock.now())  # what the year sold
        bulk.take_stock(session)


def _let_in(session: Session, usernames: Collection[str], password: str) -> None:
    if password:
        passwords = current_app.extensions["passwords"]
        identity.set_password(session, usernames=usernames, password=password, passwords=passwords)


def _claim_tenant(session: Session, document: dict[str, Any]) -> bool:
    statement = (
        sa.dialects.postgresql.insert(Tenant)
        .values(id=TENANT_ID, slug=document["city"]["slug"], name=document["city"]["name"])
        .on_conflict_do_nothing()
        .returning(Tenant.id)
    )
    made = session.scalar(statement) is not None
    # Who tries the demo has no authenticator at hand; where people are real, staff need one.
    session.execute(sa.update(Tenant).filter_by(id=TENANT_ID).values(second_factor=False))
    return made


def _admit_app(session: Session, settings: Settings, *, landing: UUID) -> None:
    statement = sa.dialects.postgresql.insert(SuperAppRow).values(
        platform="wechat",
        appid=settings.wechat_appid,
        tenant_id=TENANT_ID,
        landing_community_id=landing,
    )
    session.execute(statement.on_conflict_do_nothing())
