"""What people write is read by nobody else before it was looked at: by the platform, or by staff.

Whatever the platform does not pass, and whatever it could not be asked about, waits for somebody
who looks after the activity. A tenant without a mini-program has only them.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.activities.answering import BY, readable
from app.activities.arrival_models import Feedback
from app.activities.errors import FeedbackUnknown, OwnFeedback, WordsDecided
from app.activities.kinds import WordsState
from app.activities.models import Activity
from app.core import audit, masking
from app.core.db import get
from app.core.paging import Page, decode, instant, page
from app.core.vault import Vault
from app.identity import elsewhere
from app.identity import queries as identity
from app.identity.elsewhere import Known
from app.identity.roles import Principal
from app.organisation import queries as organisation
from app.wechat.superapp import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Words that nobody has looked at yet, and as whom their writer is known elsewhere."""

    feedback_id: UUID
    given_at: datetime
    words: str = field(repr=False)
    accounts: list[Known] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What somebody of the staff decides about words that wait."""

    feedback_id: UUID
    show: bool
    reason: str


def take(session: Session, vault: Vault) -> Written | None:
    """The words that wait longest to be checked. Two may take the same: they ask twice, no more."""
    query = sa.select(Feedback.id, Feedback.given_at, Feedback.words, Feedback.person_id).where(
        Feedback.words_state == WordsState.CHECKING.value
    )
    row = session.execute(query.order_by(Feedback.given_at, Feedback.id).limit(1)).first()
    if row is None:
        return None
    assert row.given_at is not None  # there are words
    return Written(
        feedback_id=row.id,
        given_at=row.given_at,
        words=row.words,
        accounts=elsewhere.accounts_of(session, vault, row.person_id),
    )


def conclude(session: Session, written: Written, verdict: Verdict) -> None:
    """Write down what came of the check, unless the words have changed meanwhile."""
    state = WordsState.SHOWN if verdict is Verdict.PASS else WordsState.WAITING
    still = sa.update(Feedback).where(
        Feedback.id == written.feedback_id,
        Feedback.words_state == WordsState.CHECKING.value,
        Feedback.words == written.words,
    )
    session.execute(still.values(words_state=state.value))


def to_look_at(
    session: Session, *, me: Principal, cursor: str | None, limit: int
) -> Page[dict[str, Any]]:
    """What waits in the communities that somebody looks after, the longest waiting first."""
    communities = organisation.communities_under(session, me.units_with(BY))
    query = (
        sa.select(Feedback, Activity.title)
        .join(Activity, Activity.id == Feedback.activity_id)
        .where(
            Feedback.words_state == WordsState.WAITING.value,
            Activity.community_id.in_(communities),
        )
    )
    if after := decode(cursor, (instant, UUID)):
        query = query.where(sa.tuple_(Feedback.given_at, Feedback.id) > sa.tuple_(*after))
    rows = session.execute(query.order_by(Feedback.given_at, Feedback.id).limit(limit + 1)).all()
    names = identity.names_of(session, {row.Feedback.person_id for row in rows})
    found = [
        {
            "id": row.Feedback.id,
            "activity_id": row.Feedback.activity_id,
            "title": row.title,
            "name_masked": _masked(names[row.Feedback.person_id]),
            "words": row.Feedback.words,
            "given_at": row.Feedback.given_at,
            "own": row.Feedback.person_id == me.person_id,
        }
        for row in rows
    ]
    return page(found, limit=limit, key=lambda one: (one["given_at"].isoformat(), str(one["id"])))


def _masked(name: str) -> str:
    """As others see it; a sealed one is shown masked already."""
    return name if "*" in name else masking.name(name)


def decide(session: Session, look: Look, *, me: Principal, now: datetime) -> Feedback:
    """Show words that wait, or hide them: whoever wrote them sees why. Nobody decides their own."""
    row = get(session, Feedback, look.feedback_id, lock=True)
    activity = get(session, Activity, row.activity_id) if row else None
    path = organisation.path_of(session, activity.community_id) if activity else ()
    known = row is not None and row.given_at is not None
    if row is None or activity is None or not known or not me.may(BY, path):
        raise FeedbackUnknown("没有找到这条反馈，请刷新后查看。")
    if row.words_state != WordsState.WAITING:
        raise WordsDecided("这条反馈现在不用人工审核，可能已经有人处理过，请刷新后查看。")
    if row.person_id == me.person_id:
        raise OwnFeedback("不能审核自己写的话，请另一位工作人员处理。")
    row.words_state = (WordsState.SHOWN if look.show else WordsState.HIDDEN).value
    row.looked_by, row.looked_at, row.looked_for = me.person_id, now, look.reason
    session.flush()
    audit.record(
        session,
        actor=me.actor(BY, path),
        action="feedback.show" if look.show else "feedback.hide",
        subject=("feedback", row.id),
        scope=activity.community_id,
        at=now,
        reason=look.reason,
    )
    return row


def as_read(row: Feedback) -> dict[str, Any]:
    """A feedback as the staff of its activity read it."""
    fields = ("id", "activity_id", "rating", "words_state", "given_at", "answer", "answered_at")
    return {**{name: getattr(row, name) for name in fields}, "words": readable(row)}
