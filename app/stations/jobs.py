"""What the worker and the sweeper do for stations."""

import logging
from collections.abc import Iterable

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.core import clock, edges, tenancy, tidying
from app.core.db import transaction
from app.identity.texts import ask_about
from app.stations import counting, photos
from app.wechat.superapp import Scene

MOST = 100  # in one go of one tenant: the others wait meanwhile

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
    done = 0
    try:
        while done < MOST and _ask_about_one(tenant_id):
            done += 1
        with transaction(tenant_id) as session:
            done += photos.hear_verdicts(session, now=clock.now(), limit=MOST)
    except SQLAlchemyError as error:
        _tell(tenant_id, error)
    return done


def _tell(tenant_id: int, error: Exception) -> None:
    log.error("photos not checked", exc_info=error, extra={"tenant": tenant_id})


def _ask_about_one(tenant_id: int) -> bool:
    """Take one, ask while no connection is held, and write down under which name."""
    with transaction(tenant_id) as session:
        photo = photos.take_unasked(session, edges.vault())
    if photo is None:
        return False
    path = photos.address_to_check(edges.keyring(), tenant_id=tenant_id, photo=photo)
    url = f"{edges.settings().public_url}{path}"
    trace_id = ask_about(url, photo.accounts, scene=Scene.SOCIAL_LOG)
    with transaction(tenant_id) as session:
        photos.asked(session, photo, trace_id, now=clock.now())
    return True


def forget_marks(tenant_ids: Iterable[int]) -> None:
    """Let go of what guests' phones were counted by, tenant by tenant."""

    def forget(session: Session) -> int:
        return counting.forget_marks(session, now=clock.now(), limit=tidying.AT_ONCE)

    tidying.in_each(tenant_ids, forget)
