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
from app.notices.models import CallLine


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
)
