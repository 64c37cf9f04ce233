"""Finding people by what somebody says: a name, a phone or its last four, a card."""

import re
from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.vault import Vault, normal
from app.core.vault.normal import NotNormal
from app.identity import listing, personal, units
from app.identity.fields import Field
from app.identity.models import Person

TAIL = re.compile(r"[0-9]{4}|[0-9]{3}[Xx]")
MOST = 20

_WAYS = {
    Field.NAME: normal.name,
    Field.PHONE: normal.phone,
    Field.ID_NUMBER: normal.id_number,
}


def candidates(session: Session, vault: Vault, text: str) -> set[UUID]:
    """Whoever it might be: each way to say somebody is tried, and finds exactly or nobody."""
    plain = normal.half_width(text)
    found: set[UUID] = set()
    for field, reader in _WAYS.items():
        try:
            value = reader(plain)
        except NotNormal:
            continue
        found.update(personal.find(session, vault, field=field, value=value))
    if TAIL.fullmatch(plain):
        for field in (Field.PHONE, Field.ID_NUMBER):
            found.update(personal.find_by_tail(session, vault, field=field, tail=plain))
    found.update(listing.people_with_cards(session, [plain.upper()]).values())
    return found


def people_in(
    session: Session,
    vault: Vault,
    text: str,
    *,
    tops: Collection[UUID],
    people: Collection[UUID] = (),
) -> list[tuple[UUID, str]]:
    """Who of these subtrees, or of these people, it is, by the name that is shown.

    Who never gave a full name is found by that one.
    """
    if not text:
        return []
    rows = session.execute(
        sa.select(Person.id, Person.display_name)
        .where(
            sa.or_(Person.community_id.in_(units.below(session, tops)), Person.id.in_(people)),
            sa.or_(
                Person.id.in_(candidates(session, vault, text)),
                Person.display_name == normal.half_width(text),
            ),
            Person.erased_at.is_(None),
        )
        .order_by(Person.display_name, Person.id)
        .limit(MOST)
    )
    return [(row.id, row.display_name) for row in rows]
