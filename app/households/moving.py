"""Taking over who lives where, for many people at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import many
from app.core.db import tenant_of
from app.core.ids import new_id
from app.households import services
from app.households.models import Household, HouseholdMember
from app.households.services import MoveIn
from app.identity import units


@dataclass(frozen=True, slots=True, kw_only=True)
class Living:
    """Somebody, and behind which door of which unit they live."""

    person_id: UUID
    unit_id: UUID
    door: str
    is_head: bool


def take_over(
    session: Session, living: Sequence[Living], *, on: date, entered_by: UUID, now: datetime
) -> None:
    """Let these people belong to their households from a day on; who lives there already stays.

    It is for whoever may: people are locked in the order of their ids.
    """
    for unit_id in sorted({one.unit_id for one in living}):
        units.hold_open(session, unit_id)
    doors = _doors(session, {(one.unit_id, one.door) for one in living}, now=now)
    standing = _standing(session, [one.person_id for one in living])
    heads = _with_heads(session, list(doors.values()))
    fresh: list[dict[str, object]] = []
    for one in sorted(living, key=lambda one: one.person_id):
        household_id = doors[one.unit_id, one.door]
        is_head = one.is_head and household_id not in heads
        if standing.get(one.person_id) == household_id:
            continue
        heads.update({household_id} if is_head else ())
        if one.person_id in standing:
            move = MoveIn(
                person_id=one.person_id, household_id=household_id, on=on, is_head=is_head
            )
            services.enter(session, move, entered_by=entered_by)
            continue
        fresh.append(
            {
                "tenant_id": tenant_of(session),
                "id": new_id(),
                "household_id": household_id,
                "person_id": one.person_id,
                "is_head": is_head,
                "from_day": on,
                "entered_by": entered_by,
            }
        )
    if fresh:
        session.execute(many.inserting(HouseholdMember, fresh))


def _doors(
    session: Session, wanted: set[tuple[UUID, str]], *, now: datetime
) -> dict[tuple[UUID, str], UUID]:
    """The households behind these doors; those nobody lived in yet are made."""
    if not wanted:
        return {}
    rows = [
        {
            "tenant_id": tenant_of(session),
            "id": new_id(),
            "unit_id": unit_id,
            "door": door,
            "created_at": now,
        }
        for unit_id, door in sorted(wanted, key=str)
    ]
    session.execute(many.inserting(Household, rows).on_conflict_do_nothing())
    found = session.execute(
        sa.select(Household.unit_id, Household.door, Household.id).where(
            Household.unit_id.in_({unit_id for unit_id, _ in wanted}),
            Household.door.in_({door for _, door in wanted}),
        )
    )
    return {(row.unit_id, row.door): row.id for row in found}


def _standing(session: Session, person_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    rows = session.execute(
        sa.select(HouseholdMember.person_id, HouseholdMember.household_id).where(
            HouseholdMember.person_id.in_(person_ids), HouseholdMember.to_day.is_(None)
        )
    )
    return {row.person_id: row.household_id for row in rows}


def _with_heads(session: Session, household_ids: Sequence[UUID]) -> set[UUID]:
    return set(
        session.scalars(
            sa.select(HouseholdMember.household_id).where(
                HouseholdMember.household_id.in_(household_ids),
                HouseholdMember.is_head,
                HouseholdMember.to_day.is_(None),
            )
        )
    )
