"""The made-up city as rows: a tenant of its own, with a policy, staff, people and activities."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.activities.kinds import EnrolmentState
from app.activities.models import Activity, Enrolment
from app.core import clock, tenancy
from app.core.clock import CIVIL_ZONE
from app.core.db import transaction
from app.core.ids import new_id
from app.core.many import add_all
from app.demo.bulk import take_stock
from app.identity.models import Person
from app.identity.roles import Grant, Principal
from app.ledger import policies
from app.ledger import services as ledger
from app.organisation import services as organisation
from app.rehearsal.script import COMMUNITIES, Script, Visit

A_MONTH = timedelta(days=30)


@dataclass(slots=True, kw_only=True)
class Town:
    """Who and what of a script has which id, and who works in which community."""

    tenant_id: int
    script: Script
    communities: list[UUID] = field(default_factory=list)
    leaders: list[Principal] = field(default_factory=list)
    reviewer: Principal | None = None
    people: dict[int, UUID] = field(default_factory=dict)
    venues: dict[int, UUID] = field(default_factory=dict)


def build(script: Script, visits: Sequence[Visit], *, all_enrolled: bool, now: datetime) -> Town:
    """Everything that is there before anybody comes. Only the owner of the tables may."""
    with transaction(None) as session:
        slug = f"r{new_id().hex[-12:]}"
        tenant = tenancy.found(session, slug=slug, name="演练", zone=CIVIL_ZONE)
        town = Town(tenant_id=tenant.id, script=script)
    with transaction(town.tenant_id) as session:
        _publish(session, script, now=now)
        top = _found_units(session, town)
        _move_in(session, town, top)
        _announce(session, town)
        _enrol(session, town, visits, all_enrolled=all_enrolled)
        take_stock(session)
    return town


def card_no(number: int) -> str:
    """Of the printed card of a person of the script."""
    return f"R{number:07d}"


def _publish(session: Session, script: Script, *, now: datetime) -> None:
    policy, first = policies.shipped("hours10"), clock.civil_day(script.begins) - A_MONTH
    if policy.in_force_from > first:
        policy = replace(policy, version=f"{first:%Y-%m}", in_force_from=first)
    ledger.publish(session, policy, now=now)


def _found_units(session: Session, town: Town) -> UUID:
    on = clock.civil_day(town.script.begins) - A_MONTH
    make = organisation.create_unit
    top = make(session, parent_id=None, kind="city", name="演练市", on=on)
    street = make(session, parent_id=top.id, kind="street", name="演练街道", on=on)
    town.communities = [
        make(session, parent_id=street.id, kind="community", name=f"演练{n}社区", on=on).id
        for n in range(1, COMMUNITIES + 1)
    ]
    return top.id


def _move_in(session: Session, town: Town, top: UUID) -> None:
    began = town.script.begins - A_MONTH
    people = [
        Person(
            id=new_id(),
            display_name=f"居民{one.number}",
            kinds=["resident"],
            community_id=town.communities[one.community],
            created_at=began,
            card_no=card_no(one.number) if one.carded else None,
        )
        for one in town.script.people
    ]
    town.people = {number: person.id for number, person in enumerate(people)}
    staff = [
        Person(
            id=new_id(),
            display_name="负责人",
            kinds=["staff"],
            community_id=unit,
            created_at=began,
        )
        for unit in (*town.communities, town.communities[0])
    ]
    add_all(session, [*people, *staff])
    town.leaders = [
        principal(town, one.id, one.community_id, role=("community_clerk", one.community_id))
        for one in staff[:-1]
    ]
    reviewer = staff[-1]
    role = ("community_secretary", top)
    town.reviewer = principal(town, reviewer.id, reviewer.community_id, role=role)


def principal(
    town: Town,
    person_id: UUID,
    community_id: UUID,
    *,
    role: tuple[str, UUID] | None = None,
    device: bytes | None = None,
) -> Principal:
    """Somebody who has signed in."""
    return Principal(
        tenant_id=town.tenant_id,
        zone=CIVIL_ZONE,
        session_id=new_id(),
        person_id=person_id,
        community_id=community_id,
        display_name="居民",
        staff=role is not None,
        grants=(Grant(*role),) if role else (),
        device=device,
    )


def _announce(session: Session, town: Town) -> None:
    rows = []
    for venue in town.script.venues:
        lat, lng = venue.spot.as_degrees() if venue.mapped else (None, None)
        rows.append(
            Activity(
                id=new_id(),
                community_id=town.communities[venue.community],
                title=f"活动{venue.number}",
                category=venue.category,
                place="演练",
                starts_at=venue.starts,
                ends_at=venue.ends,
                capacity=500,
                state="published",
                published_at=venue.starts - timedelta(days=7),
                lat=lat,
                lng=lng,
            )
        )
    town.venues = {number: row.id for number, row in enumerate(rows)}
    add_all(session, rows)


def _enrol(session: Session, town: Town, visits: Sequence[Visit], *, all_enrolled: bool) -> None:
    add_all(
        session,
        [
            Enrolment(
                id=new_id(),
                activity_id=town.venues[visit.venue.number],
                person_id=town.people[visit.who],
                state=EnrolmentState.CONFIRMED.value,
                enrolled_at=visit.venue.starts - timedelta(days=2),
            )
            for visit in visits
            if visit.enrolled or all_enrolled
        ],
    )
