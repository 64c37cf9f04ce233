"""The big demo city as its rows say: who lives where, and where they go."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.activities.models import Activity
from app.core.clock import CIVIL_ZONE, civil_day
from app.core.db import tenant_of
from app.core.ids import new_id
from app.demo import crowd
from app.identity import queries as identity
from app.identity.models import Person, RoleGrant, StaffCredential
from app.identity.roles import Principal
from app.organisation.models import OrgUnit
from app.stations.models import Station
from app.supermarket.models import Shop

WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """The communities in the order of the document; whoever has more zeal is more often in a list.

    `counters` are the shops with those who run them.
    """

    begins: datetime
    communities: Mapping[UUID, str]
    people: Mapping[UUID, Sequence[Person]]
    stations: Sequence[Station]
    counters: Sequence[tuple[Shop, Principal]]

    def starts(self, number: int) -> datetime:
        """The first instant of a week of the year, by the clock on the wall."""
        return self.begins + number * WEEK


def begins(session: Session, document: dict[str, Any]) -> datetime | None:
    """Since when the people are here: the year of the city begins there."""
    words = document["staff"].values()
    since = session.scalar(
        sa.select(sa.func.min(Person.created_at))
        .join(StaffCredential, StaffCredential.person_id == Person.id)
        .where(StaffCredential.username.in_(crowd.username(word, 1) for word in words))
    )
    return since and since.astimezone(ZoneInfo(CIVIL_ZONE))


def weeks_done(session: Session, town: Town, *, weeks: int) -> int:
    """How many weeks of the year have been lived."""
    latest = session.scalar(
        sa.select(sa.func.max(Activity.starts_at)).where(
            Activity.community_id.in_(town.communities), Activity.starts_at < town.starts(weeks)
        )
    )
    return 0 if latest is None else (latest - town.begins) // WEEK + 1


def read(session: Session, document: dict[str, Any], *, begins: datetime) -> Town:
    people = _people(session, document, begins=begins)
    units = sa.select(OrgUnit).where(OrgUnit.id.in_(people)).order_by(OrgUnit.id)
    places = sa.select(Station).where(Station.community_id.in_(people)).order_by(Station.id)
    return Town(
        begins=begins,
        communities={unit.id: unit.name for unit in session.scalars(units)},
        people=people,
        stations=session.scalars(places).all(),
        counters=_counters(session, people, begins=begins),
    )


def principal(session: Session, person: Person, *, on: datetime) -> Principal:
    """A person as if signed in on that day."""
    return Principal(
        tenant_id=tenant_of(session),
        zone=CIVIL_ZONE,
        session_id=new_id(),
        person_id=person.id,
        community_id=person.community_id,
        display_name=person.display_name,
        staff="staff" in person.kinds,
        grants=identity.list_grants(session, person.id, on=civil_day(on)),
    )


def _people(
    session: Session, document: dict[str, Any], *, begins: datetime
) -> dict[UUID, list[Person]]:
    rng = Random(f"{document['seed']}:zeal")  # noqa: S311 - a city to look at, not a secret
    most = document["people"]["most_zeal"]
    query = sa.select(Person).filter_by(created_at=begins).order_by(Person.id)
    found: defaultdict[UUID, list[Person]] = defaultdict(list)
    for person in session.scalars(query):
        if "staff" not in person.kinds:
            found[person.community_id] += [person] * int(most ** rng.random())
    return dict(found)


def _counters(
    session: Session, communities: Mapping[UUID, object], *, begins: datetime
) -> list[tuple[Shop, Principal]]:
    rows = session.execute(
        sa.select(Shop, Person)
        .join(RoleGrant, RoleGrant.org_unit_id == Shop.community_id)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(Shop.community_id.in_(communities), RoleGrant.role == "shop_manager")
        .order_by(Shop.id)
    )
    return [(row[0], principal(session, row[1], on=begins)) for row in rows.all()]
