"""Whose things a request is about: the caller's own, or those of whom they are a delegate of."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.households import delegations
from app.households.kinds import Act
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
        delegations.note(session, found.me, action=f"delegate.{act.value}", now=now)
    return found


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
