"""What must always be true of the audit log."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Session

from app.core.audit import verify
from points_engine.postgres import Invariant


def _find_broken(database: object, _tenant_id: int) -> Iterator[dict[str, Any]]:
    assert isinstance(database, Session)  # the books are checked in a unit of work
    broken = verify.walk(database, anchors={}).broken
    if broken is not None:
        yield {"entry": broken.seq, "why": broken.why}


INVARIANTS = (Invariant("the audit log is whole, from its first entry to its head", _find_broken),)
