"""The places of the demo city: units, stations, shops and their goods."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import civil_day
from app.core.db import add
from app.organisation import services as units_of
from app.organisation.models import OrgUnit
from app.stations import editing, issuing
from app.stations.hours import WEEK, Spans, read_spans
from app.stations.models import Station
from app.supermarket import goods
from app.supermarket.goods import Draft, Said
from app.supermarket.models import Shop

Units = Mapping[str, UUID]

ON_THE_MAP = {"crs": "gcj02"}
ALL_DAY = {"opens_minute": 0, "closes_minute": 24 * 60, **ON_THE_MAP}
SATURDAY = 5


def exists(session: Session) -> bool:
    """Whether this tenant has its city, whatever that is called: a later version may rename it."""
    return session.scalar(sa.select(OrgUnit.id).filter_by(parent_id=None)) is not None


def find_community(session: Session, name: str) -> UUID:
    """The community of that name, or the city's first where an earlier version named it else."""
    query = sa.select(OrgUnit.id).filter_by(kind="community")
    return session.scalars(query.order_by(OrgUnit.name != name, OrgUnit.id).limit(1)).one()


def read_units(session: Session, document: dict[str, Any]) -> Units:
    """The units at which staff are, by what this version calls them, whatever they are called."""
    units = {name: find_community(session, name) for name in document["communities"]}
    street = _above(session, units[document["communities"][0]])
    return {**units, document["street"]: street, "city": _above(session, street)}


def _above(session: Session, unit_id: UUID) -> UUID:
    above = session.scalar(sa.select(OrgUnit.parent_id).filter_by(id=unit_id))
    assert above is not None  # a community stands under a street, and that under the city
    return above


def build(session: Session, document: dict[str, Any], *, now: datetime) -> Units:
    """Make the places; the answer is the id of every unit by its name, the top one's "city"."""
    units = _units(session, document, on=civil_day(now))
    for station in document["stations"]:
        _station(session, station, units, now=now)
    for shop in document["shops"]:
        _shop(session, shop, units, items=document["items"], now=now)
    return units


def _units(session: Session, document: dict[str, Any], *, on: date) -> Units:
    name = document["city"]["name"]
    city = units_of.create_unit(session, parent_id=None, kind="city", name=name, on=on)
    street = units_of.create_unit(
        session, parent_id=city.id, kind="street", name=document["street"], on=on
    )
    units = {"city": city.id, document["street"]: street.id}
    for name in document["communities"]:
        community = units_of.create_unit(
            session, parent_id=street.id, kind="community", name=name, on=on
        )
        units[name] = community.id
    return units


def _station(session: Session, station: dict[str, Any], units: Units, *, now: datetime) -> None:
    fields = {key: value for key, value in station.items() if key not in {"community", "hours"}}
    row = Station(community_id=units[station["community"]], **ON_THE_MAP, **fields)
    issuing.issue_code(session, station_id=add(session, row).id, now=now)
    editing.keep_week(session, row.id, week_of(station.get("hours", "全天")))


def week_of(text: str) -> dict[int, Spans]:
    """A week of like days; hours after a bar are those of its end: "8:30-17:30 | 9:00-12:00"."""
    days, _, end = text.partition("|")
    weekend = read_spans(end) if end else read_spans(days)
    return {day: weekend if day >= SATURDAY else read_spans(days) for day in range(WEEK)}


def _shop(
    session: Session,
    shop: dict[str, Any],
    units: Units,
    *,
    items: list[dict[str, Any]],
    now: datetime,
) -> None:
    fields = {key: value for key, value in shop.items() if key != "community"}
    row = add(session, Shop(community_id=units[shop["community"]], **ALL_DAY, **fields))
    put_up(session, row.id, items, now=now)


def put_up(session: Session, shop_id: UUID, items: list[dict[str, Any]], *, now: datetime) -> None:
    """Goods with their first prices, and nothing on the shelf yet."""
    day = civil_day(now)
    since = date(day.year - 1, 1, 1)  # for whatever the city is made to have lived through
    for item in items:
        said = {key: value for key, value in item.items() if key not in {"points", "keeps_days"}}
        price = Said(points=item["points"], valid_from=since, on=since, at=now, by=None)
        goods.put_up(session, shop_id, Draft(**said), price=price)
