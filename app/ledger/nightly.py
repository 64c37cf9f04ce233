"""The work of the night: what nobody came for is free again, points lapse, the books are checked.

Each part can be done again, and beside everything else. A night that was missed is made up for:
the next one does whatever has fallen due by then.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.core import clock
from app.core.db import one_snapshot, tenant_of, transaction
from app.core.ids import new_id
from app.core.tenancy import Tenant
from app.ledger import reminders, services
from app.ledger.models import NightlyRun
from points_engine import PointsError
from points_engine.postgres import Invariant, Violation, verify

BEGINS_AFTER = timedelta(minutes=10)  # of midnight: what was under way then has come in
GIVEN_UP_AFTER = timedelta(hours=1)  # whoever had begun and not finished by then has died

Said = Callable[[str], None]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """What one night's work did in one tenant."""

    holds: int
    lots: int
    points: int
    broken: tuple[Violation, ...]


def run_due(
    tenants: Iterable[Tenant], invariants: Iterable[Invariant], *, now: datetime
) -> list[Night]:
    """Do tonight's work wherever nobody has, tenant by tenant.

    What one tenant cannot, the others need not wait for; it is tried again after an hour.
    """
    invariants = tuple(invariants)
    nights = [run_if_due(tenant, invariants, now=now) for tenant in tenants]
    return [night for night in nights if night is not None]


def run_if_due(tenant: Tenant, invariants: tuple[Invariant, ...], *, now: datetime) -> Night | None:
    """Do a tenant's work of tonight, unless it is done or somebody is at it."""
    day = clock.civil_day(now - BEGINS_AFTER, tenant.zone)
    try:
        with transaction(tenant.id) as session:
            is_ours = claim(session, day=day, now=now)
        return run(tenant, invariants, on=day, now=now) if is_ours else None
    except (PointsError, SQLAlchemyError) as error:
        _tell(tenant.id, error)
        return None


def run(
    tenant: Tenant,
    invariants: Iterable[Invariant],
    *,
    on: date,
    now: datetime,
    say: Said = lambda _: None,
) -> Night:
    """Do all that is due in one tenant on a civil day, in short transactions of its own."""
    holds = _end_holds(tenant, on=on, now=now, say=say)
    lots, points = _expire(tenant, on=on, now=now, say=say)
    _remind(tenant, on=on, now=now, say=say)
    _tell_earned(tenant, on=on, now=now, say=say)
    say("checking the books")
    with transaction(tenant.id) as session:
        one_snapshot(session)
        broken = tuple(verify(session, tenant.id, invariants))
    for violation in broken:
        log.error(
            "invariant broken",
            extra={"tenant": tenant.id, "invariant": violation.name, "rows": violation.found},
        )
    with transaction(tenant.id) as session:
        note(session, day=on, now=now, broken={each.name: each.found for each in broken})
    did = {"holds": holds, "lots": lots, "points": points}
    log.info("night done", extra={"tenant": tenant.id, **did})
    return Night(**did, broken=broken)


def _remind(tenant: Tenant, *, on: date, now: datetime, say: Said) -> None:
    """Tell people what lapses in a month; the worker sends it with whatever else waits."""
    for last_day in reminders.last_days(on):
        with transaction(tenant.id) as session:
            ending = services.ending(session, last_day=last_day)
        for some in reminders.batches(ending):
            with transaction(tenant.id) as session:
                told = reminders.remind(session, some, last_day=last_day, now=now)
            say(f"told {told} people what lapses on {last_day}")


def _tell_earned(tenant: Tenant, *, on: date, now: datetime, say: Said) -> None:
    """Tell people what the days brought them that no night has told of yet."""
    with transaction(tenant.id) as session:
        told = session.scalar(
            sa.select(sa.func.max(NightlyRun.day)).where(
                NightlyRun.day < on, NightlyRun.finished_at.is_not(None)
            )
        )
    for day in reminders.days_to_tell(on, told=told):
        with transaction(tenant.id) as session:
            earned = services.earned(session, day=day, zone=tenant.zone)
        for some in reminders.batches(earned):
            with transaction(tenant.id) as session:
                reminders.tell_earned(session, some, day=day, now=now)
        say(f"told {len(earned)} people what {day} brought")


def claim(session: Session, *, day: date, now: datetime) -> bool:
    """Take a night's work upon oneself; False when it is done, or somebody is at it."""
    taken = insert(NightlyRun).values(
        tenant_id=tenant_of(session), id=new_id(), day=day, started_at=now
    )
    over = taken.on_conflict_do_update(
        index_elements=[NightlyRun.tenant_id, NightlyRun.day],
        set_={"started_at": now},
        where=sa.and_(
            NightlyRun.finished_at.is_(None), NightlyRun.started_at <= now - GIVEN_UP_AFTER
        ),
    )
    return session.scalar(over.returning(NightlyRun.id)) is not None


def note(session: Session, *, day: date, now: datetime, broken: Mapping[str, int]) -> None:
    """Write down that a night's work is done, whoever had begun it, and what was broken."""
    found = dict(broken)
    done = insert(NightlyRun).values(
        tenant_id=tenant_of(session),
        id=new_id(),
        day=day,
        started_at=now,
        finished_at=now,
        broken=found,
    )
    session.execute(
        done.on_conflict_do_update(
            index_elements=[NightlyRun.tenant_id, NightlyRun.day],
            set_={"finished_at": sa.func.greatest(NightlyRun.started_at, now), "broken": found},
        )
    )


def _tell(tenant_id: int, error: Exception) -> None:
    log.error("night failed", exc_info=error, extra={"tenant": tenant_id})


def _end_holds(tenant: Tenant, *, on: date, now: datetime, say: Said) -> int:
    ended = 0
    while True:
        with transaction(tenant.id) as session:
            some = services.lapse_holds(session, now=now, on=on)
        ended += some
        say(f"{ended} holds ended")
        if not some:
            return ended


def _expire(tenant: Tenant, *, on: date, now: datetime, say: Said) -> tuple[int, int]:
    lots = points = 0
    while True:
        with transaction(tenant.id) as session:
            batch = services.expire(session, on=on, now=now, zone=tenant.zone)
        lots, points = lots + batch.lots, points + batch.points
        say(f"{lots} lots lapsed, {points} points")
        if not batch.claimed:
            return lots, points
