"""A page of the passbook, as the API and the page both read it."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import masking
from app.core.paging import Page, decode, instant, page, whole
from app.identity import queries as identity
from app.ledger import labels, services
from points_engine import Line, LineCursor, TransferKind, Unit

# What comes of being somewhere: whoever checks somebody in or out acts in their stead.
EARNED = {TransferKind.EARN, TransferKind.BONUS}


def read(
    session: Session,
    *,
    person_id: UUID,
    unit: Unit | None,
    cursor: str | None,
    limit: int,
    every_deed: bool = False,
) -> Page[dict[str, Any]]:
    """Lines with their titles, the newest first.

    Somebody else who was at hand when it was earned is named; with `every_deed` at all else, too.
    """
    key = decode(cursor, (instant, whole, str))
    before = key and LineCursor(booked_at=key[0], version=key[1], reference=key[2])
    rows = services.lines(
        session, person_id=person_id, unit=unit, before=before or None, limit=limit + 1
    )
    cut = page(rows, limit=limit, key=_key)
    titles = services.titles(session, {line.source for line in cut.items})
    names = identity.names_of(session, {line.actor_id for line in cut.items} - {person_id})
    items = [
        {
            **asdict(line),
            "title": titles.get(line.source) or labels.cause(line.source, line.kind),
            "by": _masked(names.get(line.actor_id)) if every_deed or line.kind in EARNED else None,
        }
        for line in cut.items
    ]
    return Page(items, cut.next_cursor)


def _masked(name: str | None) -> str | None:
    """Enough to know who it was; a sealed name is masked already."""
    return name if name is None or "*" in name else masking.name(name)


def _key(line: Line) -> tuple[str, str, str]:
    return line.booked_at.isoformat(), str(line.version), line.reference
