"""What becomes of reservations nobody comes for: told a day before, and let go of in time."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import clock
from app.core.clock import civil_day, moment_text
from app.core.telling import Telling, notify, notify_many
from app.ledger import moving as ledger
from app.supermarket import kept, labels
from app.supermarket.kinds import ReservationState
from app.supermarket.models import Reservation, ReservationLine

GRACE = timedelta(minutes=15)  # for who stands in the queue when the time is over
SOON = timedelta(hours=24)
AT_ONCE = 100


def lapse_one(session: Session, *, now: datetime, zone: str) -> bool:
    """End one reservation for which nobody came in time, and say so; False when there is none."""
    row = kept.lock_one_over(session, before=now - GRACE)
    if row is None:
        return False
    row.state, row.ended_at = ReservationState.LAPSED.value, now
    let_go(session, row, now=now, on=civil_day(now, zone))
    session.flush()
    lines = kept.lines_of(session, [row.id])[row.id]
    notify(session, telling(row, lines, template="reservation_lapsed", zone=zone), now=now)
    return True


def remind(session: Session, *, now: datetime, zone: str) -> int:
    """Tell some people that what they reserved is kept for one more day; how many."""
    rows = kept.lock_ending(session, now=now, by=now + SOON, limit=AT_ONCE)
    lines = kept.lines_of(session, [row.id for row in rows])
    for row in rows:
        row.reminded_at = now
    session.flush()
    tellings = [
        telling(row, lines[row.id], template="reservation_ending", zone=zone, from_=now)
        for row in rows
    ]
    notify_many(session, tellings, now=now)
    return len(rows)


def reference(reservation_id: UUID) -> str:
    """What the points engine calls it: the name of the redemption it becomes."""
    return f"redemption:{reservation_id}"


def let_go(session: Session, row: Reservation, *, now: datetime, on: date) -> None:
    """Let go of the points, and then of the goods, of a reservation that is held."""
    ledger.release(session, reference(row.id), at=now, on=on)
    parts = kept.parts_of(session, row.id)
    stocks = kept.lock_stock(session, [part.batch_id for part in parts])
    for part in parts:
        stocks[part.batch_id].held -= part.quantity


def telling(
    row: Reservation,
    lines: Sequence[ReservationLine],
    *,
    template: str,
    zone: str,
    from_: datetime | None = None,
) -> Telling:
    goods = [(line.name, line.quantity) for line in lines]
    words = {
        "place": row.place,
        "goods": labels.goods_text(goods, ""),
        "points": str(row.cost),
        "until": moment_text(row.expires_at, zone),
    }
    return Telling(
        person_id=row.person_id,
        template=template,
        about=f"{template}:{row.id}",
        words=words,
        path="/orders",
        from_=clock.by_day(from_, zone) if from_ else None,
    )
