"""What the sweeper does for numbers that wait: those nobody checked in time are let go of."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from app.core import clock, tidying
from app.phones import services


def let_lapse(tenant_ids: Iterable[int]) -> None:
    """Tenant by tenant."""

    def lapse(session: Session) -> int:
        return services.lapse_some(session, now=clock.now())

    tidying.in_each(tenant_ids, lapse)
