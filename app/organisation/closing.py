"""撤销: a unit that is empty is closed, dated and with its reason, and can be opened again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.occupied import Occupied
from app.identity import units
from app.identity.roles import Permission, Principal
from app.organisation import queries, services
from app.organisation.errors import (
    ReasonNeeded,
    UnitClosedAlready,
    UnitOccupied,
    UnitOnTop,
    UnitOpen,
)
from app.organisation.models import OrgUnit


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """A unit that shall be closed, why, and whom to ask whether it is empty."""

    unit_id: UUID
    reason: str
    occupied: Sequence[Occupied]


def close(session: Session, end: End, *, me: Principal, now: datetime) -> OrgUnit:
    """Close a unit of one's own subtree from today on.

    It is held against everybody who would let something new point at it: who came first is seen
    here, and who comes after finds it closed. Raises `UnitOccupied` with what to do first.
    """
    unit = _held(session, me, end.unit_id)
    if unit.parent_id is None:
        raise UnitOnTop("最上级的组织不能撤销。")
    if unit.closed_on is not None:
        raise UnitClosedAlready(f"“{unit.name}”已经撤销，不用再办。")
    reason = _reason(end.reason)
    first = [said for each in end.occupied for said in each(session, unit.id, now)]
    if first:
        raise UnitOccupied(f"“{unit.name}”还不能撤销。{''.join(first)}")
    unit.closed_on, unit.closed_for = clock.civil_day(now, me.zone), reason
    session.flush()
    changed = {"closed_on": ("", unit.closed_on.isoformat())}
    _record(session, unit, me=me, what=("unit.close", reason), at=now, changed=changed)
    return unit


def reopen(
    session: Session, *, unit_id: UUID, reason: str, me: Principal, now: datetime
) -> OrgUnit:
    """Let a closed unit be open again from now on. The one above it must not be closed."""
    unit = _held(session, me, unit_id)
    if unit.closed_on is None or unit.parent_id is None:
        raise UnitOpen(f"“{unit.name}”没有撤销，不用恢复。")
    units.hold_open(session, unit.parent_id)
    reason, before = _reason(reason), unit.closed_on
    unit.closed_on, unit.closed_for = None, ""
    session.flush()
    changed = {"closed_on": (before.isoformat(), "")}
    _record(session, unit, me=me, what=("unit.reopen", reason), at=now, changed=changed)
    return unit


def _held(session: Session, me: Principal, unit_id: UUID) -> OrgUnit:
    """The unit, in one's own subtree, with the tree and everything that points at it."""
    queries.lock_top(session)
    services.managed(session, me, unit_id)
    unit = queries.lock_unit(session, unit_id)
    assert unit is not None  # units do not go
    return unit


def _reason(said: str) -> str:
    if not said.strip():
        raise ReasonNeeded("请写明原因，以后查得到。", errors={"reason": ["必填"]})
    return said.strip()


def _record(
    session: Session,
    unit: OrgUnit,
    *,
    me: Principal,
    what: tuple[str, str],
    at: datetime,
    changed: dict[str, tuple[str, str]],
) -> None:
    action, reason = what
    audit.record(
        session,
        actor=me.actor(Permission.ORG_MANAGE, unit.path),
        action=action,
        subject=("org_unit", unit.id),
        scope=unit.id,
        at=at,
        changed=changed,
        reason=reason,
    )
