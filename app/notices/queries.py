"""Reading notices and the call list. Nothing here writes."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import paging
from app.core.paging import Page
from app.identity.queries import Reach
from app.notices.kinds import LineState, SendState
from app.notices.models import CallLine, CallTry, Notice, NoticeSending


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
