"""Many people at once, by what is known of them. Nothing here writes."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.identity.models import Person


def communities_of(session: Session, person_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Where these people belong."""
    rows = session.execute(
        sa.select(Person.id, Person.community_id).where(Person.id.in_(person_ids))
    )
    return {row.id: row.community_id for row in rows}


def cards_of(session: Session, person_ids: Collection[UUID]) -> dict[UUID, str]:
    """The numbers of these people's cards, of whoever has one."""
    rows = session.execute(
        sa.select(Person.id, Person.card_no).where(
            Person.id.in_(person_ids), Person.card_no.is_not(None)
        )
    )
    return {row[0]: row[1] for row in rows if row[1] is not None}


def people_with_cards(session: Session, card_nos: Collection[str]) -> dict[str, UUID]:
    """Whose the cards with these numbers are."""
    rows = session.execute(sa.select(Person.card_no, Person.id).where(Person.card_no.in_(card_nos)))
    return {row.card_no: row.id for row in rows}
