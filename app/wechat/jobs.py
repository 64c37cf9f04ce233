"""What the worker does with the events WeChat has told us."""

import logging
from collections.abc import Iterable

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.core import clock, tenancy, tidying
from app.core.db import transaction
from app.wechat import services

AT_ONCE = 100

log = logging.getLogger(__name__)


def work_off_events() -> int:
    """Let every event that waits take effect, tenant by tenant.

    Rung by the callback, and swept regardless. It takes no data: what there is to do stands in
    the database, and each event is worked off by one, once.
    """
    with transaction(None) as session:
        tenants = tenancy.list_tenants(session)
    return sum(work_off_tenant(tenant.id) for tenant in tenants)


def work_off_tenant(tenant_id: int) -> int:
    """The events of one tenant; what one tenant cannot, the others need not wait for."""
    done = 0
    try:
        while True:
            with transaction(tenant_id) as session:
                some = services.work_off(session, now=clock.now(), limit=AT_ONCE)
            done += some
            if some < AT_ONCE:
                return done
    except SQLAlchemyError as error:
        _tell(tenant_id, error)
        return done


def _tell(tenant_id: int, error: Exception) -> None:
    log.error("events not worked off", exc_info=error, extra={"tenant": tenant_id})


def forget_events(tenant_ids: Iterable[int]) -> None:
    """Let go of events that took effect long ago, tenant by tenant."""

    def forget(session: Session) -> int:
        return services.forget_events(session, now=clock.now())

    tidying.in_each(tenant_ids, forget)
