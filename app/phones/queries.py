"""Reading the numbers that wait to be checked. Nothing here writes."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.db import get
from app.identity import queries as identity
from app.identity import units
from app.identity.queries import Reach
from app.phones.models import PhoneClaim

OPEN = "open"


def open_claim_of(session: Session, person_id: UUID, *, now: datetime) -> PhoneClaim | None:
    """What this person waits for."""
    query = sa.select(PhoneClaim).where(
        PhoneClaim.person_id == person_id, PhoneClaim.state == OPEN, PhoneClaim.lapses_at > now
    )
    return session.scalar(query)


def lock_claim(session: Session, claim_id: UUID) -> PhoneClaim | None:
    """A claim, held until the end: after the people it is about, as everywhere."""
    return get(session, PhoneClaim, claim_id, lock=True)


def get_open(session: Session, claim_id: UUID, *, now: datetime) -> PhoneClaim | None:
    """A claim that still waits."""
    claim = get(session, PhoneClaim, claim_id)
    waits = claim is not None and claim.state == OPEN and claim.lapses_at > now
    return claim if waits else None


def list_open(
    session: Session, tops: Collection[UUID], *, now: datetime, limit: int
) -> list[PhoneClaim]:
    """What waits to be checked in these subtrees, the longest waiting first."""
    waiting = sa.select(PhoneClaim).where(PhoneClaim.state == OPEN, PhoneClaim.lapses_at > now)
    claims = session.scalars(waiting.order_by(PhoneClaim.made_at, PhoneClaim.id)).all()
    below = [unit_id for unit_id, _name, _depth in units.list_below(session, tops)]
    people = {claim.person_id for claim in claims}
    reached = {one.id for one in identity.listed(session, people, reach=Reach(communities=below))}
    return [claim for claim in claims if claim.person_id in reached][:limit]


def lapsed(*, now: datetime, limit: int) -> sa.Select[UUID]:
    """Claims nobody has checked in time."""
    query = sa.select(PhoneClaim.id).where(PhoneClaim.state == OPEN, PhoneClaim.lapses_at <= now)
    return query.order_by(PhoneClaim.lapses_at).limit(limit)
