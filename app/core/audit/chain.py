"""The chain: what an entry's hash covers, and how the next entry is put behind the last."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import singledispatch
from hashlib import sha256
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.audit.models import GENESIS, HEAD, AuditEntry, AuditHead
from app.core.db import claim, tenant_of

VERSION = b"\x01"
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

    Every part carries its type and its length, so that no two contents share their bytes.
    """
    parts = (
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
    return sha256(VERSION + b"".join(_framed(part) for part in parts)).digest()


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


def _framed(value: object) -> bytes:
    tag, body = _typed(value)
    return tag + len(body).to_bytes(4, "big") + body


@singledispatch
def _typed(value: object) -> tuple[bytes, bytes]:
    raise TypeError(f"no canonical encoding for {type(value).__name__}")


@_typed.register
def _(_value: None) -> tuple[bytes, bytes]:
    return b"n", b""


@_typed.register
def _(value: int) -> tuple[bytes, bytes]:
    return b"i", str(value).encode()


@_typed.register
def _(value: str) -> tuple[bytes, bytes]:
    return b"s", value.encode()


@_typed.register
def _(value: bytes) -> tuple[bytes, bytes]:
    return b"b", value


@_typed.register
def _(value: UUID) -> tuple[bytes, bytes]:
    return b"u", value.bytes


@_typed.register
def _(value: datetime) -> tuple[bytes, bytes]:
    return b"t", value.astimezone(UTC).isoformat(timespec="microseconds").encode()


@_typed.register
def _(value: list) -> tuple[bytes, bytes]:  # type: ignore[type-arg]  # singledispatch takes no parameters
    return b"l", b"".join(_framed(part) for part in value)


@_typed.register
def _(value: Mapping) -> tuple[bytes, bytes]:  # type: ignore[type-arg]  # singledispatch takes no parameters
    pairs = (_framed(part) for pair in sorted(value.items()) for part in pair)
    return b"m", b"".join(pairs)
