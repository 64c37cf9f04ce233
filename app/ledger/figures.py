"""How settlement and the last night's checks stand, for whoever watches."""

from collections.abc import Iterator, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.db import tenant_of
from app.core.metrics import Figure
from app.ledger.models import NightlyRun
from points_engine.postgres import metadata

QUEUE = metadata.tables["settle_queue"]
AUDIT = "the audit log"


def figures(session: Session, now: datetime) -> Iterator[Figure]:
    """What waits and for how long, what was set apart, and which promises were broken.

    In one statement: it is asked of every tenant, each time somebody watches.
    """
    asked = sa.select(*_QUEUE.c, *_NIGHT.c).select_from(_QUEUE.outerjoin(_NIGHT, sa.true()))
    found = session.execute(asked, {"tenant": tenant_of(session)}).one()
    waiting, oldest, apart, finished_at, broken = found
    seconds = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
    for name, text, value, worst in (
        ("settlement_pending_events", "Facts that wait", waiting, False),
        ("settlement_oldest_pending_seconds", "The longest wait", seconds, True),
        ("settlement_dead_letter", "Facts set apart", apart, False),
    ):
        yield Figure(name=name, text=text, value=value, worst=worst)
    if finished_at is not None:
        yield from _last_night(broken, (now - finished_at).total_seconds())


def _last_night(broken: Mapping[str, int], age: float) -> Iterator[Figure]:
    """What the last night's check found broken, and how long ago that was."""
    text = "Since the books were last checked"
    yield Figure(name="nightly_age_seconds", text=text, value=age, worst=True)
    for name, rows in broken.items():
        text, labels = "Rows that break a promise", (("oracle", name),)
        yield Figure(name="ledger_invariant_violations", text=text, value=rows, labels=labels)
    torn = any(name.startswith(AUDIT) for name in broken)
    text = "Chains of the audit log that are not whole"
    yield Figure(name="audit_chains_broken", text=text, value=float(torn))


_WAITS = QUEUE.c.quarantined_at.is_(None)
_QUEUE = (
    sa.select(
        sa.func.count().filter(_WAITS).label("waiting"),
        sa.func.min(QUEUE.c.not_before).filter(_WAITS).label("oldest"),
        sa.func.count().filter(sa.not_(_WAITS)).label("apart"),
    )
    .where(QUEUE.c.tenant_id == sa.bindparam("tenant", type_=sa.BigInteger()))
    .subquery("queue")
)
_NIGHT = (
    sa.select(NightlyRun.finished_at, NightlyRun.broken)
    .where(
        NightlyRun.tenant_id == sa.bindparam("tenant", type_=sa.BigInteger()),
        NightlyRun.finished_at.is_not(None),
    )
    .order_by(NightlyRun.day.desc())
    .limit(1)
    .subquery("night")
)
