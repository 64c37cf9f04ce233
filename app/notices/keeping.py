"""What is kept of what a person was told."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.keeping import Keeping
from app.core.telling.models import Notice
from app.core.telling.templates import templates
from app.notices.kinds import LineState
from app.notices.models import CallLine, CallTry


def _messages(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    """Every message, the earliest first."""
    query = sa.select(Notice).where(Notice.person_id == person_id)
    for notice in session.scalars(query.order_by(Notice.id)):
        template = templates()[notice.template]
        yield {
            "at": notice.at,
            "title": template.title,
            "text": template.said(notice.words),
            "read_at": notice.read_at,
        }


def _calls(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    """Every try to tell them otherwise, and each line on which nobody has called yet."""
    query = (
        sa.select(CallLine, CallTry.step, CallTry.outcome, CallTry.tried_by, CallTry.at)
        .outerjoin(CallTry, CallTry.line_id == CallLine.id)
        .where(CallLine.person_id == person_id)
        .order_by(CallLine.created_at, CallLine.id, CallTry.at)
    )
    for line, step, outcome, by, at in session.execute(query):
        yield {
            "since": line.created_at,
            "state": line.state,
            "closed_at": line.closed_at,
            "step": step or line.step,
            "outcome": outcome,
            "by": by,
            "at": at,
        }


def _forget_messages(session: Session, person_id: UUID, now: datetime) -> None:
    """That something was told stays; in which words does not, and nobody calls any more."""
    theirs = sa.update(Notice).where(Notice.person_id == person_id)
    session.execute(theirs.values(words={}, path="/messages"))
    session.execute(
        sa.update(CallLine)
        .where(CallLine.person_id == person_id, CallLine.state == LineState.OPEN)
        .values(state=LineState.READ, closed_at=now)
    )


KEEPINGS = (
    Keeping(
        key="messages",
        own=False,
        title="给您的消息",
        why="让您随时查到通知过您什么，微信没有送到的由社区打电话告诉您",
        until="保存一年，您注销时内容立即清除",
        export=_messages,
        forget=_forget_messages,
    ),
    Keeping(
        key="calls",
        own=False,
        title="给您打的电话和上门",
        why="微信没有送到的，由社区打电话或上门告诉您，记下谁在什么时候联系过您",
        until="保存一年，不含号码和说了什么",
        export=_calls,
    ),
)
