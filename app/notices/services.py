"""What people have read, and reaching those whom WeChat does not reach."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import tidying
from app.core.db import add, get
from app.core.telling import Telling
from app.core.telling import notify_many as tell_each
from app.core.telling.models import Notice, NoticeSending
from app.core.vault import Vault
from app.households import queries as households
from app.households.services import path_of_person
from app.identity import disclosing, units
from app.identity.queries import Reach
from app.identity.roles import Permission, Principal
from app.notices import queries
from app.notices.errors import LineClosed, LineUnknown, MessageUnknown, StepPassed
from app.notices.kinds import LineState, Outcome, Step
from app.notices.models import CallLine, CallTry

KEPT = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Somebody who is told something, and where they belong."""

    person_id: UUID
    community_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Circular:
    """What many are told in the same words, each of them once."""

    template: str
    about: str
    words: Mapping[str, str]
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A try at reaching somebody, by whoever made it."""

    line_id: UUID
    step: Step
    outcome: Outcome


def notify_many(
    session: Session, people: Sequence[Addressee], circular: Circular, *, now: datetime
) -> int:
    """Tell many people the same at once; how many of them had not been told before."""
    tellings = [
        Telling(
            person_id=one.person_id,
            template=circular.template,
            about=circular.about,
            words=circular.words,
            path=circular.path,
        )
        for one in people
    ]
    return tell_each(session, tellings, now=now)


def read_about(session: Session, *, person_id: UUID, about: str, now: datetime) -> None:
    """The person has read what this was about, where it is told in full; nobody need call."""
    read = (
        sa.update(Notice)
        .where(Notice.person_id == person_id, Notice.about == about, Notice.read_at.is_(None))
        .values(read_at=now)
        .returning(Notice.id)
    )
    _close_lines(session, person_id, session.scalars(read).all(), now=now)


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
    _close_lines(session, person_id, ids, now=now)
    return len(ids)


def forget_old(session: Session, *, now: datetime) -> int:
    """Let go of some notices of more than a year ago, and of whatever became of them."""
    old = sa.select(Notice.id).where(Notice.at < now - KEPT).order_by(Notice.at)
    ids = session.scalars(old.limit(tidying.AT_ONCE)).all()
    lines = sa.select(CallLine.id).where(CallLine.notice_id.in_(ids))
    for gone in (
        sa.delete(CallTry).where(CallTry.line_id.in_(lines)),
        sa.delete(CallLine).where(CallLine.notice_id.in_(ids)),
        sa.delete(NoticeSending).where(NoticeSending.notice_id.in_(ids)),
        sa.delete(Notice).where(Notice.id.in_(ids)),
    ):
        session.execute(gone, execution_options={"synchronize_session": False})
    return len(ids)


def reach_of(
    session: Session, me: Principal, permission: Permission = Permission.CALL_LIST
) -> Reach:
    """Whom this member of staff has to reach: whole communities, or the people of a grid."""
    tops = me.units_with(permission)
    below = [unit_id for unit_id, _name, _depth in units.list_below(session, tops)]
    return Reach(communities=below, people=households.people_in(session, below))


def number_to_call(
    session: Session, vault: Vault, line_id: UUID, *, me: Principal, now: datetime
) -> str:
    """The number to ring for a line that is open, shown to whoever has to call; written down."""
    line = _to_reach(session, line_id, reach_of(session, me, Permission.CALL_DIAL))
    path = path_of_person(session, line.person_id, line.community_id)
    return disclosing.to_call(session, vault, me=me, person_id=line.person_id, path=path, at=now)


def record_try(session: Session, tried: Tried, *, me: Principal, now: datetime) -> CallLine:
    """Somebody called or went there. A call that reaches nobody leads to a visit."""
    line = _to_reach(session, tried.line_id, reach_of(session, me))
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


def _to_reach(session: Session, line_id: UUID, reach: Reach) -> CallLine:
    """A line of one's own list, held; a closed one says nothing any more."""
    line = queries.lock_line(session, line_id, reach=reach)
    if line is None:
        raise LineUnknown("没有找到这一条，请刷新名单。")
    if line.state != LineState.OPEN:
        raise LineClosed("这位居民已经通知到了，不用再联系。请刷新名单。")
    return line


def _close_lines(
    session: Session, person_id: UUID, notice_ids: Sequence[UUID], *, now: datetime
) -> None:
    if not notice_ids:
        return
    session.execute(
        sa.update(CallLine)
        .where(
            CallLine.person_id == person_id,
            CallLine.state == LineState.OPEN,
            CallLine.notice_id.in_(notice_ids),
        )
        .values(state=LineState.READ, closed_at=now)
    )
