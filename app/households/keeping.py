"""What is kept about a person's household, and about who acts for whom."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import clock
from app.core.keeping import Keeping
from app.households.models import Delegation, Errand, GuardianConsent, Household, HouseholdMember


def _memberships(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    query = (
        sa.select(Household.door, HouseholdMember)
        .join(Household, Household.id == HouseholdMember.household_id)
        .where(HouseholdMember.person_id == person_id)
        .order_by(HouseholdMember.from_day, HouseholdMember.id)
    )
    for door, member in session.execute(query):
        yield {
            "door": door,
            "head": member.is_head,
            "from": member.from_day,
            "to": member.to_day,
        }


def _move_out(session: Session, person_id: UUID, now: datetime) -> None:
    theirs = sa.update(HouseholdMember).where(
        HouseholdMember.person_id == person_id, HouseholdMember.to_day.is_(None)
    )
    today = clock.civil_day(now)
    # Who was to move in later than today never does.
    session.execute(theirs.values(to_day=sa.func.greatest(HouseholdMember.from_day, today)))


def _mandates(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    """Those given and those received; of the other one nothing but which side they are on."""
    query = sa.select(Delegation).where(
        sa.or_(Delegation.person_id == person_id, Delegation.delegate_id == person_id)
    )
    for one in session.scalars(query.order_by(Delegation.created_at, Delegation.id)):
        yield {
            "given_by_me": one.person_id == person_id,
            "relation": one.relation,
            "acts": list(one.acts),
            "daily_limit": one.daily_limit,
            "from": one.from_day,
            "to": one.to_day,
            "revoked_at": one.revoked_at,
        }


def _revoke(session: Session, person_id: UUID, now: datetime) -> None:
    """Nobody acts any more for who is forgotten, and they for nobody."""
    open_ones = sa.update(Delegation).where(
        sa.or_(Delegation.person_id == person_id, Delegation.delegate_id == person_id),
        Delegation.revoked_at.is_(None),
    )
    session.execute(open_ones.values(revoked_at=now, revoked_by=person_id))


def _errands(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    """What was done for one, and what one did for others; of the other one nothing but the side."""
    query = sa.select(Errand).where(
        sa.or_(Errand.person_id == person_id, Errand.delegate_id == person_id)
    )
    for one in session.scalars(query.order_by(Errand.at, Errand.id)):
        yield {"for_me": one.person_id == person_id, "deed": one.deed, "on": one.on_day}


def _consents(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    query = sa.select(GuardianConsent).where(
        sa.or_(GuardianConsent.person_id == person_id, GuardianConsent.guardian_id == person_id)
    )
    for one in session.scalars(query.order_by(GuardianConsent.from_day, GuardianConsent.id)):
        yield {
            "for_me": one.person_id == person_id,
            "kinship": one.kinship,
            "from": one.from_day,
            "withdrawn_on": one.withdrawn_on,
        }


def occupied(session: Session, unit_id: UUID, _now: datetime) -> Iterator[str]:
    """Whoever lives behind a door there keeps a unit open."""
    living = (
        sa.select(HouseholdMember.id)
        .join(Household, Household.id == HouseholdMember.household_id)
        .where(Household.unit_id == unit_id, HouseholdMember.to_day.is_(None))
    )
    if session.scalar(living.limit(1)) is not None:
        yield "还有住户住在这里，请先在“居民”里让他们搬走或搬到别处。"


KEEPINGS = (
    Keeping(
        key="households",
        title="住在哪一户",
        why="家庭的积分上限和帮办靠它核对",
        until="注销时登记为迁出，记录只剩编号",
        export=_memberships,
        forget=_move_out,
    ),
    Keeping(
        key="mandates",
        title="代办授权",
        why="写明谁可以替谁办什么，每天多少",
        until="注销时全部收回，记录只剩编号",
        export=_mandates,
        forget=_revoke,
    ),
    Keeping(
        key="errands",
        title="代办记录",
        why="写明哪一次是谁替谁办的，双方都查得到",
        until="与账目同期保存；注销后只剩编号，看不出是谁",
        export=_errands,
    ),
    Keeping(
        key="guardians",
        title="监护人同意",
        why="未成年人参加活动须有监护人同意",
        until="与账目同期保存；注销后只剩编号，看不出是谁",
        export=_consents,
    ),
)
