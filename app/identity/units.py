"""The tree as identity sees it. It belongs to a feature above this one, hence by its name."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from app.core.db import tenant_of
from app.identity.errors import UnitClosed

UNIT = sa.table(
    "org_unit",
    sa.column("tenant_id", sa.BigInteger),
    sa.column("id", sa.Uuid),
    sa.column("name", sa.Text),
    sa.column("path", ARRAY(sa.Uuid)),
    sa.column("closed_on", sa.Date),
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


def hold_open(session: Session, unit_id: UUID) -> None:
    """Keep a unit from being closed until the end of this transaction.

    Whoever closes it waits, and sees what was written meanwhile; who comes after them is refused
    with `UnitClosed`. A unit that is not there is for the caller to refuse.
    """
    query = sa.select(UNIT.c.closed_on).where(
        UNIT.c.tenant_id == tenant_of(session), UNIT.c.id == unit_id
    )
    if session.scalar(query.with_for_update(read=True, key_share=True)) is not None:
        raise UnitClosed("这个组织已经撤销，不能再增加内容。请换一个组织，或先在组织架构里恢复它。")


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
    rows = session.execute(_below(session, tops))
    return [(row.id, row.name, row.depth) for row in rows]


def list_open_below(session: Session, tops: Collection[UUID]) -> list[tuple[UUID, str, int]]:
    """The same without those that are closed: what somebody may choose from."""
    rows = session.execute(_below(session, tops).where(UNIT.c.closed_on.is_(None)))
    return [(row.id, row.name, row.depth) for row in rows]


def _below(session: Session, tops: Collection[UUID]) -> sa.Select[tuple[UUID, str, int]]:
    depth = sa.func.cardinality(UNIT.c.path).label("depth")
    return (
        sa.select(UNIT.c.id, UNIT.c.name, depth)
        .where(UNIT.c.tenant_id == tenant_of(session), UNIT.c.path.overlap(list(tops)))
        .order_by(UNIT.c.path)
    )
