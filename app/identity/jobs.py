"""What the sweeper does for identity: where people were is kept for thirty days, and no longer."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from app.core import clock, tidying
from app.identity import whereabouts


def forget_whereabouts(tenant_ids: Iterable[int]) -> None:
    """Tenant by tenant."""

    def forget(session: Session) -> int:
        return whereabouts.forget_old(session, now=clock.now())

    tidying.in_each(tenant_ids, forget)
