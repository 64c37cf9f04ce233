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
from app.phones.models import PhoneClaim, PhoneRelease

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


def open_release_of(session: Session, person_id: UUID) -> PhoneRelease | None:
    """Whether this person's number is being let go of."""
    query = sa.select(PhoneRelease).where(
        PhoneRelease.person_id == person_id, PhoneRelease.state == OPEN
    )
    return session.scalar(query)


def get_open_release(session: Session, release_id: UUID) -> PhoneRelease | None:
    release = get(session, PhoneRelease, release_id)
    return release if release is not None and release.state == OPEN else None


def lock_release(session: Session, release_id: UUID) -> PhoneRelease | None:
    """The same, held until the end: after the person it is about."""
    return get(session, PhoneRelease, release_id, lock=True)


def list_open_releases(session: Session, tops: Collection[UUID]) -> list[PhoneRelease]:
    """The numbers that are being let go of in these subtrees, the longest waiting first."""
    people = identity.people_below(units.below(session, tops))
    query = sa.select(PhoneRelease).where(
        PhoneRelease.state == OPEN, PhoneRelease.person_id.in_(people)
    )
    return list(session.scalars(query.order_by(PhoneRelease.asked_at, PhoneRelease.id)))
