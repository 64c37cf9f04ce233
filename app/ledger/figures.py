"""How settlement and the last night's checks stand, for whoever watches."""

from collections.abc import Iterator
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
    """What waits and for how long, what was set apart, and which promises were broken."""
    mine = QUEUE.c.tenant_id == tenant_of(session)
    waits = QUEUE.c.quarantined_at.is_(None)
    query = sa.select(
        sa.func.count().filter(waits),
        sa.func.min(QUEUE.c.not_before).filter(waits),
        sa.func.count().filter(sa.not_(waits)),
    )
    waiting, oldest, apart = session.execute(query.where(mine)).one()
    seconds = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
    for name, text, value, worst in (
        ("settlement_pending_events", "Facts that wait", waiting, False),
        ("settlement_oldest_pending_seconds", "The longest wait", seconds, True),
        ("settlement_dead_letter", "Facts set apart", apart, False),
    ):
        yield Figure(name=name, text=text, value=value, worst=worst)
    yield from _last_night(session, now)


def _last_night(session: Session, now: datetime) -> Iterator[Figure]:
    """What the last night's check found broken, and how long ago that was."""
    finished = sa.select(NightlyRun).where(NightlyRun.finished_at.is_not(None))
    night = session.scalars(finished.order_by(NightlyRun.day.desc()).limit(1)).first()
    if night is None or night.finished_at is None:
        return
    age = (now - night.finished_at).total_seconds()
    text = "Since the books were last checked"
    yield Figure(name="nightly_age_seconds", text=text, value=age, worst=True)
    for name, rows in night.broken.items():
        text, labels = "Rows that break a promise", (("oracle", name),)
        yield Figure(name="ledger_invariant_violations", text=text, value=rows, labels=labels)
    broken = any(name.startswith(AUDIT) for name in night.broken)
    text = "Chains of the audit log that are not whole"
    yield Figure(name="audit_chains_broken", text=text, value=float(broken))
