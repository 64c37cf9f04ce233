"""Telling people things, what they have read, and reaching those whom WeChat does not reach."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.db import add, claim, get
from app.households import queries as households
from app.identity import queries as identity
from app.identity import units
from app.identity.queries import Reach
from app.identity.roles import Permission, Principal
from app.notices import queries
from app.notices.errors import LineClosed, LineUnknown, MessageUnknown, StepPassed
from app.notices.kinds import LineState, Outcome, SendState, Step, templates
from app.notices.models import CallLine, CallTry, Notice, NoticeSending


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What a person is told: which notice, about which thing, in which words.

    The same person is told of the same thing once. `path` is the page that shows it.
    """

    person_id: UUID
    template: str
    about: str
    words: Mapping[str, str]
    path: str = "/messages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A try at reaching somebody, by whoever made it."""

    line_id: UUID
    step: Step
    outcome: Outcome


def notify(session: Session, telling: Telling, *, now: datetime) -> bool:
    """Tell somebody something, with what it tells of; False when they were told before.

    It stands in the app at once. WeChat follows when the worker gets to it.
    """
    gaps = templates()[telling.template].gaps
    assert gaps <= telling.words.keys(), "a notice has a word for each of its gaps"
    community_id = identity.community_of(session, telling.person_id)
    assert community_id is not None  # every person belongs somewhere
    notice = claim(
        session,
        Notice,
        person_id=telling.person_id,
        community_id=community_id,
        template=telling.template,
        about=telling.about,
        words=dict(telling.words),
        path=telling.path,
        at=now,
    )
    if notice is None:
        return False
    state = SendState.WAITING
    add(
        session,
        NoticeSending(notice_id=notice.id, state=state, tries=0, due_at=now, changed_at=now),
    )
    return True


def read_up_to(session: Session, *, person_id: UUID, notice_id: UUID, now: datetime) -> int:
    """The person has read this notice and those before it; nobody need call about them."""
    notice = get(session, Notice, notice_id)
    if notice is None or notice.person_id != person_id:
        raise MessageUnknown("没有找到这条消息，请返回“我的消息”刷新。")
    read = (
        sa.update(Notice)
        .where(Notice.person_id == person_id, Notice.id <= notice_id, Notice.read_at.is_(None))
        .values(read_at=now)
        .returning(Notice.id)
    )
    ids = session.scalars(read).all()
    session.execute(
        sa.update(CallLine)
        .where(
            CallLine.person_id == person_id,
            CallLine.state == LineState.OPEN,
            CallLine.notice_id.in_(ids),
        )
        .values(state=LineState.READ, closed_at=now)
    )
    return len(ids)


def reach_of(session: Session, me: Principal) -> Reach:
    """Whom this member of staff has to reach: whole communities, or the people of a grid."""
    tops = me.units_with(Permission.CALL_LIST)
    below = [unit_id for unit_id, _name, _depth in units.list_below(session, tops)]
    return Reach(communities=below, people=households.people_in(session, below))


def record_try(session: Session, tried: Tried, *, me: Principal, now: datetime) -> CallLine:
    """Somebody called or went there. A call that reaches nobody leads to a visit."""
    line = queries.lock_line(session, tried.line_id, reach=reach_of(session, me))
    if line is None:
        raise LineUnknown("没有找到这一条，请刷新名单。")
    if line.state != LineState.OPEN:
        raise LineClosed("这位居民已经通知到了，不用再联系。请刷新名单。")
    if line.step != tried.step:
        raise StepPassed("这一条已经到了下一步，请刷新名单后再登记。")
    add(
        session,
        CallTry(
            line_id=line.id,
            step=tried.step,
            outcome=tried.outcome,
            tried_by=me.person_id,
            at=now,
        ),
    )
    if tried.outcome is Outcome.REACHED:
        line.state, line.closed_at = LineState.REACHED, now
    else:
        line.step = Step.VISIT
    session.flush()
    return line
