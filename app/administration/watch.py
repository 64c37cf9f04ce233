"""The audit log as one auditor may read it: their subtrees, by the days of their city."""

from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.audit import reading
from app.core.audit.models import AuditEntry
from app.core.audit.reading import Count, Wanted
from app.core.paging import Page
from app.identity import units
from app.identity.disclosing import CALLING, UNMASK
from app.identity.roles import Permission, Principal

DAYS_SHOWN = 7


def list_entries(  # noqa: PLR0913 - what an auditor may ask for
    session: Session,
    me: Principal,
    *,
    action: str | None = None,
    person_id: UUID | None = None,
    since: date | None = None,
    until: date | None = None,
    cursor: str | None = None,
    limit: int,
) -> Page[AuditEntry]:
    """Some entries, the newest first; both days are counted."""
    wanted = Wanted(
        scopes=_scopes(session, me),
        action=action,
        person_id=person_id,
        since=None if since is None else _midnight(since, me.zone),
        until=None if until is None else _midnight(until + timedelta(days=1), me.zone),
    )
    return reading.list_entries(session, wanted, cursor=cursor, limit=limit)


def count_calls(session: Session, me: Principal, *, today: date) -> list[Count]:
    """How often staff looked up a number to call this week, by day and person."""
    wanted = Wanted(
        scopes=_scopes(session, me),
        action=UNMASK,
        since=_midnight(today - timedelta(days=DAYS_SHOWN - 1), me.zone),
    )
    return reading.count_by_day(session, wanted, reason=CALLING, zone=me.zone)


def _scopes(session: Session, me: Principal) -> sa.Select[tuple[UUID]] | None:
    """Who reads for the whole city reads also what belongs to no unit, such as sign-ins."""
    tops = me.units_with(Permission.AUDIT_READ)
    whole = any(len(units.path_of(session, top)) == 1 for top in tops)
    return None if whole else units.below(session, tops)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(zone))
