"""Reading what was granted, proposed and ended. Nothing here writes."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import paging
from app.core.paging import Page
from app.identity import units
from app.identity.models import RoleGrant
from app.identity.permissions import Permission
from app.identity.ranks import ALONE, OUTSIDE, RANKS
from app.identity.roles import roles_with


def list_open_grants(session: Session, person_id: UUID, *, on: date) -> list[RoleGrant]:
    """What a person holds, will hold or is proposed for, as of a civil day."""
    rows = session.scalars(
        sa.select(RoleGrant).where(
            RoleGrant.person_id == person_id,
            RoleGrant.state.in_(("proposed", "active")),
            _not_over(on),
        )
    )
    return list(rows)


def holders(
    session: Session, permission: Permission, path: Collection[UUID], *, on: date
) -> list[RoleGrant]:
    """Who may do that for a thing at the end of `path` on a civil day: whoever is nearest first."""
    rows = session.scalars(
        sa.select(RoleGrant)
        .where(
            RoleGrant.role.in_(roles_with(permission)),
            RoleGrant.org_unit_id.in_(path),
            RoleGrant.state == "active",
            RoleGrant.valid_from <= on,
            _not_over(on),
        )
        .order_by(RoleGrant.id)
    )
    return sorted(rows, key=lambda row: RANKS[row.role])


def list_mixed(
    session: Session, tops: Collection[UUID], *, on: date, limit: int
) -> dict[UUID, list[str]]:
    """Who holds or will hold, within these subtrees, roles that are not one person's; and which.

    Nobody is given such any more. Whoever had them before keeps them until somebody ends one.
    """
    roles = sa.func.array_agg(RoleGrant.role.distinct())
    query = (
        sa.select(RoleGrant.person_id, roles)
        .where(
            RoleGrant.org_unit_id.in_(units.below(session, tops)),
            RoleGrant.state == "active",
            _not_over(on),
        )
        .group_by(RoleGrant.person_id)
        .having(sa.func.count(RoleGrant.role.distinct()) > 1)
        .having(sa.func.bool_or(RoleGrant.role.in_(ALONE | OUTSIDE)))
        .order_by(RoleGrant.person_id)
    )
    return {row[0]: list(row[1]) for row in session.execute(query.limit(limit))}


def list_grants_in(
    session: Session, tops: Collection[UUID], *, state: str | None, cursor: str | None, limit: int
) -> Page[RoleGrant]:
    """The grants within these subtrees, the newest first."""
    query = sa.select(RoleGrant).where(RoleGrant.org_unit_id.in_(units.below(session, tops)))
    if state is not None:
        query = query.where(RoleGrant.state == state)
    after = paging.decode(cursor, (UUID,))
    if after is not None:
        query = query.where(RoleGrant.id < after[0])
    rows = session.scalars(query.order_by(RoleGrant.id.desc()).limit(limit + 1)).all()
    return paging.page(rows, limit=limit, key=lambda row: (str(row.id),))


def _not_over(on: date) -> sa.ColumnElement[bool]:
    return sa.or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to > on)
