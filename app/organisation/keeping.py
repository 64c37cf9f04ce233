"""What the organisation keeps about a person: where they registered."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import clock
from app.core.keeping import Keeping
from app.organisation import queries, registrations
from app.organisation.kinds import OPEN
from app.organisation.labels import STATES
from app.organisation.models import OrgUnit, PartTimeMember, Registration


def _registrations(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    query = (
        sa.select(Registration, OrgUnit.name)
        .join(OrgUnit, OrgUnit.id == Registration.community_id)
        .where(Registration.person_id == person_id)
        .order_by(Registration.asked_on, Registration.id)
    )
    labels = {str(state): label for state, label in STATES.items()}
    for registration, community in session.execute(query):
        yield {
            "community": community,
            "state": labels[registration.state],
            "asked_on": registration.asked_on,
            "since": registration.since,
            "until": registration.until,
            "reason": registration.reason,
        }


def _seats(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    query = (
        sa.select(PartTimeMember, OrgUnit.name)
        .join(OrgUnit, OrgUnit.id == PartTimeMember.committee_id)
        .where(PartTimeMember.person_id == person_id)
        .order_by(PartTimeMember.from_day, PartTimeMember.id)
    )
    for seat, committee in session.execute(query):
        yield {"committee": committee, "from_day": seat.from_day, "to_day": seat.to_day}


def _leave(session: Session, person_id: UUID, now: datetime) -> None:
    """Whatever is in force or asked for is over; so is a seat on a committee."""
    registrations.close_all_of(session, person_id=person_id, now=now)
    seats = sa.update(PartTimeMember).where(
        PartTimeMember.person_id == person_id, PartTimeMember.to_day.is_(None)
    )
    day_after = PartTimeMember.from_day + 1  # it has lasted a day, whenever it began
    over = sa.func.greatest(day_after, clock.civil_day(now))
    session.execute(seats.values(to_day=over))


def occupied(session: Session, unit_id: UUID, _now: datetime) -> Iterator[str]:
    """What of the tree keeps a unit open: what stands under it, who registered, who has a seat."""
    registered = sa.select(Registration.id).where(
        sa.or_(Registration.community_id == unit_id, Registration.unit_id == unit_id),
        Registration.state.in_([one.value for one in OPEN]),
    )
    if children := queries.names_of_open_children(session, unit_id):
        yield f"下面还有{'、'.join(f'“{name}”' for name in children)}，请先撤销或调走。"
    if _any(session, registered):
        yield "还有报到没有结束，请先在“双报到”里办理或结束。"
    seats = sa.select(PartTimeMember.id).where(
        sa.or_(PartTimeMember.committee_id == unit_id, PartTimeMember.unit_id == unit_id),
        PartTimeMember.to_day.is_(None),
    )
    if _any(session, seats):
        yield "还有兼职委员在任，请先结束席位。"


def _any(session: Session, query: sa.Select[UUID]) -> bool:
    return session.scalar(query.limit(1)) is not None


KEEPINGS = (
    Keeping(
        key="registrations",
        title="到社区报到",
        why="办理在职党员到居住社区报到，积分和时长跟着您走",
        until="注销时撤销报到；记录与账目同期保存，只剩编号，看不出是谁",
        export=_registrations,
        forget=_leave,
    ),
    Keeping(
        key="seats",
        title="兼职委员的席位",
        why="记下谁代表驻区单位参加大工委、大党委",
        until="注销时结束席位；记录长期保留，只剩编号，看不出是谁",
        export=_seats,
    ),
)
