"""What the worker does for notices: send what is due, one at a time."""

import logging
from collections.abc import Iterable

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.core import clock, edges, tenancy, tidying
from app.core.db import transaction
from app.notices import outbox, services
from app.notices.outbox import Sendable
from app.wechat.extension import super_apps

MOST = 500  # in one go of one tenant: the others wait meanwhile

log = logging.getLogger(__name__)


def send_waiting() -> int:
    """Send every notice that is due, tenant by tenant.

    Rung by whoever tells, and swept regardless. It takes no data: what there is to do stands in
    the database.
    """
    with transaction(None) as session:
        tenants = tenancy.list_tenants(session)
    return sum(send_of_tenant(tenant.id) for tenant in tenants)


def send_of_tenant(tenant_id: int) -> int:
    """The due notices of one tenant; what one tenant cannot, the others need not wait for."""
    dealt_with = 0
    try:
        with transaction(tenant_id) as session:
            outbox.give_up_stale(session, now=clock.now())
        while dealt_with < MOST and _send_one(tenant_id):
            dealt_with += 1
    except SQLAlchemyError as error:
        _tell(tenant_id, error)
    return dealt_with


def forget_old(tenant_ids: Iterable[int]) -> None:
    """Let go of what was told long ago, tenant by tenant."""

    def forget(session: Session) -> int:
        return services.forget_old(session, now=clock.now())

    tidying.in_each(tenant_ids, forget)


def _send_one(tenant_id: int) -> bool:
    """Take one, send it while no connection is held, and write down what became of it."""
    with transaction(tenant_id) as session:
        found = outbox.take_due(session, edges.vault(), super_apps(), now=clock.now())
    if not isinstance(found, Sendable):
        return found
    delivery = found.super_app.notify(found.subject, found.message)
    with transaction(tenant_id) as session:
        outbox.conclude(session, found, delivery, now=clock.now())
    return True


def _tell(tenant_id: int, error: Exception) -> None:
    log.error("notices not sent", exc_info=error, extra={"tenant": tenant_id})
