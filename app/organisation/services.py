"""Building the tree, and moving parts of it: dated, audited, one at a time."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.db import add, claim
from app.core.ids import new_id
from app.identity import units
from app.identity.roles import Permission, Principal
from app.organisation import queries
from app.organisation.errors import (
    NO_UNIT,
    DayImpossible,
    ReasonNeeded,
    StandsNowhere,
    StandsThereAlready,
    StandsUnderItself,
    UnitNameTaken,
    UnitUnknown,
)
from app.organisation.kinds import LABELS, UnitKind, may_stand
from app.organisation.models import OrgLabel, OrgPlacement, OrgUnit

FOUNDED = "设立"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a new unit is, and is called."""

    kind: UnitKind
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Founding(Named):
    """A unit somebody makes under another one, where it stands from a day on: today, or before."""

    parent_id: UUID
    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A unit that shall stand elsewhere from a day on."""

    unit_id: UUID
    parent_id: UUID
    on: date
    reason: str


def create_unit(
    session: Session, *, parent_id: UUID | None, kind: str, name: str, on: date
) -> OrgUnit:
    """Make a unit under its parent, or the top one, where it stands from a day on."""
    return _place(session, Named(kind=UnitKind(kind), name=name), parent_id=parent_id, on=on)


def found_unit(session: Session, founding: Founding, *, me: Principal, now: datetime) -> OrgUnit:
    """Make a unit in one's own subtree."""
    above, today = managed(session, me, founding.parent_id), clock.civil_day(now, me.zone)
    on = founding.on or today
    _check_founding(session, above, on=on, today=today)
    unit = found(session, founding, placed_by=me.person_id, on=on)
    audit.record(
        session,
        actor=me.actor(Permission.ORG_MANAGE, unit.path),
        action="unit.create",
        subject=("org_unit", unit.id),
        scope=unit.id,
        at=now,
        changed={
            "name": ("", founding.name),
            "kind": ("", founding.kind.value),
            "from_day": ("", on.isoformat()),
        },
    )
    return unit


def rename_unit(
    session: Session, *, unit_id: UUID, name: str, me: Principal, now: datetime
) -> OrgUnit:
    """Let a unit be called otherwise from now on; what was printed with the old name stays."""
    queries.lock_top(session)
    unit = managed(session, me, unit_id)
    before, name = unit.name, name.strip()
    if name == before:
        raise UnitNameTaken(f"它现在就叫“{name}”，不用改。")
    if unit.parent_id is not None:
        _refuse_taken_name(session, parent_id=unit.parent_id, name=name)
    unit.name = name
    session.flush()
    audit.record(
        session,
        actor=me.actor(Permission.ORG_MANAGE, unit.path),
        action="unit.rename",
        subject=("org_unit", unit.id),
        scope=unit.id,
        at=now,
        changed={"name": (before, name)},
    )
    return unit


def label_kind(
    session: Session, *, kind: UnitKind, label: str, me: Principal, now: datetime
) -> None:
    """Say what all of the city calls a kind of unit: for who manages its top."""
    top = queries.top(session)
    unit = managed(session, me, top) if top is not None else None
    before, label = labels_of(session)[kind.value], label.strip()
    if unit is None or label == before:
        return
    set_label(session, kind=kind, label=label)
    audit.record(
        session,
        actor=me.actor(Permission.ORG_MANAGE, unit.path),
        action="unit.label",
        subject=("org_unit", unit.id),
        scope=unit.id,
        at=now,
        changed={"label": (before, label)},
    )


def found(session: Session, founding: Founding, *, placed_by: UUID, on: date) -> OrgUnit:
    """Make a unit for somebody who may: which is for the caller to know."""
    queries.lock_top(session)  # or two of the same name at once would fail in the database
    _refuse_taken_name(session, parent_id=founding.parent_id, name=founding.name)
    return _place(session, founding, parent_id=founding.parent_id, on=on, placed_by=placed_by)


def move_unit(session: Session, move: Move, *, me: Principal, now: datetime) -> OrgUnit:
    """Let a unit stand under another one from a day on, with all that stands under it.

    Whoever moves holds the top of the tree: two moves that together would make a circle come one
    after the other, and the second sees what the first has done.
    """
    queries.lock_top(session)
    unit = managed(session, me, move.unit_id)
    above = managed(session, me, move.parent_id)
    units.hold_open(session, unit.id)
    units.hold_open(session, above.id)
    _check_move(session, unit, above, move=move)
    before = queries.get_unit(session, unit.parent_id) if unit.parent_id else None
    _close_placement(session, unit, on=move.on, today=clock.civil_day(now, me.zone))
    _carry(session, unit, above)
    _stand(session, unit, on=move.on, placed_by=me.person_id, reason=move.reason.strip())
    audit.record(
        session,
        actor=me.actor(Permission.ORG_MANAGE, above.path),
        action="unit.move",
        subject=("org_unit", unit.id),
        scope=unit.id,
        at=now,
        changed={
            "parent": (before.name if before else "", above.name),
            "from_day": ("", move.on.isoformat()),
        },
        reason=move.reason.strip(),
    )
    return unit


def set_label(session: Session, *, kind: UnitKind, label: str) -> None:
    """What this tenant calls a kind of unit."""
    known = claim(session, OrgLabel, kind=kind.value, label=label)
    if known is None:
        session.execute(sa.update(OrgLabel).filter_by(kind=kind.value).values(label=label))


def labels_of(session: Session) -> dict[str, str]:
    """What every kind is called here."""
    return {kind.value: label for kind, label in LABELS.items()} | queries.own_labels(session)


def _place(
    session: Session,
    named: Named,
    *,
    parent_id: UUID | None,
    on: date,
    placed_by: UUID | None = None,
) -> OrgUnit:
    if parent_id is not None:
        units.hold_open(session, parent_id)
    above = queries.get_unit(session, parent_id) if parent_id else None
    _check_place(named.kind, above)
    id_ = new_id()
    path = [*(above.path if above else ()), id_]
    unit = OrgUnit(id=id_, parent_id=parent_id, kind=named.kind.value, name=named.name, path=path)
    add(session, unit)
    _stand(session, unit, on=on, placed_by=placed_by, reason=FOUNDED)
    return unit


def _stand(
    session: Session, unit: OrgUnit, *, on: date, placed_by: UUID | None, reason: str
) -> None:
    """Note where the unit stands from a day on."""
    row = OrgPlacement(
        unit_id=unit.id,
        parent_id=unit.parent_id,
        from_day=on,
        placed_by=placed_by,
        reason=reason,
    )
    add(session, row)


def _close_placement(session: Session, unit: OrgUnit, *, on: date, today: date) -> None:
    standing = queries.open_placement(session, unit.id)
    assert standing is not None  # it was opened with the unit
    if not standing.from_day <= on <= today:
        raise DayImpossible(
            f"调整日期要在 {standing.from_day} 到 {today} 之间，请重新选择日期。",
            errors={"on": ["不在这段日期内"]},
        )
    standing.to_day = on
    session.flush()  # one placement is open at a time


def _carry(session: Session, unit: OrgUnit, above: OrgUnit) -> None:
    """The whole subtree takes its new path in one statement."""
    tail = OrgUnit.path[len(unit.path) : sa.func.cardinality(OrgUnit.path)]
    session.execute(
        sa.update(OrgUnit)
        .where(OrgUnit.path.contains([unit.id]))
        .values(
            path=sa.func.array_cat(sa.cast(list(above.path), OrgUnit.path.type), tail),
            parent_id=sa.case((OrgUnit.id == unit.id, above.id), else_=OrgUnit.parent_id),
        )
        .execution_options(synchronize_session=False)
    )
    session.refresh(unit)


def _check_founding(session: Session, above: OrgUnit, *, on: date, today: date) -> None:
    began = queries.list_placements(session, above.id)[-1].from_day
    if not began <= on <= today:
        raise DayImpossible(
            f"设立日期要在 {began} 到 {today} 之间，请重新选择日期。",
            errors={"on": ["不在这段日期内"]},
        )


def _check_move(session: Session, unit: OrgUnit, above: OrgUnit, *, move: Move) -> None:
    if not move.reason.strip():
        raise ReasonNeeded("请写明调整的原因，以后查得到。", errors={"reason": ["必填"]})
    if unit.id in above.path:
        raise StandsUnderItself("不能把一个组织放到它自己或它的下级下面，请换一个上级。")
    if unit.parent_id == above.id:
        raise StandsThereAlready(f"“{unit.name}”已经在“{above.name}”下面，不用调整。")
    _check_place(UnitKind(unit.kind), above)
    _refuse_taken_name(session, parent_id=above.id, name=unit.name)


def _check_place(kind: UnitKind, above: OrgUnit | None) -> None:
    under = UnitKind(above.kind) if above else None
    if not may_stand(kind, under):
        where = f"{LABELS[under]}下面" if under else "最上级"
        raise StandsNowhere(
            f"{LABELS[kind]}不能放在{where}，请换一个上级。", errors={"parent_id": ["级别不对"]}
        )


def _refuse_taken_name(session: Session, *, parent_id: UUID, name: str) -> None:
    if queries.child_named(session, parent_id=parent_id, name=name):
        raise UnitNameTaken(f"那里已经有叫“{name}”的组织，请换一个名称或上级。")


def managed(session: Session, me: Principal, unit_id: UUID) -> OrgUnit:
    """A unit of one's own subtree; another one does not exist."""
    unit = queries.get_unit(session, unit_id)
    if unit is None or not me.may(Permission.ORG_MANAGE, unit.path):
        raise UnitUnknown(NO_UNIT)
    return unit
