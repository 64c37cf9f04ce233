"""Whether a tenant's chain is whole: nothing edited, removed, moved or cut off."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.audit import chain
from app.core.audit.models import GENESIS, AuditEntry, AuditHead

AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Broken:
    """The first entry that is not what was written, and why."""

    seq: int
    why: str


@dataclass(frozen=True, slots=True)
class Checked:
    """How many entries are whole from the first on, where they end, and what broke the chain."""

    entries: int
    hash: bytes
    broken: Broken | None = None


def walk(session: Session, *, anchors: Mapping[int, bytes]) -> Checked:
    """Read the whole chain, and hold it against its head and against what was anchored."""
    known = Checked(0, GENESIS)
    everything = sa.select(AuditEntry).order_by(AuditEntry.seq)
    with closing(session.scalars(everything.execution_options(yield_per=AT_ONCE))) as read:
        for entry in read:
            why = _fault(entry, known, anchors.get(entry.seq))
            if why:
                return Checked(known.entries, known.hash, Broken(*why))
            known = Checked(entry.seq, entry.hash)
    why = _end_fault(session.scalar(sa.select(AuditHead)), known, max(anchors, default=0))
    return Checked(known.entries, known.hash, Broken(*why) if why else None)


def _fault(entry: AuditEntry, known: Checked, anchored: bytes | None) -> tuple[int, str] | None:
    place = known.entries + 1
    if entry.seq != place:
        return place, "it is missing"
    if entry.hash != chain.digest(entry):
        return place, "it was changed after it was written"
    if entry.prev_hash != known.hash:
        return place, "it does not follow the entry before it"
    if anchored is not None and anchored != entry.hash:
        return place, "it is not the entry that was anchored outside the database"
    return None


def _end_fault(head: AuditHead | None, known: Checked, anchored: int) -> tuple[int, str] | None:
    end = head.seq if head is not None else 0
    if end > known.entries or anchored > known.entries:
        return known.entries + 1, "it is missing, and everything after it: the end was cut off"
    if end < known.entries:
        return end + 1, "it was written past the head of the chain"
    if head is not None and head.hash != known.hash:
        return end, "it is not the entry that the head of the chain ends with"
    return None
