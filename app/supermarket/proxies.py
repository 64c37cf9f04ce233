"""What a delegate may fetch: within the mandate, within the day, and never behind the counter."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import clock, masking
from app.households import delegations
from app.households import queries as households
from app.households.delegations import Used
from app.identity import queries as identity
from app.identity.roles import Principal
from app.supermarket import kept, queries
from app.supermarket.errors import SelfRedemption


def check(
    session: Session, mandate_id: UUID | None, *, manager: Principal, cost: int, now: datetime
) -> str:
    """Who fetches, masked, where that is not whose points they are; refuses what is too much.

    Nothing of the kind is asked of who came themself.
    """
    if mandate_id is None:
        return ""
    day = clock.civil_day(now, manager.zone)
    mandate = delegations.lock_for_spending(session, mandate_id, on=day)
    _not_behind_the_counter(mandate.delegate_id, manager)
    used = _used(session, mandate.id, mandate.delegate_id, since=clock.midnight(day, manager.zone))
    delegations.check_spending(mandate, cost=cost, used=used)
    return _masked(session, mandate.delegate_id)


def check_reserving(
    session: Session, mandate_id: UUID | None, *, cost: int, zone: str, now: datetime
) -> None:
    """Refuse what a delegate may not reserve today: by points, not by errands, as none is run."""
    if mandate_id is None:
        return
    day = clock.civil_day(now, zone)
    mandate = delegations.lock_for_spending(session, mandate_id, on=day)
    used = _used(session, mandate.id, mandate.delegate_id, since=clock.midnight(day, zone))
    delegations.check_spending(mandate, cost=cost, used=replace(used, pickups=0))


def check_fetching(
    session: Session, mandate_id: UUID | None, *, manager: Principal, now: datetime
) -> str:
    """Who fetches what they reserved for somebody, masked; their points counted on that day."""
    if mandate_id is None:
        return ""
    day = clock.civil_day(now, manager.zone)
    mandate = delegations.lock_for_spending(session, mandate_id, on=day)
    _not_behind_the_counter(mandate.delegate_id, manager)
    used = _used(session, mandate.id, mandate.delegate_id, since=clock.midnight(day, manager.zone))
    delegations.check_spending(mandate, cost=0, used=replace(used, points=0))
    return _masked(session, mandate.delegate_id)


def left_today(
    session: Session, mandate_id: UUID | None, *, zone: str, now: datetime
) -> int | None:
    """How many points a delegate may still spend today; None for who acts for nobody."""
    if mandate_id is None:
        return None
    since = clock.midnight(clock.civil_day(now, zone), zone)
    return households.left_of_day(
        session, mandate_id, used=_points(session, mandate_id, since=since)
    )


def _points(session: Session, mandate_id: UUID, *, since: datetime) -> int:
    taken = queries.points_by_mandate(session, mandate_id, since=since)
    return taken + kept.points_reserved_by_mandate(session, mandate_id, since=since)


def _used(session: Session, mandate_id: UUID, delegate_id: UUID, *, since: datetime) -> Used:
    every = delegations.every_mandate_to(session, delegate_id)
    return Used(
        points=_points(session, mandate_id, since=since),
        pickups=queries.pickups_by_delegate(session, every, since=since)
        + kept.fetched_by_mandates(session, every, since=since),
    )


def _not_behind_the_counter(delegate_id: UUID, manager: Principal) -> None:
    if delegate_id == manager.person_id:
        raise SelfRedemption("不能兑换自己代领的物品，请另一位管理员办理。")


def _masked(session: Session, person_id: UUID) -> str:
    return masking.name(identity.names_of(session, {person_id})[person_id])
