"""What the sweeper does for the supermarket."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from app.core import clock, tidying
from app.supermarket import issuing


def forget_dead_codes(tenant_ids: Iterable[int]) -> None:
    """Let go of redeem codes that lapsed unused, tenant by tenant."""

    def forget(session: Session) -> int:
        return issuing.forget_dead_codes(session, now=clock.now())

    tidying.in_each(tenant_ids, forget)
