"""Reading the tree. Nothing here writes."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.organisation.models import OrgUnit


def path_of(session: Session, unit_id: UUID) -> tuple[UUID, ...]:
    """The units from the top down to this one; empty when there is no such unit."""
    path = session.scalar(sa.select(OrgUnit.path).where(OrgUnit.id == unit_id))
    return tuple(path or ())


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
