"""Failed scans and failed sign-ins: logged, counted, and after a few, paused.

Kept in PostgreSQL, so that an emptied cache gives nobody new tries.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session

from app.core import clock, tidying
from app.core.db import Moment, TenantRow, add
from app.core.errors import TooMany

TRIES = 5
WINDOW = timedelta(minutes=10)
PAUSE = timedelta(minutes=15)
KEPT = timedelta(days=183)  # half a year, as the law asks of such logs


class TooManyMisses(TooMany):
    code, title = "too_many_misses", "Too many failed tries"


class Miss(TenantRow):
    """One try that failed, with the machine's reason. The subject is a digest, not a name.

    Only what could be a guess counts towards a pause: an expired code was once right.
    """

    __tablename__ = "miss"
    __table_args__ = (
        sa.Index(None, "tenant_id", "subject", "at"),
        sa.Index(None, "tenant_id", "at"),
    )

    subject: Mapped[bytes]
    purpose: Mapped[str]
    reason: Mapped[str]
    counts: Mapped[bool]
    at: Mapped[Moment]


_MISS = Miss.__table__


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """Somebody's try at something: `purpose` says what, `subject` who or which name."""

    purpose: str
    subject: object
    now: datetime

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(f"{self.purpose}:{self.subject}".encode()).digest()


def note(session: Session, failed: Try, *, reason: str, counts: bool) -> None:
    """Log a failed try. The caller refuses with `.kept()`, so that the log stays."""
    add(
        session,
        Miss(
            subject=failed.digest,
            purpose=failed.purpose,
            reason=reason,
            counts=counts,
            at=failed.now,
        ),
    )


def forget_old(session: Session, *, now: datetime) -> int:
    """Let go of some tries that failed long ago."""
    old = sa.select(Miss.id).where(Miss.at < now - KEPT).order_by(Miss.at).limit(tidying.AT_ONCE)
    gone = sa.delete(Miss).where(Miss.id.in_(old)).returning(Miss.id)
    return len(session.scalars(gone).all())


def tidy(tenant_ids: Iterable[int]) -> None:
    """What the sweeper does here, tenant by tenant."""
    tidying.in_each(tenant_ids, lambda session: forget_old(session, now=clock.now()))


def one_at_a_time(session: Session, tried: Try) -> None:
    """Let tries at the same thing wait for each other, so that none is made uncounted.

    The next one begins when this transaction ends. Say it before any row is locked, but for the
    caller's own Idempotency-Key: nobody waits for that who holds this.
    """
    lock = int.from_bytes(tried.digest[:8], "big", signed=True)
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(lock)))


SUBJECT = sa.bindparam("subject", type_=sa.LargeBinary())


def latest(
    subject: sa.ColumnElement[bytes] = SUBJECT,
) -> sa.ScalarSelect[list[datetime]]:
    """When the last few tries failed, for a statement that binds `tenant`, `subject`, `since`."""
    few = (
        sa.select(_MISS.c.at)
        .where(
            _MISS.c.tenant_id == sa.bindparam("tenant"),
            _MISS.c.subject == subject,
            _MISS.c.counts,
            _MISS.c.at > sa.bindparam("since", type_=sa.DateTime(timezone=True)),
        )
        .order_by(_MISS.c.at.desc())
        .limit(sa.literal_column(str(TRIES)))
    )
    return sa.select(sa.func.array(few.scalar_subquery())).scalar_subquery()


def digest_of(purpose: str, subject: sa.ColumnElement[UUID]) -> sa.ColumnElement[bytes]:
    """The digest of such a try, of somebody whom a statement only finds."""
    said = sa.literal_column(f"'{purpose}:'", sa.Text()).concat(sa.cast(subject, sa.Text()))
    return sa.func.sha256(sa.func.convert_to(said, sa.literal_column("'UTF8'")))


def since(now: datetime) -> datetime:
    """The earliest failure that can still matter."""
    return now - PAUSE - WINDOW


def refuse_if_paused(session: Session, tried: Try) -> None:
    """Raise `TooManyMisses` for 15 minutes after the fifth failed try within ten."""
    recent = session.scalars(
        sa.select(Miss.at)
        .where(Miss.subject == tried.digest, Miss.counts, Miss.at > since(tried.now))
        .order_by(Miss.at.desc())
        .limit(TRIES)
    ).all()
    judge(recent, now=tried.now)


def judge(recent: Sequence[datetime], *, now: datetime) -> None:
    """Raise `TooManyMisses` if these failures, the latest first, are too many."""
    if len(recent) < TRIES or recent[0] - recent[-1] > WINDOW:
        return
    left = recent[0] + PAUSE - now
    if left > timedelta(0):
        minutes = -(-int(left.total_seconds()) // 60)
        raise TooManyMisses(
            f"连续多次没有成功，请 {minutes} 分钟后再试，或请工作人员帮忙。",
            retry_after=int(left.total_seconds()) + 1,
        )
