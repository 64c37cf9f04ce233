"""What the worker does for activities: tell of them, keep queues moving, settle what is done.

Each is rung by whoever makes it due and swept regardless; none takes data.
"""

import logging
from collections.abc import Callable, Iterable

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.activities import announcing, checking, closing, enrolling, letting_go, lifecycle, proving
from app.core import clock, edges, tenancy, tidying
from app.core.db import transaction
from app.core.queue import ring_after_commit
from app.core.tenancy import Tenant
from app.identity.texts import verdict_on
from app.ledger import jobs as ledger_jobs
from app.wechat.superapp import Scene

AT_ONCE = 50  # activities whose queues move in one transaction
CLOSED_AT_ONCE = 200  # attendances of people who forgot to check out
MOST_BATCHES = 40  # of one tenant in one go: the others wait meanwhile

log = logging.getLogger(__name__)


def go_on() -> int:
    """Do for every tenant what is due; what one cannot, the others need not wait for."""
    with transaction(None) as session:
        tenants = tenancy.list_tenants(session)
    return sum(go_on_in(tenant) for tenant in tenants)


def go_on_in(tenant: Tenant) -> int:
    """Do what is due in one tenant; the answer counts batches, activities and words."""
    return move_on_in(tenant) + check_words_of(tenant)


def move_on() -> int:
    """The same where WeChat cannot be asked yet: the words of people wait."""
    with transaction(None) as session:
        tenants = tenancy.list_tenants(session)
    return sum(move_on_in(tenant) for tenant in tenants)


def move_on_in(tenant: Tenant) -> int:
    """Do what is due in one tenant, but for the words that wait to be looked at."""
    done = 0
    try:
        for step in STEPS:
            done += _repeat(step, tenant)
        with transaction(tenant.id) as session:
            done += lifecycle.settle_verified(session, now=clock.now())
    except SQLAlchemyError as error:
        _tell(tenant.id, error)
    return done


def check_words() -> int:
    """Have the words that wait looked at, tenant by tenant; what fails is for the staff."""
    with transaction(None) as session:
        tenants = tenancy.list_tenants(session)
    return sum(check_words_of(tenant) for tenant in tenants)


def check_words_of(tenant: Tenant) -> int:
    """Those of one tenant; what one tenant cannot, the others need not wait for."""
    try:
        return _repeat(_check_one, tenant)
    except SQLAlchemyError as error:
        _tell(tenant.id, error)
        return 0


def _check_one(tenant: Tenant) -> int:
    """Take what was written, ask while no connection is held, and write down what was said."""
    with transaction(tenant.id) as session:
        written = checking.take(session, edges.vault())
    if written is None:
        return 0
    verdict = verdict_on(written.words, written.accounts, scene=Scene.COMMENT)
    with transaction(tenant.id) as session:
        checking.conclude(session, written, verdict)
    return 1


def _repeat(step: Callable[[Tenant], int], tenant: Tenant) -> int:
    """Batch by batch until nothing is left of it."""
    done = 0
    for _ in range(MOST_BATCHES):
        batch = step(tenant)
        if not batch:
            break
        done += batch
    return done


def _tell_batch(tenant: Tenant) -> int:
    with transaction(tenant.id) as session:
        row = announcing.take_waiting(session)
        if row is None:
            return 0
        announcing.tell_batch(session, row, zone=tenant.zone, now=clock.now())
    return 1


def _move_queues(tenant: Tenant) -> int:
    with transaction(tenant.id) as session:
        return enrolling.move_on(session, zone=tenant.zone, now=clock.now(), limit=AT_ONCE)


def _close_forgotten(tenant: Tenant) -> int:
    with transaction(tenant.id) as session:
        return closing.close_forgotten(
            session, zone=tenant.zone, now=clock.now(), limit=CLOSED_AT_ONCE
        )


def _count_unconfirmed(tenant: Tenant) -> int:
    with transaction(tenant.id) as session:
        return closing.count_unconfirmed(
            session, zone=tenant.zone, now=clock.now(), limit=CLOSED_AT_ONCE
        )


def _hold_denied(tenant: Tenant) -> int:
    with transaction(tenant.id) as session:
        return proving.hold_denied(session, limit=CLOSED_AT_ONCE)


def _tell_proved(tenant: Tenant) -> int:
    with transaction(tenant.id) as session:
        told = proving.tell_proved(session, zone=tenant.zone, now=clock.now(), limit=CLOSED_AT_ONCE)
        if told:
            ring_after_commit(session, ledger_jobs.settle_waiting)
        return told


STEPS = (
    _tell_batch,
    _move_queues,
    _close_forgotten,
    _hold_denied,
    _count_unconfirmed,
    _tell_proved,
)


def forget_proofs(tenant_ids: Iterable[int]) -> None:
    """Let go of what old slips and documents say of people."""

    def forget(session: Session) -> int:
        return letting_go.forget_proofs(session, now=clock.now(), limit=tidying.AT_ONCE)

    tidying.in_each(tenant_ids, forget)


def forget_refused(tenant_ids: Iterable[int]) -> None:
    """Let go of tries to come or go that came to nothing long ago."""

    def forget(session: Session) -> int:
        return closing.forget_refused(session, now=clock.now(), limit=tidying.AT_ONCE)

    tidying.in_each(tenant_ids, forget)


def _tell(tenant_id: int, error: Exception) -> None:
    log.error("activities not gone on with", exc_info=error, extra={"tenant": tenant_id})
