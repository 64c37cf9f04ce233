"""What becomes of points that are held for a terminal: paid with, or given back."""

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.clock import civil_day
from app.ledger import moving
from app.ledger.services import Paid
from app.supermarket import offline_queries
from app.supermarket.kinds import ShareState
from app.supermarket.models import OfflineShare, OfflineSlice
from points_engine import Capture, HoldEnded, Spending

SPARE = timedelta(days=2)  # the engine ends a hold by itself only where no sweeper has


def release(session: Session, share_id: UUID, *, now: datetime, zone: str) -> bool:
    """Let go of a share that nobody will use; False where somebody is at it, or was before."""
    share = offline_queries.lock_over(session, share_id, now=now)
    if share is None:
        return False
    let_go(session, share, now=now, zone=zone)
    return True


def let_go(session: Session, share: OfflineShare, *, now: datetime, zone: str) -> None:
    """Give back what a share holds; what the engine has ended by itself is recorded as ended."""
    with suppress(HoldEnded):
        moving.release(session, reference(share.id), at=now, on=civil_day(now, zone))
    share.state, share.ended_at = ShareState.RELEASED.value, now
    session.flush()


def capture(session: Session, spending: Spending) -> Paid:
    """Out of what is held for the terminal; the rest is free again."""
    return moving.capture(
        session,
        Capture(
            reference=spending.reference,
            amount=spending.amount,
            occurred_on=spending.occurred_on,
            booked_at=spending.booked_at,
            actor_id=spending.actor_id,
            reason=spending.reason,
        ),
    )


def held_until(row: OfflineSlice) -> datetime:
    """From when on the engine lets nobody pay with what is held."""
    return row.kept_until + SPARE


def reference(share_id: UUID) -> str:
    """What the points engine calls it: the name of the redemption it becomes."""
    return f"redemption:{share_id}"
