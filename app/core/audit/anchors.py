"""Anchors: how far a chain had come on a day, kept in a file outside the database.

Whoever can rewrite the database can rewrite a whole chain, head and all. That it once was
another one is known here. The file is worth most where they cannot write: copy it elsewhere.
"""

import json
import logging
import os
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from app.core.audit import verify
from app.core.audit.verify import Checked
from app.core.db import tenant_of

FILE = "audit-anchors"
PRIVATE = 0o600

log = logging.getLogger(__name__)


def file_in(var: Path) -> Path:
    return var / FILE


def read(file: Path, tenant_id: int) -> dict[int, bytes]:
    """A tenant's anchors: the hash of an entry by its number."""
    if not file.exists():
        return {}
    lines = [json.loads(line) for line in file.read_text("ascii").splitlines() if line]
    return {
        line["seq"]: bytes.fromhex(line["hash"]) for line in lines if line["tenant"] == tenant_id
    }


def check(session: Session, file: Path) -> Checked:
    """Read this tenant's chain, and hold it against what was anchored before."""
    checked = verify.walk(session, anchors=read(file, tenant_of(session)))
    if checked.broken is not None:
        log.error(
            "audit chain broken at entry %d: %s",
            checked.broken.seq,
            checked.broken.why,
            extra={"tenant": tenant_of(session)},
        )
    return checked


def drop(session: Session, file: Path, *, now: datetime) -> Checked:
    """Check this tenant's chain, and anchor its end where it is whole and has grown."""
    checked = check(session, file)
    grown = checked.entries > max(read(file, tenant_of(session)), default=0)
    if checked.broken is None and grown:
        _append(file, _line(tenant_of(session), checked, now))
    return checked


def _line(tenant_id: int, checked: Checked, now: datetime) -> str:
    said = {
        "tenant": tenant_id,
        "seq": checked.entries,
        "hash": checked.hash.hex(),
        "at": now.isoformat(timespec="seconds"),
    }
    return json.dumps(said)


def _append(file: Path, line: str) -> None:
    """In one write of its own line, so that two who append do not mix theirs."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, PRIVATE)
    with os.fdopen(descriptor, "ab", buffering=0) as opened:
        opened.write(line.encode("ascii") + b"\n")
        os.fsync(descriptor)
