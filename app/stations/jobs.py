"""What the sweeper does for stations."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from app.core import clock, tidying
from app.stations import counting


def forget_marks(tenant_ids: Iterable[int]) -> None:
    """Let go of what guests' phones were counted by, tenant by tenant."""

    def forget(session: Session) -> int:
        return counting.forget_marks(session, now=clock.now(), limit=tidying.AT_ONCE)

    tidying.in_each(tenant_ids, forget)
