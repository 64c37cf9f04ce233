"""What moves points beside a sale: kept for somebody, taken back, given away."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.db import tenant_of
from app.ledger.services import Paid
from points_engine import Capture, Donation, Hold, Reservation, Reversal, Transfer
from points_engine.postgres import PostgresEngine


def hold(session: Session, reservation: Reservation) -> Hold:
    """Keep points with their lots; raises the engine's `InsufficientPoints`."""
    return _engine(session).hold(reservation)


def capture(session: Session, capture: Capture) -> Paid:
    """Pay with what is held, all of it or a part: the rest is free again. `HoldEnded` after it."""
    return _paid(_engine(session).capture(capture))


def release(session: Session, reference: str, *, at: datetime, on: date) -> None:
    """Let points go that were held: they have the dates they had."""
    _engine(session).release_hold(reference, at=at, on=on)


def reverse(session: Session, reversal: Reversal) -> UUID:
    """Undo one movement, once; the transfer that does. What was paid goes back to its lots."""
    return _engine(session).reverse(reversal).id


def donate(session: Session, donation: Donation) -> Paid:
    """Give points away; raises the engine's `InsufficientPoints`."""
    return _paid(_engine(session).donate(donation))


def _paid(transfer: Transfer) -> Paid:
    assert transfer.debit_balance_after is not None  # a member's account is guarded
    return Paid(transfer_id=transfer.id, balance_after=transfer.debit_balance_after)


def _engine(session: Session) -> PostgresEngine:
    return PostgresEngine(session, tenant_of(session))
