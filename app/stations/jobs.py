"""What the worker and the sweeper do for stations."""

import logging
from collections.abc import Iterable

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.core import clock, tenancy, tidying
from app.core.db import transaction
from app.stations import counting, photos

log = logging.getLogger(__name__)


def check_photos() -> int:
    """Have new photos looked at, and hear what was said of those before, tenant by tenant.

    Rung by whoever uploads, and swept regardless. A photo of the staff is shown meanwhile; one
    that is risky is not shown any more.
    """
    with transaction(None) as session:
        tenants = tenancy.list_tenants(session)
    return sum(check_photos_of(tenant.id) for tenant in tenants)


def check_photos_of(tenant_id: int) -> int:
    """Those of one tenant; what one tenant cannot, the others need not wait for."""
    try:
        return photos.OURS.check(tenant_id)
    except SQLAlchemyError as error:
        _tell(tenant_id, error)
        return 0


def _tell(tenant_id: int, error: Exception) -> None:
    log.error("photos not checked", exc_info=error, extra={"tenant": tenant_id})


def forget_marks(tenant_ids: Iterable[int]) -> None:
    """Let go of what guests' phones were counted by, tenant by tenant."""

    def forget(session: Session) -> int:
        return counting.forget_marks(session, now=clock.now(), limit=tidying.AT_ONCE)

    tidying.in_each(tenant_ids, forget)
