"""Reading households, mandates and consents. Nothing here writes."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.db import get
from app.households.models import Delegation, Errand, GuardianConsent, Household, HouseholdMember


def get_household(session: Session, household_id: UUID) -> Household | None:
    return get(session, Household, household_id)


def lock_household(session: Session, household_id: UUID) -> None:
    """Hold a household until the transaction ends: who changes its head takes turns."""
    get(session, Household, household_id, lock=True)


def find_household(session: Session, *, unit_id: UUID, door: str) -> Household | None:
    return session.scalar(sa.select(Household).filter_by(unit_id=unit_id, door=door))


def household_on(session: Session, person_id: UUID, day: date) -> UUID | None:
    """The household somebody belonged to on a civil day."""
    return session.scalar(belonging_on(person_id, day))


def belonging_on(person_id: UUID, day: date) -> sa.Select[UUID]:
    """The same, for a larger statement."""
    return sa.select(HouseholdMember.household_id).where(
        HouseholdMember.person_id == person_id,
        HouseholdMember.from_day <= day,
        sa.or_(HouseholdMember.to_day.is_(None), HouseholdMember.to_day > day),
    )


def open_membership(session: Session, person_id: UUID) -> HouseholdMember | None:
    return session.scalar(sa.select(HouseholdMember).filter_by(person_id=person_id, to_day=None))


def memberships_of(session: Session, person_id: UUID) -> list[HouseholdMember]:
    """Where somebody lived, the latest first."""
    query = sa.select(HouseholdMember).filter_by(person_id=person_id)
    return list(
        session.scalars(query.order_by(HouseholdMember.from_day.desc(), HouseholdMember.id.desc()))
    )


def head_of(session: Session, household_id: UUID) -> HouseholdMember | None:
    return session.scalar(
        sa.select(HouseholdMember).filter_by(household_id=household_id, is_head=True, to_day=None)
    )


def members_of(session: Session, household_id: UUID) -> list[HouseholdMember]:
    """Who belongs to a household now, the head first."""
    query = sa.select(HouseholdMember).filter_by(household_id=household_id, to_day=None)
    return list(
        session.scalars(query.order_by(HouseholdMember.is_head.desc(), HouseholdMember.from_day))
    )


def people_in(session: Session, unit_ids: Collection[UUID]) -> list[UUID]:
    """Who lives now in households of these units themselves."""
    query = (
        sa.select(HouseholdMember.person_id)
        .join(Household, Household.id == HouseholdMember.household_id)
        .where(Household.unit_id.in_(unit_ids), HouseholdMember.to_day.is_(None))
    )
    return list(session.scalars(query))


def people_behind(
    session: Session, doors: Collection[tuple[UUID, str]]
) -> dict[tuple[UUID, str], list[UUID]]:
    """Who lives now behind each of these doors of a unit."""
    rows = session.execute(
        sa.select(Household.unit_id, Household.door, HouseholdMember.person_id)
        .join(HouseholdMember, HouseholdMember.household_id == Household.id)
        .where(
            Household.unit_id.in_({unit_id for unit_id, _ in doors}),
            Household.door.in_({door for _, door in doors}),
            HouseholdMember.to_day.is_(None),
        )
    )
    found: dict[tuple[UUID, str], list[UUID]] = {}
    for unit_id, door, person_id in rows:
        found.setdefault((unit_id, door), []).append(person_id)
    return found


def get_mandate(session: Session, mandate_id: UUID, *, lock: bool = False) -> Delegation | None:
    return get(session, Delegation, mandate_id, lock=lock)


def left_of_day(session: Session, mandate_id: UUID, *, used: int) -> int:
    """How many points a mandate still allows on a day of which so many are used: to be shown."""
    mandate = get_mandate(session, mandate_id)
    return max(mandate.daily_limit - used, 0) if mandate else 0


def open_mandate(session: Session, *, person_id: UUID, delegate_id: UUID) -> Delegation | None:
    """The mandate that was not revoked, whether it has run out or not."""
    query = sa.select(Delegation).filter_by(
        person_id=person_id, delegate_id=delegate_id, revoked_at=None
    )
    return session.scalar(query)


def mandates_of(session: Session, person_id: UUID) -> list[Delegation]:
    """Whom somebody lets act for them."""
    query = sa.select(Delegation).filter_by(person_id=person_id, revoked_at=None)
    return list(session.scalars(query.order_by(Delegation.id)))


def mandates_to(session: Session, delegate_id: UUID) -> list[Delegation]:
    """For whom somebody may act."""
    query = sa.select(Delegation).filter_by(delegate_id=delegate_id, revoked_at=None)
    return list(session.scalars(query.order_by(Delegation.id)))


def every_mandate_to(session: Session, delegate_id: UUID) -> list[UUID]:
    """All mandates somebody has or has had."""
    return list(session.scalars(sa.select(Delegation.id).filter_by(delegate_id=delegate_id)))


def errands_of(session: Session, person_id: UUID, *, limit: int) -> list[Errand]:
    """What was done for somebody, the latest first."""
    query = sa.select(Errand).filter_by(person_id=person_id)
    return list(session.scalars(query.order_by(Errand.at.desc(), Errand.id.desc()).limit(limit)))


def errands_about(session: Session, person_id: UUID, about_id: UUID) -> list[Errand]:
    """What was done for somebody about one thing, in its order."""
    query = sa.select(Errand).filter_by(person_id=person_id, about_id=about_id)
    return list(session.scalars(query.order_by(Errand.at, Errand.id)))


def count_errands(session: Session, delegate_id: UUID, *, deed: str, on: date) -> int:
    """How often a delegate did one kind of thing on a civil day, for however many people."""
    query = sa.select(sa.func.count()).where(
        Errand.delegate_id == delegate_id, Errand.deed == deed, Errand.on_day == on
    )
    return session.scalar(query) or 0


def consents_of(session: Session, person_id: UUID) -> list[GuardianConsent]:
    """The guardians who agree that a minor takes part."""
    query = sa.select(GuardianConsent).filter_by(person_id=person_id, withdrawn_on=None)
    return list(session.scalars(query.order_by(GuardianConsent.id)))


def get_consent(
    session: Session, consent_id: UUID, *, lock: bool = False
) -> GuardianConsent | None:
    return get(session, GuardianConsent, consent_id, lock=lock)
