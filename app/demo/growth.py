"""From the small demo city to the big one: its streets at once, its year week by week.

A week is one transaction. Whoever is stopped half-way goes on with the first week that is not
there; the year begins where it began the first time, because the people say since when they are
here.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import tenancy
from app.core.clock import CIVIL_ZONE, civil_day
from app.core.db import add, tenant_of
from app.core.keys import Keyring
from app.core.vault import Vault
from app.demo import city, crowd, town, year
from app.demo.town import WEEK
from app.ledger import policies
from app.ledger import services as ledger
from app.organisation import services as units_of
from app.organisation.models import OrgUnit
from app.stations import editing, issuing
from app.stations.models import Station
from app.supermarket.models import Shop

NEAR = 0.012  # degrees: a street reaches about a kilometre from its middle
AHEAD = 2  # weeks that are announced


def settle_in(
    session: Session, document: dict[str, Any], *, appid: str, vault: Vault, now: datetime
) -> town.Town:
    """The big city with its people, as it was made the first time or is made now."""
    _take_turns(session)
    begins = town.begins(session, document)
    if begins is None:
        begins = _found(session, document, appid=appid, vault=vault, now=now)
    return town.read(session, document, begins=begins)


def live_week(
    session: Session, document: dict[str, Any], people: town.Town, *, number: int, keyring: Keyring
) -> None:
    """Let a week of the year happen unless it has."""
    _take_turns(session)
    if number >= town.weeks_done(session, people, weeks=document["weeks"]):
        year.live(session, document, people, number=number, keyring=keyring)


def _take_turns(session: Session) -> None:
    """Who loads at the same time waits, and then finds the week done."""
    tenant = sa.select(tenancy.Tenant.id).filter_by(id=tenant_of(session))
    session.execute(tenant.with_for_update(key_share=True))


def _found(
    session: Session, document: dict[str, Any], *, appid: str, vault: Vault, now: datetime
) -> datetime:
    """Everything that does not move, and the people, as of a Monday a year ago."""
    begins: datetime = _monday(now) - document["weeks"] * WEEK
    _publish_policy(session, begins=begins, now=now)
    communities, places = _streets(session, document, now=begins)
    crowd.move_in(session, document, communities, appid=appid, vault=vault, now=begins)
    crowd.hire(session, document, places, now=begins)
    people = town.read(session, document, begins=begins)
    for number in range(document["weeks"], document["weeks"] + AHEAD):
        year.announce(session, document, people, number=number, now=now)
    return begins


def _publish_policy(session: Session, *, begins: datetime, now: datetime) -> None:
    """The city's policy holds from the first day of the year, if need be as an earlier version."""
    policy, first_day = policies.shipped("hours10"), civil_day(begins)
    if first_day < policy.in_force_from:
        earlier = replace(policy, version=f"{first_day:%Y-%m}", in_force_from=first_day)
        ledger.publish(session, earlier, now=now)


def _monday(now: datetime) -> datetime:
    """The beginning of the civil week."""
    local = now.astimezone(ZoneInfo(CIVIL_ZONE))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=midnight.weekday())


def _streets(
    session: Session, document: dict[str, Any], *, now: datetime
) -> tuple[list[UUID], dict[str, list[UUID]]]:
    """The communities, and the units at which each role of the staff is held."""
    rng = Random(f"{document['seed']}:places")  # noqa: S311 - a city to look at, not a secret
    top = session.scalars(sa.select(OrgUnit.id).filter_by(parent_id=None)).one()
    streets, communities = [], []
    for street in document["streets"]:
        street_id, is_new = _street(session, top, street["name"], on=civil_day(now))
        streets += [street_id] if is_new else []
        for name in street["communities"]:
            unit = units_of.create_unit(
                session, parent_id=street_id, kind="community", name=name, on=civil_day(now)
            )
            lat, lng = (street[at] + rng.uniform(-NEAR, NEAR) for at in ("lat", "lng"))
            where = {"lat": round(lat, 5), "lng": round(lng, 5), "address": street["name"] + name}
            communities.append((unit, where))
    rng.shuffle(communities)
    _stations(session, document, communities, now=now)
    shops = _shops(session, document, communities, now=now)
    units = [unit.id for unit, _ in communities]
    return units, {"community_secretary": units, "shop_manager": shops, "street_officer": streets}


def _street(session: Session, top: UUID, name: str, *, on: date) -> tuple[UUID, bool]:
    """A street of the city, the small one's included; whether it is new."""
    known = session.scalar(sa.select(OrgUnit.id).filter_by(parent_id=top, name=name))
    if known is not None:
        return known, False
    made = units_of.create_unit(session, parent_id=top, kind="street", name=name, on=on)
    return made.id, True


Sites = Sequence[tuple[OrgUnit, dict[str, Any]]]


def _stations(session: Session, document: dict[str, Any], sites: Sites, *, now: datetime) -> None:
    for station in document["stations"]:
        for unit, where in sites[: station["many"]]:
            row = Station(
                community_id=unit.id,
                kind=station["kind"],
                name=station["name"].format(here=unit.name.removesuffix("社区")),
                level="community",
                services=station["services"],
                contact="",
                **where,
                **city.ON_THE_MAP,
            )
            issuing.issue_code(session, station_id=add(session, row).id, now=now)
            editing.keep_week(session, row.id, city.week_of("全天"))


def _shops(
    session: Session, document: dict[str, Any], sites: Sites, *, now: datetime
) -> list[UUID]:
    """Shops with empty shelves; the answer is their communities."""
    for unit, where in sites[: document["shops"]]:
        name = f"{unit.name.removesuffix('社区')}爱心志愿超市"
        shop = add(session, Shop(community_id=unit.id, name=name, **where, **city.ALL_DAY))
        city.put_up(session, shop.id, document["items"], now=now)
    return [unit.id for unit, _ in sites[: document["shops"]]]
