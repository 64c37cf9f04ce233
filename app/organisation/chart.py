"""The tree as the pages draw it: one unit, what is above and under it, and where it stood."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import masking
from app.core.vault import Vault
from app.identity import finding
from app.identity import queries as identity
from app.identity.roles import Permission, Principal
from app.organisation import queries, services
from app.organisation.kinds import JOINT, STANDS_UNDER, Nature, UnitKind, kinds_under
from app.organisation.labels import NATURES
from app.organisation.queries import Unit

MOST = 200  # children on one page; more than any unit of the tree has


def tops(session: Session, me: Principal) -> list[dict[str, Any]]:
    """Where the subtrees of the caller begin."""
    labels = services.labels_of(session)
    found = queries.list_children(
        session, None, me.units_with(Permission.ORG_READ), after=None, limit=MOST
    )
    return [_cell(one, labels) for one in found]


def unit(session: Session, me: Principal, unit_id: UUID) -> dict[str, Any] | None:
    """Everything the page of a unit says; None for one outside the caller's subtrees."""
    reach = me.units_with(Permission.ORG_READ)
    found = queries.find_under(session, unit_id, reach)
    if found is None:
        return None
    labels = services.labels_of(session)
    above = queries.units_of(session, found.path)
    seen = [above[one] for one in found.path[:-1] if set(above[one].path) & reach]
    children = queries.list_children(session, unit_id, reach, after=None, limit=MOST)
    manages = me.may(Permission.ORG_MANAGE, found.path)
    standing = found.closed_on is None
    movable = manages and standing and found.parent_id is not None
    joint = UnitKind(found.kind) in JOINT
    return {
        "unit": _cell(found, labels),
        "manages": manages,
        "movable": movable,
        "closed": None if standing else _closing(session, unit_id),
        "kinds": _kinds(UnitKind(found.kind), labels) if manages and standing else [],
        "labels": _labels(labels) if manages and found.parent_id is None else [],
        "above": [_cell(one, labels) for one in seen],
        "children": [_cell(one, labels) for one in children],
        "history": _history(session, unit_id),
        "places": _places(session, me, found, labels=labels) if movable else [],
        "stationed": _stationed(session, unit_id),
        "seats": _seats(session, unit_id) if joint else [],
        "seatable": _seatable(session, me, found) if joint else [],
        "may_seat": joint and standing and me.may(Permission.REGISTRATION_DECIDE, found.path),
        "may_station": found.kind == UnitKind.COMMUNITY.value
        and standing
        and me.may(Permission.REGISTRATION_DECIDE, found.path),
    }


def somebody(session: Session, vault: Vault, text: str, *, me: Principal) -> UUID | None:
    """The one person of one's own communities whom a text means; none where it means several."""
    found = finding.people_in(
        session, vault, text, tops=me.units_with(Permission.REGISTRATION_DECIDE)
    )
    return found[0][0] if len(found) == 1 else None


def _kinds(above: UnitKind, labels: dict[str, str]) -> list[tuple[str, str]]:
    """What may be made directly under a unit. Units are stationed, and so come in otherwise."""
    made = (kind for kind in kinds_under(above) if kind is not UnitKind.UNIT)
    return [(kind.value, labels[kind.value]) for kind in made]


def _labels(labels: dict[str, str]) -> list[tuple[str, str]]:
    return [(kind.value, labels[kind.value]) for kind in UnitKind]


def _seats(session: Session, committee_id: UUID) -> list[dict[str, Any]]:
    seats = queries.seats_in(session, committee_id)
    people = identity.names_of(session, {seat.person_id for seat in seats})
    units = queries.units_of(session, {seat.unit_id for seat in seats})
    return [
        {
            "id": str(seat.id),
            "name": masking.name(people[seat.person_id]),
            "unit": units[seat.unit_id].name,
            "since": seat.from_day.isoformat(),
        }
        for seat in seats
    ]


def _seatable(session: Session, me: Principal, committee: Unit) -> list[dict[str, Any]]:
    """The stationed units around a committee whose people may sit there."""
    around = [committee.parent_id] if committee.parent_id else []
    mine = me.units_with(Permission.REGISTRATION_DECIDE)
    found = queries.list_stationed(session, around)
    within = {unit.id for unit in queries.open_units(session, mine)}
    return [{"id": str(one.id), "name": one.name} for one in found if one.id in within]


def _cell(unit: Unit, labels: dict[str, str]) -> dict[str, Any]:
    label = labels[unit.kind] + ("，已撤销" if unit.closed_on else "")
    return {"id": str(unit.id), "name": unit.name, "kind_label": label}


def _closing(session: Session, unit_id: UUID) -> dict[str, str]:
    row = queries.get_unit(session, unit_id)
    assert row is not None  # the page is about it
    assert row.closed_on is not None  # nor is it open
    return {"on": row.closed_on.isoformat(), "reason": row.closed_for}


def _history(session: Session, unit_id: UUID) -> list[dict[str, Any]]:
    placements = queries.list_placements(session, unit_id)
    names = queries.units_of(session, {one.parent_id for one in placements if one.parent_id})
    people = identity.names_of(session, {one.placed_by for one in placements if one.placed_by})
    return [
        {
            "from_day": one.from_day.isoformat(),
            "to_day": one.to_day.isoformat() if one.to_day else "",
            "parent": names[one.parent_id].name if one.parent_id else "最上级",
            "reason": one.reason,
            "by": masking.name(people[one.placed_by]) if one.placed_by else "",
        }
        for one in placements
    ]


def _places(
    session: Session, me: Principal, unit: Unit, *, labels: dict[str, str]
) -> list[dict[str, Any]]:
    """Under which units of one's own this one could stand instead."""
    kinds = {kind.value for kind in STANDS_UNDER[UnitKind(unit.kind)]}
    found: Iterable[Unit] = queries.open_units(session, me.units_with(Permission.ORG_MANAGE))
    return [
        _cell(one, labels)
        for one in found
        if one.kind in kinds and unit.id not in one.path and one.id != unit.parent_id
    ]


def _stationed(session: Session, unit_id: UUID) -> list[dict[str, Any]]:
    units = [one for one in queries.list_stationed(session, [unit_id]) if one.id != unit_id]
    seats = queries.list_seats(session, [one.id for one in units])
    people = identity.names_of(session, {seat.person_id for seat in seats})
    return [
        {
            "id": str(one.id),
            "name": one.name,
            "nature": NATURES[Nature(one.nature)] + ("，已撤销" if one.closed_on else ""),
            "seats": "、".join(
                masking.name(people[seat.person_id]) for seat in seats if seat.unit_id == one.id
            ),
        }
        for one in units
    ]
