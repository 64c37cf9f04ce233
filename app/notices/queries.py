"""Reading notices and the call list. Nothing here writes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import paging
from app.core.paging import Page
from app.core.telling.models import Notice, NoticeSending, SendState
from app.identity.queries import Reach
from app.notices.kinds import LineState
from app.notices.models import CallLine, CallTry


def list_notices(
    session: Session, person_id: UUID, *, cursor: str | None, limit: int
) -> Page[Notice]:
    """What a person was told, the latest first."""
    query = sa.select(Notice).where(Notice.person_id == person_id)
    after = paging.decode(cursor, (UUID,))
    if after is not None:
        query = query.where(Notice.id < after[0])
    rows = session.scalars(query.order_by(Notice.id.desc()).limit(limit + 1)).all()
    return paging.page(rows, limit=limit, key=lambda notice: (str(notice.id),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How far what somebody was told has come to them."""

    person_id: UUID
    at: datetime
    read_at: datetime | None
    sending: SendState
    line: LineState | None


def readings_of(session: Session, about: str, *, after: UUID | None, limit: int) -> list[Reading]:
    """Who was told of this, and whether they have read it, by their ids."""
    query = (
        sa.select(Notice, NoticeSending.state, CallLine.state)
        .join(NoticeSending, NoticeSending.notice_id == Notice.id)
        .outerjoin(CallLine, CallLine.notice_id == Notice.id)
        .where(Notice.about == about)
    )
    if after is not None:
        query = query.where(Notice.person_id > after)
    rows = session.execute(query.order_by(Notice.person_id).limit(limit))
    return [
        Reading(
            person_id=row[0].person_id,
            at=row[0].at,
            read_at=row[0].read_at,
            sending=SendState(row[1]),
            line=LineState(row[2]) if row[2] else None,
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """When somebody was told something, and when they read it."""

    at: datetime
    read_at: datetime | None


def own_of(session: Session, person_id: UUID, abouts: Collection[str]) -> dict[str, Own]:
    """Of these things those that one person was told of."""
    query = sa.select(Notice.about, Notice.at, Notice.read_at).where(
        Notice.person_id == person_id, Notice.about.in_(abouts)
    )
    return {row.about: Own(at=row.at, read_at=row.read_at) for row in session.execute(query)}


def count_readings(session: Session, about: str) -> tuple[int, int]:
    """How many were told of this, and how many of them have read it."""
    told, read = sa.func.count(), sa.func.count(Notice.read_at)
    row = session.execute(sa.select(told, read).where(Notice.about == about)).one()
    return row[0], row[1]


def count_unread(session: Session, person_id: UUID) -> int:
    query = sa.select(sa.func.count()).select_from(Notice)
    found = session.scalar(query.where(Notice.person_id == person_id, Notice.read_at.is_(None)))
    return found or 0


def notices_of(session: Session, notice_ids: Collection[UUID]) -> dict[UUID, Notice]:
    rows = session.scalars(sa.select(Notice).where(Notice.id.in_(notice_ids)))
    return {notice.id: notice for notice in rows}


def lock_due(session: Session, *, now: datetime) -> NoticeSending | None:
    """A notice that is due to be sent, which nobody else is at."""
    query = sa.select(NoticeSending).where(
        NoticeSending.state == SendState.WAITING, NoticeSending.due_at <= now
    )
    first = query.order_by(NoticeSending.due_at, NoticeSending.id).limit(1)
    return session.scalar(first.with_for_update(skip_locked=True))


def lock_stale(session: Session, *, before: datetime, limit: int) -> list[NoticeSending]:
    """What somebody began to send and never said how it ended."""
    query = sa.select(NoticeSending).where(
        NoticeSending.state == SendState.SENDING, NoticeSending.changed_at < before
    )
    return list(session.scalars(query.limit(limit).with_for_update(skip_locked=True)))


def lines_within(session: Session, reach: Reach, *, limit: int) -> list[CallLine]:
    """Whom somebody has to reach, the longest waiting first."""
    query = sa.select(CallLine).where(CallLine.state == LineState.OPEN, _within(reach))
    return list(session.scalars(query.order_by(CallLine.id).limit(limit)))


def lock_line(session: Session, line_id: UUID, *, reach: Reach) -> CallLine | None:
    query = sa.select(CallLine).where(CallLine.id == line_id, _within(reach))
    return session.scalar(query.with_for_update(key_share=True))


def tries_of(session: Session, line_ids: Collection[UUID]) -> dict[UUID, list[CallTry]]:
    """What was tried for each line, in order."""
    rows = session.scalars(
        sa.select(CallTry).where(CallTry.line_id.in_(line_ids)).order_by(CallTry.id)
    )
    found: dict[UUID, list[CallTry]] = {}
    for row in rows:
        found.setdefault(row.line_id, []).append(row)
    return found


def _within(reach: Reach) -> sa.ColumnElement[bool]:
    return sa.or_(
        CallLine.community_id.in_(reach.communities), CallLine.person_id.in_(reach.people)
    )
