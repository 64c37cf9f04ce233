"""What the people of the demo city have told of themselves: sealed, as everybody's is."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.activities.arrival_models import Attendance
from app.core.audit import Actor
from app.core.vault import Vault
from app.demo import town
from app.identity import consents, personal, phones
from app.identity.fields import Field
from app.identity.models import Person, PersonalDatum
from app.identity.personal import Datum
from app.identity.phones import How, Proved
from app.identity.services import NEWCOMER
from app.identity.whereabouts import Deed
from app.phones import services as claims
from app.phones.services import Typed

ON_THE_SQUARE = {"lat": 23.32815, "lng": 112.73518, "crs": "gcj02", "accuracy_m": 20.0}
FIRST, SECOND, THIRD, FOURTH = (f"1980000000{number}" for number in range(4))
NOBODYS = "199{:08d}"  # counted up from nothing, as no operator gives numbers out
TWO_DAYS = timedelta(days=2)


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


def agree(session: Session, vault: Vault, people: Sequence[Person], *, now: datetime) -> None:
    """The people of the small city agree to what they are asked, and some have proved a number.

    One waits for staff to check what they typed, and one changed numbers two days ago: all of
    them can redeem.
    """
    with_phone = [person for person in people if "elder" not in person.kinds]
    for person in with_phone:
        for text in consents.texts().values():
            consents.give(
                session,
                person_id=person.id,
                purpose=text.purpose,
                version=text.version,
                how="page",
                now=now,
            )
    proves, changes, waits = with_phone[0], with_phone[2], with_phone[3]
    for person, number in ((proves, FIRST), (changes, SECOND), (changes, THIRD)):
        proved = Proved(
            person_id=person.id,
            number=number,
            how=How.WECHAT,
            actor=Actor(person_id=person.id),
            now=now - TWO_DAYS,
        )
        phones.bind(session, vault, proved, keepings=())
    typed = Typed(number=FOURTH, name=waits.display_name)
    claims.make(session, vault, typed, me=town.principal(session, waits, on=now), now=now)


def locate(session: Session, vault: Vault, there: Collection[UUID], *, now: datetime) -> None:
    """Whoever is at an activity now has said where their phone was when they checked in."""
    query = sa.select(Attendance.id, Attendance.person_id).where(
        Attendance.person_id.in_(there), Attendance.state == "checked_in"
    )
    for attendance_id, person_id in session.execute(query):
        deed = (Deed.CHECK_IN, attendance_id)
        consents.keep_location(
            session, vault, person_id=person_id, deed=deed, location=ON_THE_SQUARE, now=now
        )


def _data(people: Sequence[sa.Row[UUID, str, list[str]]], *, first: int) -> Iterator[Datum]:
    number = first
    for person_id, name, kinds in people:
        yield Datum(person_id=person_id, field=Field.NAME, value=name)
        if "elder" not in kinds:
            yield Datum(person_id=person_id, field=Field.PHONE, value=NOBODYS.format(number))
            number += 1
