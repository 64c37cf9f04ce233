"""The policies in force, known again by a mark: they are many words, and hardly ever change."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from app.core.db import tenant_of
from points_engine import Policies, Policy
from points_engine.postgres import PostgresEngine
from points_engine.postgres import metadata as books

KEPT = 64  # sets of policies, of some cities before and after each change
_POLICY = books.tables["policy"]
_KNOWN: dict[str, Policies] = {}


def mark() -> sa.ScalarSelect[str]:
    """What tells a set of published policies from any other, where a statement binds `tenant`."""
    digest = _POLICY.c.digest
    every = sa.func.string_agg(digest, aggregate_order_by(sa.literal_column("','"), digest))
    return (
        sa.select(sa.func.coalesce(every, sa.literal_column("''")))
        .where(_POLICY.c.tenant_id == sa.bindparam("tenant", type_=sa.BigInteger()))
        .scalar_subquery()
    )


def on(session: Session, day: date, *, mark: str) -> Policy | None:
    """The policy in force on a civil day, of the set that had this mark a moment ago."""
    policies = _KNOWN.get(mark)
    if policies is None:
        policies = PostgresEngine(session, tenant_of(session)).policies()
        _remember(session, mark, policies)
    return policies.in_force_on(day)


def _remember(session: Session, seen: str, policies: Policies) -> None:
    """Keep what was read under its mark, unless another was published while it was read."""
    now = session.connection().execute(_MARK, {"tenant": tenant_of(session)}).scalar_one()
    if now == seen:
        if len(_KNOWN) >= KEPT:
            _KNOWN.clear()
        _KNOWN[seen] = policies


_MARK = sa.select(mark())
