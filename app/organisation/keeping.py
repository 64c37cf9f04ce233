"""What the organisation keeps about a person: where they registered."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.keeping import Keeping
from app.organisation.labels import STATES
from app.organisation.models import OrgUnit, Registration


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


KEEPINGS = (
    Keeping(
        key="registrations",
        title="到社区报到",
        why="办理在职党员到居住社区报到，积分和时长跟着您走",
        until="与账目同期保存；注销后只剩编号，看不出是谁",
        export=_registrations,
    ),
)
