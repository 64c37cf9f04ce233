"""What the sweeper does for identity: what is over, old whereabouts, browsers nobody waits at."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from app.core import clock, tidying
from app.core.db import transaction
from app.identity import sessions, web_logins, whereabouts


def forget(tenant_ids: Iterable[int]) -> None:
    """All three, tenant by tenant where they are of one."""
    tenant_ids = tuple(tenant_ids)
    forget_web_logins()
    forget_dead_sessions(tenant_ids)
    forget_whereabouts(tenant_ids)


def forget_whereabouts(tenant_ids: Iterable[int]) -> None:
    """Where people were is kept for thirty days, and no longer."""

    def forget_some(session: Session) -> int:
        return whereabouts.forget_old(session, now=clock.now())

    tidying.in_each(tenant_ids, forget_some)


def forget_web_logins() -> None:
    """Let go of the browsers nobody waits at any more; they are nobody's before they are seen."""
    with transaction(None) as session:
        web_logins.forget_old(session, now=clock.now())


def forget_dead_sessions(tenant_ids: Iterable[int]) -> None:
    """Let go of sessions that have been over for a month."""

    def forget_some(session: Session) -> int:
        return sessions.forget_dead(session, now=clock.now())

    tidying.in_each(tenant_ids, forget_some)
