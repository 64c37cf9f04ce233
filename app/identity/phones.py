"""A number that was proved to be somebody's: through WeChat, or by staff who checked it.

The database keeps that a proved number is one person's. Whose it is else is told to nobody: every
reason that is about somebody else has the same answer, and staff find out at the desk.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.orm import Session

from app.core import audit, clock, misses
from app.core.audit import Actor
from app.core.db import attempt
from app.core.keeping import Keeping
from app.core.vault import Vault
from app.identity import elsewhere, personal, queries
from app.identity.errors import PhoneAtDesk, PhoneCoolingDown
from app.identity.fields import Field, written
from app.identity.models import Person, PersonalDatum

COOLS = timedelta(hours=24)
PROVE, JOIN, WARM = "phone.prove", "person.join", "phone.end_cooling"
OF_ONE_PERSON = "uq_personal_datum_proved_phone"
NAMES = "name beside a proved number"


class How(StrEnum):
    """How a number was proved."""

    WECHAT = "wechat"
    IN_PERSON = "in_person"
    CALL = "call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """A number that was proved to be a person's, by whom, and what they say they are called."""

    person_id: UUID
    number: str = field(repr=False)
    name: str | None = field(default=None, repr=False)
    how: How
    actor: Actor
    now: datetime

    @property
    def by_staff(self) -> bool:
        return self.how is not How.WECHAT


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The number on somebody's file, masked."""

    masked: str
    set_at: datetime
    verified_at: datetime | None
    verified_how: str | None


def bind(session: Session, vault: Vault, proved: Proved, *, keepings: Sequence[Keeping]) -> UUID:
    """Let a proved number be on the file of whose it is; answers whose file that is.

    It is another's than the asker's where a newcomer turned out to be somebody the community
    knows: their account is that person's from now on, and the newcomer is no more.
    """
    number = written(Field.PHONE, proved.number)
    others = _others(session, vault, number, person_id=proved.person_id)
    _hold(session, [proved.person_id, *others[:1]])
    others = _others(session, vault, number, person_id=proved.person_id)
    own = personal.read_own(session, vault, person_id=proved.person_id)
    if others and own.get(Field.PHONE) != number:
        newcomer = not own and len(others) == 1 and _is_blank(session, keepings, proved.person_id)
        if newcomer and _is_theirs(session, vault, proved, known=others[0]):
            return _join(session, proved, keepings=keepings, known=others[0])
        if not _shared(session, others, proved):
            raise _at_desk(session, proved).kept()  # what was guessed counts
    _put(session, vault, proved, number=number, before=own)
    return proved.person_id


def kept_of(session: Session, vault: Vault, person_id: UUID) -> Kept | None:
    """The number on a person's file, as they and their staff may see it."""
    masked = personal.read_masked(session, vault, person_ids=[person_id], field=Field.PHONE)
    row = session.scalar(sa.select(PersonalDatum).filter_by(person_id=person_id, field=Field.PHONE))
    if row is None:
        return None
    return Kept(
        masked=masked[person_id],
        set_at=row.set_at,
        verified_at=row.verified_at,
        verified_how=row.verified_how,
    )


def is_proved(session: Session, vault: Vault, *, person_id: UUID, number: str) -> bool:
    """Whether this very number was proved to be this person's."""
    kept = kept_of(session, vault, person_id)
    own = personal.find(session, vault, field=Field.PHONE, value=number)
    return kept is not None and kept.verified_at is not None and person_id in own


def cooling_until(session: Session, person_id: UUID, *, now: datetime) -> datetime | None:
    """Until when nothing is redeemed from this person's points, if at all."""
    until = session.scalar(sa.select(Person.cooling_until).where(Person.id == person_id))
    return until if until is not None and now < until else None


def refuse_while_cooling(session: Session, person_id: UUID, *, zone: str, now: datetime) -> None:
    """Raise `PhoneCoolingDown` for a day after a number or an account has come to a person."""
    refuse_until(cooling_until(session, person_id, now=now), zone=zone, now=now)


def refuse_until(until: datetime | None, *, zone: str, now: datetime) -> None:
    """Raise `PhoneCoolingDown` until that instant, for whoever has read it before."""
    if until is not None and now < until:
        raise PhoneCoolingDown(
            f"手机号刚刚更换，为防止冒领，{clock.civil_text(until, zone)} 以后才能兑换。"
            "急需物品请到社区服务台，由工作人员核对身份后解除。"
        )


def list_cooling(
    session: Session, communities: sa.Select[tuple[UUID]], *, now: datetime
) -> list[Person]:
    """Who waits there until they may redeem again, the longest waiting first."""
    query = sa.select(Person).where(
        Person.cooling_until > now, Person.community_id.in_(communities)
    )
    return list(session.scalars(query.order_by(Person.cooling_until, Person.id)))


def end_cooling(
    session: Session, person: Person, *, actor: Actor, reason: str, now: datetime
) -> None:
    """Somebody has seen who it is: they need not wait."""
    person.cooling_until = None
    _note(session, person.id, action=WARM, actor=actor, at=now, reason=reason)


def _others(session: Session, vault: Vault, number: str, *, person_id: UUID) -> list[UUID]:
    found = personal.find(session, vault, field=Field.PHONE, value=number)
    return [one for one in found if one != person_id]


def _hold(session: Session, person_ids: Collection[UUID]) -> None:
    """In one order, whoever comes from which side."""
    for person_id in sorted(person_ids):
        queries.lock_person(session, person_id)


def _shared(session: Session, others: Collection[UUID], proved: Proved) -> bool:
    """Whether staff have seen to it that a number others wrote down is this person's as well."""
    if not proved.by_staff:
        return False
    query = sa.select(PersonalDatum.id).where(
        PersonalDatum.person_id.in_(others),
        PersonalDatum.field == Field.PHONE,
        PersonalDatum.verified_at.is_not(None),
    )
    return session.scalars(query.limit(1)).first() is None


def _put(
    session: Session, vault: Vault, proved: Proved, *, number: str, before: dict[Field, str]
) -> None:
    """Write the number down as proved. Another one than before makes its owner wait a day."""
    theirs = sa.update(PersonalDatum).where(
        PersonalDatum.person_id == proved.person_id, PersonalDatum.field == Field.PHONE
    )
    if before.get(Field.PHONE) == number and _is_proved_row(session, proved.person_id):
        return
    values = {Field.PHONE: number}
    if proved.name and proved.by_staff and Field.NAME not in before:
        values[Field.NAME] = proved.name
    session.execute(theirs.values(verified_at=None, verified_how=None))
    personal.put(
        session,
        vault,
        person_id=proved.person_id,
        values=values,
        actor=proved.actor,
        at=proved.now,
    )
    try:
        with attempt(session):
            session.execute(theirs.values(verified_at=proved.now, verified_how=proved.how))
    except exc.IntegrityError as error:
        if OF_ONE_PERSON not in str(error.orig):
            raise
        raise _at_desk(session, proved) from error
    if before.get(Field.PHONE, number) != number:
        _cool(session, proved.person_id, now=proved.now)
    _note(
        session, proved.person_id, action=PROVE, actor=proved.actor, at=proved.now, how=proved.how
    )


def _is_proved_row(session: Session, person_id: UUID) -> bool:
    query = sa.select(PersonalDatum.verified_at).filter_by(person_id=person_id, field=Field.PHONE)
    return session.scalar(query) is not None


def _join(session: Session, proved: Proved, *, keepings: Sequence[Keeping], known: UUID) -> UUID:
    """Let a newcomer's account be that of the one person who is known by this number and name."""
    elsewhere.move(session, person_id=proved.person_id, to=known)
    for one in keepings:
        one.forget(session, proved.person_id, proved.now)
    theirs = sa.update(PersonalDatum).filter_by(person_id=known, field=Field.PHONE)
    session.execute(theirs.values(verified_at=proved.now, verified_how=proved.how))
    _cool(session, known, now=proved.now)
    for one_of_both in (known, proved.person_id):
        _note(session, one_of_both, action=JOIN, actor=proved.actor, at=proved.now, how=proved.how)
    return known


def _is_blank(session: Session, keepings: Sequence[Keeping], person_id: UUID) -> bool:
    """Whether there is no more to a person than that they once signed in."""
    theirs = (one.export(session, person_id) for one in keepings if one.own)
    return not _is_staff(session, person_id) and not any(any(True for _ in rows) for rows in theirs)


def _is_staff(session: Session, person_id: UUID) -> bool:
    return queries.get_credential_of(session, person_id) is not None


def _is_theirs(session: Session, vault: Vault, proved: Proved, *, known: UUID) -> bool:
    """Whether this is who they say they are, and has no way in yet.

    Whoever guesses at names is soon not listened to.
    """
    if _is_staff(session, known) or elsewhere.has_account(session, known):
        return False
    tried = misses.Try(purpose=NAMES, subject=known, now=proved.now)
    try:
        misses.refuse_if_paused(session, tried)
    except misses.TooManyMisses:
        return False
    name = personal.read_own(session, vault, person_id=known).get(Field.NAME)
    if proved.name is not None and name == written(Field.NAME, proved.name):
        return True
    guessed = proved.name is not None and not proved.by_staff
    misses.note(session, tried, reason=PhoneAtDesk.code, counts=guessed)
    return False


def _at_desk(session: Session, proved: Proved) -> PhoneAtDesk:
    _note(
        session,
        proved.person_id,
        action=PROVE,
        actor=proved.actor,
        at=proved.now,
        how=proved.how,
        result=PhoneAtDesk.code,
    )
    return PhoneAtDesk("这个手机号要到社区服务台核对后才能绑定，请带上身份证，工作人员会帮您办好。")


def _cool(session: Session, person_id: UUID, *, now: datetime) -> None:
    theirs = sa.update(Person).where(Person.id == person_id)
    session.execute(theirs.values(cooling_until=now + COOLS))


def _note(  # noqa: PLR0913 - an entry has as many parts
    session: Session,
    person_id: UUID,
    *,
    action: str,
    actor: Actor,
    at: datetime,
    how: str = "",
    reason: str = "",
    result: str = audit.DONE,
) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        subject=("person", person_id),
        scope=queries.community_of(session, person_id),
        at=at,
        changed={"how": ("", how)} if how else {},
        reason=reason,
        result=result,
    )
