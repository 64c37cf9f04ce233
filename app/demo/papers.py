"""What the people of the demo city have told of themselves: sealed, as everybody's is."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.vault import Vault
from app.identity import personal
from app.identity.fields import Field
from app.identity.models import Person, PersonalDatum
from app.identity.personal import Datum
from app.identity.services import NEWCOMER

NOBODYS = "199{:08d}"  # counted up from nothing, as no operator gives numbers out


def seal(session: Session, vault: Vault, *, now: datetime) -> None:
    """Seal the names of whoever has none sealed yet, and a telephone; elders have none."""
    told = sa.select(PersonalDatum.person_id).filter_by(field=Field.NAME)
    query = sa.select(Person.id, Person.display_name, Person.kinds).where(
        Person.id.not_in(told), Person.display_name != NEWCOMER, Person.erased_at.is_(None)
    )
    people = session.execute(query.order_by(Person.id)).all()
    if people:
        number = sa.select(sa.func.count()).select_from(PersonalDatum).filter_by(field=Field.PHONE)
        known = session.scalars(number).one()
        personal.put_many(session, vault, _data(people, first=known + 1), at=now)


def _data(people: Sequence[sa.Row[UUID, str, list[str]]], *, first: int) -> Iterator[Datum]:
    number = first
    for person_id, name, kinds in people:
        yield Datum(person_id=person_id, field=Field.NAME, value=name)
        if "elder" not in kinds:
            yield Datum(person_id=person_id, field=Field.PHONE, value=NOBODYS.format(number))
            number += 1
