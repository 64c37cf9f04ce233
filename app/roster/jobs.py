"""What the sweeper does for the roster."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from app.core import clock, tidying
from app.roster import importing


def forget_unwanted(tenant_ids: Iterable[int]) -> None:
    """Let go of sheets that were checked and never taken over, tenant by tenant."""

    def forget(session: Session) -> int:
        return importing.forget_unwanted(session, now=clock.now())

    tidying.in_each(tenant_ids, forget)
