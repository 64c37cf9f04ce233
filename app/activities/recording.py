"""Writing an arrival down, with the key it came under, in one statement."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.activities.arrival_models import Attendance
from app.activities.kinds import ActivityState
from app.activities.models import Activity
from app.core import claims, idempotency
from app.core.claims import Claim
from app.core.db import tenant_of


@dataclass(slots=True, kw_only=True)
class Beginning:
    """What is written of an attendance that begins; the columns of its row."""

    id: UUID
    activity_id: UUID
    person_id: UUID
    state: str
    checked_in_at: datetime
    location_in: str
    way_in: str
    in_by: UUID | None
    review: str | None
    reasons: list[str]
    device_in: bytes | None
    skew_in_s: int | None
    hundred_m_in: int | None
    note: str = ""


_ATTENDANCE, _ACTIVITY = Attendance.__table__, Activity.__table__
_WRITTEN = [field.name for field in fields(Beginning)]


def write(session: Session, beginning: Beginning, *, claim: Claim[Beginning] | None) -> bool:
    """Write down that somebody came; False when it is called off, they were there, or the key was.

    Two identical requests may arrive together: the unique constraints decide which one acts.
    """
    tenant_id = tenant_of(session)
    values = {name: getattr(beginning, name) for name in _WRITTEN}
    values["tenant_id"] = tenant_id
    claimed = claim and claim.values(beginning, tenant_id=tenant_id)
    statement = _BEGIN_ONCE if claimed else _BEGIN
    with idempotency.in_flight():
        begun = session.connection().execute(statement, values | (claimed or {}))
        return begun.first() is not None


def _beginning(*, once: bool) -> sa.Executable:
    """Nobody calls the activity off meanwhile: it is held, and has to be public still."""
    names = ["tenant_id", *_WRITTEN]
    row = sa.select(*(sa.bindparam(name, type_=_ATTENDANCE.c[name].type) for name in names)).where(
        _ACTIVITY.c.tenant_id == sa.bindparam("tenant_id"),
        _ACTIVITY.c.id == sa.bindparam("activity_id"),
        _ACTIVITY.c.state == ActivityState.PUBLISHED.value,
    )
    if once:
        claimed = claims.claiming().cte("claimed")
        row = row.where(sa.exists().where(claimed.c.id.is_not(None)))
    writing = insert(Attendance).from_select(
        names, row.with_for_update(read=True, key_share=True, of=_ACTIVITY)
    )
    return writing.on_conflict_do_nothing().returning(Attendance.id)


_BEGIN: Any = _beginning(once=False)
_BEGIN_ONCE: Any = _beginning(once=True)
