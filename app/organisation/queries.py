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
