"""What the sweeper does for the supermarket."""

import logging
from collections.abc import Callable, Iterable
from contextlib import ExitStack

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.core import clock, tenancy, tidying
from app.core.db import transaction
from app.core.tenancy import Tenant
from app.supermarket import (
    issuing,
    lapsing,
    offline_queries,
    photos,
    reminders,
    shares,
    strays,
    vouchers,
)
from points_engine import PointsError

MOST_IN_A_ROW = 500  # of one tenant, before the next has its turn

log = logging.getLogger(__name__)


def forget_dead_codes(tenant_ids: Iterable[int]) -> None:
    """Let go of redeem codes that lapsed unused, tenant by tenant."""

    def forget(session: Session) -> int:
        return issuing.forget_dead_codes(session, now=clock.now())

    tidying.in_each(tenant_ids, forget)


def forget_strays(tenant_ids: Iterable[int]) -> None:
    """Let go of sales that were put aside and ended long ago, tenant by tenant."""

    def forget(session: Session) -> int:
        return strays.forget_closed(session, now=clock.now())

    tidying.in_each(tenant_ids, forget)


def look_after_reservations() -> int:
    """End what nobody came for or used, and tell of what ends soon; how many ended.

    It takes no data: what there is to do stands in the database.
    """
    with transaction(None) as session:
        tenants = tenancy.list_tenants(session)
    return sum(look_after_tenant(tenant) for tenant in tenants)


def look_after_tenant(tenant: Tenant) -> int:
    """Those of one tenant; what one tenant cannot, the others need not wait for.

    Nor does one of these deeds wait for another: each is tried, and what goes wrong with one in a
    way that nobody thought of is raised when all were.
    """
    deeds: dict[str, Callable[[Tenant], int]] = {
        "reservations not told of": _remind_of_reservations,
        "reservations not ended": _end_reservations,
        "vouchers not told of": _remind_of_vouchers,
        "vouchers not ended": _end_vouchers,
        "shares not let go of": lambda one: let_go_of_shares(one.id, one.zone),
    }
    ended: list[int] = []

    def try_(what: str) -> None:
        try:
            ended.append(deeds[what](tenant))
        except (PointsError, SQLAlchemyError) as error:
            _tell(tenant.id, error, what=what)

    with ExitStack() as each:
        for what in reversed(deeds):
            each.callback(try_, what)
    return sum(ended)


def _remind_of_reservations(tenant: Tenant) -> int:
    with transaction(tenant.id) as session:
        lapsing.remind(session, now=clock.now(), zone=tenant.zone)
    return 0


def _end_reservations(tenant: Tenant) -> int:
    ended = 0
    while ended < MOST_IN_A_ROW and _lapse_one(tenant):
        ended += 1
    return ended


def _remind_of_vouchers(tenant: Tenant) -> int:
    with transaction(tenant.id) as session:
        reminders.remind(session, now=clock.now(), zone=tenant.zone)
    return 0


def _end_vouchers(tenant: Tenant) -> int:
    with transaction(tenant.id) as session:
        return vouchers.expire(session, now=clock.now())


def check_photos() -> int:
    """Have new photos of goods looked at, and hear what was said of those before.

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
        _tell(tenant_id, error, what="photos not checked")
        return 0


def let_go_of_shares(tenant_id: int, zone: str) -> int:
    """Let people have again what no terminal will sell: of slices that are given back, or over.

    One account a transaction; what cannot be let go of does not keep back the others.
    """
    with transaction(tenant_id) as session:
        over = offline_queries.list_over(session, now=clock.now(), limit=MOST_IN_A_ROW)
    ended = 0
    for share_id in over:
        try:
            with transaction(tenant_id) as session:
                ended += shares.release(session, share_id, now=clock.now(), zone=zone)
        except (PointsError, SQLAlchemyError) as error:
            _tell(tenant_id, error, what="share not let go of")
    return ended


def _lapse_one(tenant: Tenant) -> bool:
    """One account a transaction: whoever held two would invent an order of their own."""
    with transaction(tenant.id) as session:
        return lapsing.lapse_one(session, now=clock.now(), zone=tenant.zone)


def _tell(tenant_id: int, error: Exception, *, what: str) -> None:
    log.error(what, exc_info=error, extra={"tenant": tenant_id})
