"""The tree as identity sees it. It belongs to a feature above this one, hence by its name."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from app.core.db import tenant_of

UNIT = sa.table(
    "org_unit",
    sa.column("tenant_id", sa.BigInteger),
    sa.column("id", sa.Uuid),
    sa.column("name", sa.Text),
    sa.column("path", ARRAY(sa.Uuid)),
)


def path_of(session: Session, unit_id: UUID) -> tuple[UUID, ...]:
    """The units from the top down to this one; empty when there is no such unit."""
    query = sa.select(UNIT.c.path).where(
        UNIT.c.tenant_id == tenant_of(session), UNIT.c.id == unit_id
    )
    return tuple(session.scalar(query) or ())


def paths_of(session: Session, unit_ids: Collection[UUID]) -> dict[UUID, tuple[UUID, ...]]:
    """The path of each of these units."""
    query = sa.select(UNIT.c.id, UNIT.c.path).where(
        UNIT.c.tenant_id == tenant_of(session), UNIT.c.id.in_(unit_ids)
    )
    return {row.id: tuple(row.path) for row in session.execute(query)}


def below(session: Session, tops: Collection[UUID]) -> sa.Select[tuple[UUID]]:
    """The ids of all units in the subtrees of these, for a query to stay within."""
    return sa.select(UNIT.c.id).where(
        UNIT.c.tenant_id == tenant_of(session), UNIT.c.path.overlap(list(tops))
    )


def names_of(session: Session, unit_ids: Collection[UUID]) -> dict[UUID, str]:
    query = sa.select(UNIT.c.id, UNIT.c.name).where(
        UNIT.c.tenant_id == tenant_of(session), UNIT.c.id.in_(unit_ids)
    )
    return {row.id: row.name for row in session.execute(query)}


def list_below(session: Session, tops: Collection[UUID]) -> list[tuple[UUID, str, int]]:
    """These units and all below them, parents before children: id, name, depth."""
    query = (
        sa.select(UNIT.c.id, UNIT.c.name, sa.func.cardinality(UNIT.c.path).label("depth"))
        .where(UNIT.c.tenant_id == tenant_of(session), UNIT.c.path.overlap(list(tops)))
        .order_by(UNIT.c.path)
    )
    return [(row.id, row.name, row.depth) for row in session.execute(query)]
