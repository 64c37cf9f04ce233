"""What the worker does for the ledger."""

import logging
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from app.core import clock, tenancy
from app.core.db import transaction
from app.ledger import services
from points_engine import PointsError

log = logging.getLogger(__name__)


def settle_waiting() -> int:
    """Settle until nothing waits, tenant by tenant and community by community.

    Rung by writers, and swept regardless. It takes no data: what there is to do stands in
    the database, and doing it twice at once is as good as once.
    """
    with transaction(None) as session:
        tenants = tenancy.list_tenants(session)
    settled = sum(settle_tenant(tenant.id) for tenant in tenants)
    if settled:
        log.info("settled", extra={"settled": settled})
    return settled


def settle_tenant(tenant_id: int, *, limit: int = services.BATCH) -> int:
    """Settle what waits in one tenant, in batches of so many facts.

    What one community cannot, the others need not wait for.
    """
    try:
        with transaction(tenant_id) as session:
            communities = services.communities_waiting(session, now=clock.now())
        return sum(_settle_community(tenant_id, one, limit=limit) for one in communities)
    except SQLAlchemyError as error:
        _tell(tenant_id, error)
        return 0


def _settle_community(tenant_id: int, community_id: UUID, *, limit: int) -> int:
    settled = 0
    try:
        while True:
            with transaction(tenant_id) as session:
                now = clock.now()
                batch = services.settle(session, community_id=community_id, now=now, limit=limit)
            settled += batch.facts
            if batch.quarantined:
                log.error("facts set apart", extra={"quarantined": batch.quarantined})
            if batch.claimed < limit:
                return settled
    except (PointsError, SQLAlchemyError) as error:
        _tell(tenant_id, error)
        return settled


def _tell(tenant_id: int, error: Exception) -> None:
    log.error("settlement failed", exc_info=error, extra={"tenant": tenant_id})
