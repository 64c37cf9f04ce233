"""The chain: what an entry's hash covers, and how the next entry is put behind the last."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.audit.models import GENESIS, HEAD, AuditEntry, AuditHead
from app.core.db import claim, tenant_of
from points_engine import canonical_digest

_HELD = "audit head held"


def append(session: Session, entry: AuditEntry) -> None:
    """Put the entry behind the last one of its tenant; who comes next waits for our commit."""
    head = _hold_head(session)
    entry.tenant_id = tenant_of(session)
    entry.seq, entry.prev_hash = head.seq + 1, head.hash
    entry.hash = digest(entry)
    session.add(entry)
    head.seq, head.hash = entry.seq, entry.hash


def digest(entry: AuditEntry) -> bytes:
    """SHA-256 over all an entry says and over the hash before it.

    Of the bytes that no two contents share: every part carries its type and its length.
    """
    return canonical_digest(
        entry.tenant_id,
        entry.seq,
        entry.id,
        entry.at,
        entry.actor_id,
        entry.on_behalf_of,
        entry.role,
        entry.session_id,
        entry.scope_id,
        entry.action,
        entry.subject_kind,
        entry.subject_id,
        entry.changed,
        entry.reason,
        entry.request_id,
        entry.result,
        entry.prev_hash,
    )


def _hold_head(session: Session) -> AuditHead:
    held: AuditHead | None = session.info.get(_HELD)
    if held is None:
        held = _lock_head(session)
        if held is None:
            claim(session, AuditHead, id=HEAD, seq=0, hash=GENESIS)
            held = _lock_head(session)
        assert held is not None  # it was there, or has just been made
        session.info[_HELD] = held
    return held


def _lock_head(session: Session) -> AuditHead | None:
    query = sa.select(AuditHead).with_for_update()
    return session.scalar(query.execution_options(populate_existing=True))
