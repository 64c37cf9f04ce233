"""What an account had at a version or an instant: a beginning of its bookings, and no other.

It goes by booking, never by the day on which something happened. What was told late is in every
balance from its booking on and in none before, and counts once however it was dated.
"""

from dataclasses import dataclass
from datetime import datetime

from points_engine.accounts import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class AsOf:
    """The last version that was asked about, its balance, and when it was booked.

    Before the first booking that is version 0, of no instant.
    """

    balance: int = 0
    version: int = 0
    booked_at: datetime | None = None


def check_asked(account: Account, *, at: datetime | None, version: int | None) -> None:
    """`ValueError` for what has no answer: an account without versions, or two questions."""
    if not account.guarded:
        raise ValueError(f"{account.code} keeps no balance: it is a sum of transfers")
    if at is not None and version is not None:
        raise ValueError("a balance is of an instant or of a version")
    if at is not None and at.utcoffset() is None:
        raise ValueError("at has no time zone")
