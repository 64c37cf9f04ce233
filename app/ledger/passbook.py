"""A page of the passbook, as the API and the page both read it."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.paging import Page, decode, instant, page, whole
from app.ledger import labels, services
from points_engine import Line, LineCursor, Unit


def read(
    session: Session, *, person_id: UUID, unit: Unit | None, cursor: str | None, limit: int
) -> Page[dict[str, Any]]:
    """Lines with their titles, the newest first."""
    key = decode(cursor, (instant, whole, str))
    before = key and LineCursor(booked_at=key[0], version=key[1], reference=key[2])
    rows = services.lines(
        session, person_id=person_id, unit=unit, before=before or None, limit=limit + 1
    )
    cut = page(rows, limit=limit, key=_key)
    titles = services.titles(session, {line.source for line in cut.items})
    items = [
        {**asdict(line), "title": titles.get(line.source) or labels.cause(line.source)}
        for line in cut.items
    ]
    return Page(items, cut.next_cursor)


def _key(line: Line) -> tuple[str, str, str]:
    return line.booked_at.isoformat(), str(line.version), line.reference
