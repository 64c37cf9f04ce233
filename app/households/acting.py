"""Whose things a request is about: the caller's own, or those of whom they are a delegate of."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import clock
from app.core.db import add
from app.households import delegations, labels, queries
from app.households.kinds import ACT_OF, Act, Deed
from app.households.models import Errand as Row
from app.identity import queries as identity
from app.identity.roles import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """Who acts for whom, and by which mandate where that is not for themself."""

    me: Principal
    mandate_id: UUID | None = None


def errand(
    session: Session,
    me: Principal,
    person_id: UUID | None,
    *,
    act: Act,
    now: datetime,
) -> Errand:
    """The caller themself, or as the delegate of somebody; the latter is written down."""
    found = looked_up(session, me, person_id, act=act, now=now)
    if found.mandate_id is not None:
        delegations.note(session, found.me, found.mandate_id, deed=act, now=now)
    return found


def take_on(
    session: Session, me: Principal, person_id: UUID | None, *, deed: str, now: datetime
) -> Errand:
    """The caller themself, or as a delegate who may do this today; say `done` once it is done."""
    found = looked_up(session, me, person_id, act=ACT_OF[Deed(deed)], now=now)
    mandate = queries.get_mandate(session, found.mandate_id) if found.mandate_id else None
    if mandate is not None:
        day = clock.civil_day(now, me.zone)
        delegations.lock_for_deed(session, mandate, deed=Deed(deed), on=day)
    return found


def looking_on(
    session: Session, me: Principal, person_id: UUID | None, *, deed: str, now: datetime
) -> Errand:
    """The same for a page that shows what it is about: nothing is held, and nothing kept."""
    return looked_up(session, me, person_id, act=ACT_OF[Deed(deed)], now=now)


def done(session: Session, errand: Errand, *, deed: str, about_id: UUID, now: datetime) -> None:
    """Keep what a delegate has done, with both who did it and for whom."""
    if errand.mandate_id is None:
        return
    me = errand.me
    add(
        session,
        Row(
            mandate_id=errand.mandate_id,
            person_id=me.subject_id,
            delegate_id=me.person_id,
            deed=Deed(deed).value,
            about_id=about_id,
            on_day=clock.civil_day(now, me.zone),
            at=now,
        ),
    )
    delegations.note(session, me, errand.mandate_id, deed=Deed(deed), now=now)


def may_act_for(
    session: Session, me: Principal, *, act: Act, now: datetime
) -> list[tuple[UUID, str]]:
    """For whom the caller may do this today, besides themself: id and name."""
    day = clock.civil_day(now, me.zone)
    mandates = [
        one
        for one in queries.mandates_to(session, me.person_id)
        if act.value in one.acts and delegations.is_in_force(one, day)
    ]
    names = identity.names_of(session, {one.person_id for one in mandates})
    return [(one.person_id, names[one.person_id]) for one in mandates]


def told(session: Session, person_id: UUID, about_id: UUID) -> list[str]:
    """What others did for somebody about one thing, and who it was, as the person reads it."""
    rows = queries.errands_about(session, person_id, about_id)
    names = identity.names_of(session, {one.delegate_id for one in rows})
    return [f"{names[one.delegate_id]}{labels.DEEDS[Deed(one.deed)]}" for one in rows]


def looked_up(
    session: Session,
    me: Principal,
    person_id: UUID | None,
    *,
    act: Act,
    now: datetime,
) -> Errand:
    """The same for a page that asks again and again: that it did is not worth a line."""
    if person_id is None or person_id == me.person_id:
        return Errand(me=me)
    acting, mandate = delegations.acting_for(session, me, person_id, act=act, now=now)
    return Errand(me=acting, mandate_id=mandate.id)
