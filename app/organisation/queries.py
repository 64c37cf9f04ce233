"""Reading the tree, the units stationed in it, and registrations. Nothing here writes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.db import get
from app.organisation.kinds import OPEN, RegistrationState, UnitKind
from app.organisation.models import (
    OrgLabel,
    OrgPlacement,
    OrgUnit,
    PartTimeMember,
    Registration,
    StationedUnit,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit as others see it: where it stands, what it is, how deep."""

    id: UUID
    parent_id: UUID | None
    kind: str
    name: str
    path: tuple[UUID, ...]
    closed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stationed:
    """A stationed unit, its name and its community."""

    id: UUID
    name: str
    parent_id: UUID | None
    nature: str
    contact_id: UUID | None
    closed_on: date | None


def path_of(session: Session, unit_id: UUID) -> tuple[UUID, ...]:
    """The units from the top down to this one; empty when there is no such unit."""
    path = session.scalar(sa.select(OrgUnit.path).where(OrgUnit.id == unit_id))
    return tuple(path or ())


def get_unit(session: Session, unit_id: UUID) -> OrgUnit | None:
    return get(session, OrgUnit, unit_id)


def top(session: Session) -> UUID | None:
    """The top of the tree, where there is one."""
    return session.scalar(sa.select(OrgUnit.id).where(OrgUnit.parent_id.is_(None)))


def lock_top(session: Session) -> None:
    """Hold the top of the tree: whoever changes what stands where takes turns."""
    query = sa.select(OrgUnit.id).where(OrgUnit.parent_id.is_(None)).order_by(OrgUnit.id)
    session.execute(query.with_for_update(key_share=True))


def child_named(session: Session, *, parent_id: UUID, name: str) -> UUID | None:
    return session.scalar(sa.select(OrgUnit.id).filter_by(parent_id=parent_id, name=name))


def names_of_open_children(session: Session, unit_id: UUID) -> list[str]:
    """What stands directly under a unit and is not closed, by name; a few of it."""
    query = sa.select(OrgUnit.name).where(OrgUnit.parent_id == unit_id, OrgUnit.closed_on.is_(None))
    return list(session.scalars(query.order_by(OrgUnit.name).limit(3)))


def own_labels(session: Session) -> dict[str, str]:
    """The labels this tenant has of its own, by kind."""
    rows = session.execute(sa.select(OrgLabel.kind, OrgLabel.label))
    return {row.kind: row.label for row in rows}


def open_placement(session: Session, unit_id: UUID) -> OrgPlacement | None:
    return session.scalar(sa.select(OrgPlacement).filter_by(unit_id=unit_id, to_day=None))


def list_placements(session: Session, unit_id: UUID) -> list[OrgPlacement]:
    """Where a unit stood, the latest first."""
    query = sa.select(OrgPlacement).filter_by(unit_id=unit_id)
    return list(
        session.scalars(query.order_by(OrgPlacement.from_day.desc(), OrgPlacement.id.desc()))
    )


def parent_on(session: Session, unit_id: UUID, day: date) -> UUID | None:
    """Under which unit it stood on a civil day."""
    query = sa.select(OrgPlacement.parent_id).where(
        OrgPlacement.unit_id == unit_id,
        OrgPlacement.from_day <= day,
        sa.or_(OrgPlacement.to_day.is_(None), OrgPlacement.to_day > day),
    )
    return session.scalar(query)


def list_units(session: Session, tops: Collection[UUID]) -> list[Unit]:
    """Every unit in the subtrees of these, parents before their children."""
    query = sa.select(OrgUnit).where(OrgUnit.path.overlap(list(tops)))
    rows = session.scalars(query.order_by(sa.func.cardinality(OrgUnit.path), OrgUnit.name))
    return [seen(row) for row in rows]


def list_children(
    session: Session,
    under: UUID | None,
    tops: Collection[UUID],
    *,
    after: tuple[str, UUID] | None,
    limit: int,
) -> list[Unit]:
    """What stands directly under a unit of these subtrees, or their tops; by name."""
    query = sa.select(OrgUnit)
    if under is None:
        query = query.where(OrgUnit.id.in_(tops))
    else:
        query = query.where(OrgUnit.parent_id == under, OrgUnit.path.overlap(list(tops)))
    if after is not None:
        query = query.where(sa.tuple_(OrgUnit.name, OrgUnit.id) > sa.tuple_(*after))
    return [
        seen(row) for row in session.scalars(query.order_by(OrgUnit.name, OrgUnit.id).limit(limit))
    ]


def units_of(session: Session, unit_ids: Collection[UUID]) -> dict[UUID, Unit]:
    """These units by their ids."""
    rows = session.scalars(sa.select(OrgUnit).where(OrgUnit.id.in_(unit_ids)))
    return {row.id: seen(row) for row in rows}


def find_under(session: Session, unit_id: UUID, tops: Collection[UUID]) -> Unit | None:
    """A unit, if it stands in one of these subtrees."""
    query = sa.select(OrgUnit).where(OrgUnit.id == unit_id, OrgUnit.path.overlap(list(tops)))
    found = session.scalar(query)
    return seen(found) if found else None


def community_of(session: Session, unit_id: UUID) -> UUID | None:
    """The community in which a unit stands, or itself."""
    query = sa.select(OrgUnit.id).where(
        OrgUnit.kind == UnitKind.COMMUNITY.value, OrgUnit.id.in_(path_of(session, unit_id))
    )
    return session.scalar(query)


def communities_under(session: Session, unit_ids: Collection[UUID]) -> list[UUID]:
    """The communities in the subtrees of these units."""
    query = sa.select(OrgUnit.id).where(
        OrgUnit.kind == "community", OrgUnit.path.overlap(list(unit_ids))
    )
    return list(session.scalars(query))


def find_communities(session: Session, named: str) -> list[UUID]:
    """The communities of that name, or the one with that id."""
    query = sa.select(OrgUnit.id).where(
        OrgUnit.kind == "community",
        sa.or_(OrgUnit.name == named, sa.cast(OrgUnit.id, sa.Text) == named),
    )
    return list(session.scalars(query.order_by(OrgUnit.id)))


def open_communities(session: Session, tops: Collection[UUID] | None = None) -> list[UUID]:
    """The communities somebody may choose from: not closed, and of these subtrees if any."""
    query = sa.select(OrgUnit.id).where(
        OrgUnit.kind == UnitKind.COMMUNITY.value, OrgUnit.closed_on.is_(None)
    )
    if tops is not None:
        query = query.where(OrgUnit.path.overlap(list(tops)))
    return list(session.scalars(query))


def open_units(session: Session, tops: Collection[UUID]) -> list[Unit]:
    """Every unit of these subtrees that is not closed, parents before their children."""
    return [unit for unit in list_units(session, tops) if unit.closed_on is None]


def lock_unit(session: Session, unit_id: UUID) -> OrgUnit | None:
    """A unit, held against everybody who would let something new point at it."""
    query = sa.select(OrgUnit).where(OrgUnit.id == unit_id).with_for_update()
    return session.scalar(query.execution_options(populate_existing=True))


def list_communities(session: Session) -> list[UUID]:
    """Every community there is."""
    return list(session.scalars(sa.select(OrgUnit.id).where(OrgUnit.kind == "community")))


def names_of(session: Session, unit_ids: Collection[UUID]) -> list[tuple[UUID, str]]:
    """These units and what they are called, in the order of their names."""
    query = sa.select(OrgUnit.id, OrgUnit.name).where(OrgUnit.id.in_(unit_ids))
    rows = session.execute(query.order_by(OrgUnit.name, OrgUnit.id))
    return [(row[0], row[1]) for row in rows]


def communities_named(session: Session, name: str) -> list[UUID]:
    """The communities of that name: one, unless two streets have it."""
    query = sa.select(OrgUnit.id).where(OrgUnit.kind == "community", OrgUnit.name == name)
    return list(session.scalars(query))


def list_stationed(session: Session, tops: Collection[UUID]) -> list[Stationed]:
    """The units stationed in the subtrees of these, by name."""
    query = (
        sa.select(StationedUnit, OrgUnit.name, OrgUnit.parent_id, OrgUnit.closed_on)
        .join(OrgUnit, OrgUnit.id == StationedUnit.id)
        .where(OrgUnit.path.overlap(list(tops)))
        .order_by(OrgUnit.name, OrgUnit.id)
    )
    return [
        Stationed(
            id=row[0].id,
            name=row[1],
            parent_id=row[2],
            nature=row[0].nature,
            contact_id=row[0].contact_id,
            closed_on=row[3],
        )
        for row in session.execute(query)
    ]


def list_seats(session: Session, unit_ids: Collection[UUID]) -> list[PartTimeMember]:
    """The seats held today by people of these units."""
    query = sa.select(PartTimeMember).where(
        PartTimeMember.unit_id.in_(unit_ids), PartTimeMember.to_day.is_(None)
    )
    return list(session.scalars(query.order_by(PartTimeMember.from_day, PartTimeMember.id)))


def seats_in(session: Session, committee_id: UUID) -> list[PartTimeMember]:
    """The seats of a committee that are held today."""
    query = sa.select(PartTimeMember).filter_by(committee_id=committee_id, to_day=None)
    return list(session.scalars(query.order_by(PartTimeMember.from_day, PartTimeMember.id)))


def get_seat(session: Session, seat_id: UUID, *, lock: bool = False) -> PartTimeMember | None:
    return get(session, PartTimeMember, seat_id, lock=lock)


def get_registration(
    session: Session, registration_id: UUID, *, lock: bool = False
) -> Registration | None:
    return get(session, Registration, registration_id, lock=lock)


def list_own(session: Session, person_id: UUID) -> list[Registration]:
    """A person's registrations, the latest first."""
    query = sa.select(Registration).filter_by(person_id=person_id)
    return list(session.scalars(query.order_by(Registration.id.desc())))


def open_registrations(session: Session, person_id: UUID) -> list[Registration]:
    """What is in force for a person, and what they ask for."""
    query = sa.select(Registration).where(
        Registration.person_id == person_id, Registration.state.in_([one.value for one in OPEN])
    )
    return list(session.scalars(query.order_by(Registration.id)))


def list_in_state(
    session: Session,
    community_ids: Collection[UUID],
    state: RegistrationState,
    *,
    after: UUID | None,
    limit: int,
) -> list[Registration]:
    """Registrations with these communities that are in a state, the oldest first."""
    query = sa.select(Registration).where(
        Registration.community_id.in_(community_ids), Registration.state == state.value
    )
    if after is not None:
        query = query.where(Registration.id > after)
    return list(session.scalars(query.order_by(Registration.id).limit(limit)))


def seen(row: OrgUnit) -> Unit:
    """A unit's row as others see it."""
    return Unit(
        id=row.id,
        parent_id=row.parent_id,
        kind=row.kind,
        name=row.name,
        path=tuple(row.path),
        closed_on=row.closed_on,
    )
