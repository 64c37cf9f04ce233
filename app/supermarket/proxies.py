"""What a delegate may fetch: within the mandate, within the day, and never behind the counter."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import clock, masking
from app.households import delegations
from app.households.delegations import Used
from app.identity import queries as identity
from app.identity.roles import Principal
from app.supermarket import queries
from app.supermarket.errors import SelfRedemption
from app.supermarket.models import RedeemCode


def check(
    session: Session, code: RedeemCode, *, manager: Principal, cost: int, now: datetime
) -> str:
    """Who fetches, masked, where that is not whose points they are; refuses what is too much.

    Nothing of the kind is asked of somebody's own code.
    """
    if code.delegation_id is None:
        return ""
    day = clock.civil_day(now, manager.zone)
    mandate = delegations.lock_for_spending(session, code.delegation_id, on=day)
    if mandate.delegate_id == manager.person_id:
        raise SelfRedemption("不能兑换自己代领的物品，请另一位管理员办理。")
    since = clock.midnight(day, manager.zone)
    used = Used(
        points=queries.points_by_mandate(session, mandate.id, since=since),
        pickups=queries.pickups_by_delegate(
            session, _mandates(session, mandate.delegate_id), since=since
        ),
    )
    delegations.check_spending(mandate, cost=cost, used=used)
    return masking.name(identity.names_of(session, {mandate.delegate_id})[mandate.delegate_id])


def _mandates(session: Session, delegate_id: UUID) -> list[UUID]:
    return delegations.every_mandate_to(session, delegate_id)
