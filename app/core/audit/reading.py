"""Reading the audit log. Nothing here writes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import paging
from app.core.audit.models import AuditEntry
from app.core.audit.records import DONE
from app.core.paging import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which entries: of an action or all that begin with it, about or by a person, in a time.

    `scopes` is a query of the units they may lie in; without one it is all, and what has none.
    """

    scopes: sa.Select[tuple[UUID]] | None
    action: str | None = None
    person_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


def list_entries(
    session: Session, wanted: Wanted, *, cursor: str | None, limit: int
) -> Page[AuditEntry]:
    """Some entries, the newest first."""
    query = sa.select(AuditEntry).where(*_conditions(wanted))
    after = paging.decode(cursor, (paging.whole,))
    if after is not None:
        query = query.where(AuditEntry.seq < after[0])
    rows = session.scalars(query.order_by(AuditEntry.seq.desc()).limit(limit + 1)).all()
    return paging.page(rows, limit=limit, key=lambda row: (str(row.seq),))


def list_actions(session: Session) -> list[str]:
    """Every action there is an entry of."""
    return list(
        session.scalars(sa.select(AuditEntry.action).distinct().order_by(AuditEntry.action))
    )


@dataclass(frozen=True, slots=True)
class Count:
    """How often somebody did something on a civil day."""

    day: date
    actor_id: UUID | None
    times: int


def count_by_day(session: Session, wanted: Wanted, *, reason: str, zone: str) -> list[Count]:
    """How often each person did it for that reason, day by day: the latest and most first."""
    day = sa.cast(sa.func.timezone(zone, AuditEntry.at), sa.Date)
    times = sa.func.count()
    query = (
        sa.select(day, AuditEntry.actor_id, times)
        .where(*_conditions(wanted), AuditEntry.reason == reason, AuditEntry.result == DONE)
        .group_by(day, AuditEntry.actor_id)
        .order_by(day.desc(), times.desc(), AuditEntry.actor_id)
    )
    return [Count(*row) for row in session.execute(query)]


def _conditions(wanted: Wanted) -> Iterator[sa.ColumnElement[bool]]:
    if wanted.scopes is not None:
        yield AuditEntry.scope_id.in_(wanted.scopes)
    if wanted.action is not None:
        begins = AuditEntry.action.startswith(f"{wanted.action}.", autoescape=True)
        yield sa.or_(AuditEntry.action == wanted.action, begins)
    if wanted.person_id is not None:
        about = AuditEntry.subject_id == wanted.person_id
        yield sa.or_(AuditEntry.actor_id == wanted.person_id, about)
    if wanted.since is not None:
        yield AuditEntry.at >= wanted.since
    if wanted.until is not None:
        yield AuditEntry.at < wanted.until
