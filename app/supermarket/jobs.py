"""What the sweeper does for the supermarket."""

import logging
from collections.abc import Iterable

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.core import clock, tenancy, tidying
from app.core.db import transaction
from app.core.tenancy import Tenant
from app.supermarket import issuing, lapsing
from points_engine import PointsError

MOST_IN_A_ROW = 500  # of one tenant, before the next has its turn

log = logging.getLogger(__name__)


def forget_dead_codes(tenant_ids: Iterable[int]) -> None:
    """Let go of redeem codes that lapsed unused, tenant by tenant."""

    def forget(session: Session) -> int:
        return issuing.forget_dead_codes(session, now=clock.now())

    tidying.in_each(tenant_ids, forget)


def look_after_reservations() -> int:
    """End what nobody came for and tell of what ends soon, tenant by tenant; how many ended.

    It takes no data: what there is to do stands in the database.
    """
    with transaction(None) as session:
        tenants = tenancy.list_tenants(session)
    return sum(look_after_tenant(tenant) for tenant in tenants)


def look_after_tenant(tenant: Tenant) -> int:
    """The reservations of one tenant; what one tenant cannot, the others need not wait for."""
    ended = 0
    try:
        with transaction(tenant.id) as session:
            lapsing.remind(session, now=clock.now(), zone=tenant.zone)
        while ended < MOST_IN_A_ROW and _lapse_one(tenant):
            ended += 1
    except (PointsError, SQLAlchemyError) as error:
        _tell(tenant.id, error)
    return ended


def _lapse_one(tenant: Tenant) -> bool:
    """One account a transaction: whoever held two would invent an order of their own."""
    with transaction(tenant.id) as session:
        return lapsing.lapse_one(session, now=clock.now(), zone=tenant.zone)


def _tell(tenant_id: int, error: Exception) -> None:
    log.error("reservations not looked after", exc_info=error, extra={"tenant": tenant_id})
