"""Loading the demo city: once, in one transaction; what must be fresh is refreshed each time."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import yaml
from flask import current_app
from sqlalchemy.orm import Session

from app.core import clock
from app.core.db import acting_as, transaction
from app.core.tenancy import Tenant
from app.demo import city, people, today
from app.identity import services as identity
from app.identity.models import SuperAppRow
from app.ledger import jobs, policies, services
from config import Settings

TENANT_ID = 1
FOLDER = Path(__file__).parents[2] / "config" / "demo"


class DemoRefused(Exception):
    """The demo city has no place here; the message says so to the person at the terminal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What there is to show: the city, how many people, and who may sign in as staff."""

    city: str
    people: int
    staff: tuple[str, ...]


def load(*, scale: str, password: str, folder: Path = FOLDER) -> Loaded:
    """Make the demo city, or refresh it: staff passwords, shelves, and an activity that runs now.

    It acts as the owner of the tables, because tenants are not the application's to make.
    Where people are real it raises `DemoRefused`.
    """
    settings: Settings = current_app.config["SETTINGS"]
    if settings.env == "production":
        raise DemoRefused("The demo city never meets real people: it is not loaded in production.")
    document = yaml.safe_load((folder / f"{scale}.yaml").read_text(encoding="utf-8"))
    with acting_as("owner", settings.owner_database_url or settings.database_url or ""):
        _load(document, settings, password)
    return Loaded(
        city=document["city"]["name"],
        people=len(document["residents"]) + len(document["members"]) + 1,
        staff=tuple(one["username"] for one in document["staff"]),
    )


def _load(document: dict[str, Any], settings: Settings, password: str) -> None:
    now = clock.now()
    with transaction(None) as session:
        fresh = _claim_tenant(session, document)
    with transaction(TENANT_ID) as session:
        if fresh or not city.exists(session):
            units = city.build(session, document, now=now)
            _admit_app(session, settings, landing=units[document["communities"][0]])
            services.publish(session, policies.shipped("hours10"), now=now)
            cast = people.move_in(session, document, units, appid=settings.wechat_appid, now=now)
            today.give_history(session, document, units=units, cast=cast, now=now)
            today.announce(session, document, units=units, now=now)
    with transaction(TENANT_ID) as session:
        if password:
            names = [one["username"] for one in document["staff"]]
            passwords = current_app.extensions["passwords"]
            identity.set_password(session, usernames=names, password=password, passwords=passwords)
        today.refresh(session, document, now=now, since=timedelta(minutes=90))
    jobs.settle_waiting()


def _claim_tenant(session: Session, document: dict[str, Any]) -> bool:
    statement = (
        sa.dialects.postgresql.insert(Tenant)
        .values(id=TENANT_ID, slug=document["city"]["slug"], name=document["city"]["name"])
        .on_conflict_do_nothing()
        .returning(Tenant.id)
    )
    return session.scalar(statement) is not None


def _admit_app(session: Session, settings: Settings, *, landing: UUID) -> None:
    statement = sa.dialects.postgresql.insert(SuperAppRow).values(
        platform="wechat",
        appid=settings.wechat_appid,
        tenant_id=TENANT_ID,
        landing_community_id=landing,
    )
    session.execute(statement.on_conflict_do_nothing())
