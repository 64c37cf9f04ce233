"""The tree, stationed units and registrations over HTTP."""

from typing import Any
from uuid import UUID

from app.core import clock, edges
from app.core.db import transaction
from app.core.http import ApiBlueprint
from app.core.paging import Page, decode, listed, page
from app.identity.access import current_principal, requires
from app.identity.errands import REGISTER, errands
from app.identity.roles import Permission
from app.organisation import closing, queries, registering, registrations, services, stationed
from app.organisation.kinds import Nature, UnitKind
from app.organisation.queries import Unit
from app.organisation.registrations import Decision
from app.organisation.schemas import (
    ClosingRequest,
    DecisionRequest,
    NameRequest,
    OrgUnitAnswer,
    OrgUnitMade,
    OrgUnitRequest,
    OrgUnitsRequest,
    PlacementRequest,
    RegistrationAnswer,
    RegistrationMade,
    RegistrationRequest,
    RegistrationsRequest,
    StationedUnitAnswer,
    StationedUnitMade,
    StationedUnitRequest,
)

bp = ApiBlueprint("organisation", __name__, description="组织架构、驻区单位与双报到")


@bp.get("/org-units")
@requires(Permission.ORG_READ)
@bp.takes(OrgUnitsRequest, location="query")
@bp.gives(200, listed(OrgUnitAnswer))
def list_org_units(wanted: dict[str, Any]) -> Page[dict[str, Any]]:
    """What stands directly under a unit of one's own subtrees, or their tops.

    A unit outside them has nothing under it, like one that is not there.
    """
    me, limit = current_principal(), wanted["limit"]
    after = decode(wanted["cursor"], (str, UUID))
    with transaction(me.tenant_id) as session:
        tops = me.units_with(Permission.ORG_READ)
        rows = queries.list_children(session, wanted["under"], tops, after=after, limit=limit + 1)
        labels = services.labels_of(session)
    cut = page(rows, limit=limit, key=lambda unit: (unit.name, str(unit.id)))
    return Page([_unit(one, labels) for one in cut.items], cut.next_cursor)


@bp.post("/org-units")
@requires(Permission.ORG_MANAGE)
@bp.takes(OrgUnitRequest)
@bp.gives(201, OrgUnitMade)
def create_org_unit(body: dict[str, Any]) -> dict[str, Any]:
    """Make a unit under one of one's own subtree."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        founding = services.Founding(**body)
        unit = services.found_unit(session, founding, me=me, now=clock.now())
        return {"unit": _unit(queries.seen(unit), services.labels_of(session))}


@bp.post("/org-units/<uuid:unit_id>/placements")
@requires(Permission.ORG_MANAGE)
@bp.takes(PlacementRequest)
@bp.gives(201, OrgUnitMade)
def move_org_unit(body: dict[str, Any], unit_id: UUID) -> dict[str, Any]:
    """Let a unit stand under another one from a day on, with everything under it."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        move = services.Move(unit_id=unit_id, **body)
        unit = services.move_unit(session, move, me=me, now=clock.now())
        return {"unit": _unit(queries.seen(unit), services.labels_of(session))}


@bp.put("/org-units/<uuid:unit_id>/name")
@requires(Permission.ORG_MANAGE)
@bp.takes(NameRequest)
@bp.gives(200, OrgUnitMade)
def rename_org_unit(body: dict[str, str], unit_id: UUID) -> dict[str, Any]:
    """Let a unit be called otherwise from now on."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        unit = services.rename_unit(
            session, unit_id=unit_id, name=body["name"], me=me, now=clock.now()
        )
        return {"unit": _unit(queries.seen(unit), services.labels_of(session))}


@bp.put("/org-units/<uuid:unit_id>/closing")
@requires(Permission.ORG_MANAGE)
@bp.takes(ClosingRequest)
@bp.gives(200, OrgUnitMade)
def close_org_unit(body: dict[str, str], unit_id: UUID) -> dict[str, Any]:
    """Close a unit from today on: it takes up nothing new, and stays in history.

    Refused, with what to do first, while anything in it is still open.
    """
    me = current_principal()
    end = closing.End(unit_id=unit_id, reason=body["reason"], occupied=edges.occupied())
    with transaction(me.tenant_id) as session:
        unit = closing.close(session, end, me=me, now=clock.now())
        return {"unit": _unit(queries.seen(unit), services.labels_of(session))}


@bp.put("/org-units/<uuid:unit_id>/reopening")
@requires(Permission.ORG_MANAGE)
@bp.takes(ClosingRequest)
@bp.gives(200, OrgUnitMade)
def reopen_org_unit(body: dict[str, str], unit_id: UUID) -> dict[str, Any]:
    """Let a closed unit be open again from now on; the one above it must be."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        unit = closing.reopen(
            session, unit_id=unit_id, reason=body["reason"], me=me, now=clock.now()
        )
        return {"unit": _unit(queries.seen(unit), services.labels_of(session))}


@bp.get("/stationed-units")
@requires(Permission.ORG_READ)
@bp.gives(200, listed(StationedUnitAnswer))
def list_stationed_units() -> Page[dict[str, Any]]:
    """The units stationed in one's own subtrees."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        rows = queries.list_stationed(session, me.units_with(Permission.ORG_READ))
    return Page([_stationed(row) for row in rows], None)


@bp.post("/stationed-units")
@requires(Permission.REGISTRATION_DECIDE)
@bp.takes(StationedUnitRequest)
@bp.gives(201, StationedUnitMade)
def create_stationed_unit(body: dict[str, Any]) -> dict[str, Any]:
    """Enter a unit that registers with one's community."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        arriving = stationed.Arriving(**body)
        row = stationed.station_unit(session, arriving, me=me, now=clock.now())
        found = queries.list_stationed(session, [row.id])
    return {"unit": _stationed(found[0])}


@bp.post("/me/registrations")
@requires(Permission.REGISTRATION_OWN)
@bp.takes(RegistrationRequest)
@bp.gives(201, RegistrationMade)
def register_residence(body: dict[str, Any]) -> dict[str, Any]:
    """Register with the community where one lives, or ask to move there.

    Until the community has accepted, an earlier registration stays in force. A delegate who may
    register says for whom with `on_behalf_of`; both are written down.
    """
    me, now, whom = current_principal(), clock.now(), body.pop("on_behalf_of")
    with transaction(me.tenant_id) as session:
        errand = errands().take_on(session, me, whom, deed=REGISTER, now=now)
        made = registrations.propose(session, me=errand.me, now=now, **body)
        errands().done(session, errand, deed=REGISTER, about_id=made.id, now=now)
        return {"registration": registering.shown(session, made)}


@bp.get("/registrations")
@requires(Permission.REGISTRATION_OWN)
@bp.takes(RegistrationsRequest, location="query")
@bp.gives(200, listed(RegistrationAnswer))
def list_registrations(wanted: dict[str, Any]) -> Page[dict[str, Any]]:
    """One's own registrations; or those with one's communities, the oldest first."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        if wanted["scope"] == "own":
            return registering.own(session, me)
        return registering.to_decide(
            session, me, state=wanted["state"], cursor=wanted["cursor"], limit=wanted["limit"]
        )


@bp.post("/registrations/<uuid:registration_id>/decision")
@requires(Permission.REGISTRATION_DECIDE)
@bp.takes(DecisionRequest)
@bp.gives(200, RegistrationMade)
def decide_registration(body: dict[str, Any], registration_id: UUID) -> dict[str, Any]:
    """Accept, refuse, suspend or end a registration with one's own community.

    To accept a suspended one is to resume it.
    """
    me = current_principal()
    decision = Decision(
        registration_id=registration_id,
        to=registering.TO[body["decision"]],
        reason=body["reason"],
    )
    with transaction(me.tenant_id) as session:
        decided = registrations.decide(session, decision, me=me, now=clock.now())
        return {"registration": registering.shown(session, decided)}


def _unit(unit: Unit, labels: dict[str, str]) -> dict[str, Any]:
    return {
        "id": unit.id,
        "parent_id": unit.parent_id,
        "kind": UnitKind(unit.kind).value,
        "kind_label": labels[unit.kind],
        "name": unit.name,
        "closed_on": unit.closed_on,
    }


def _stationed(row: queries.Stationed) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "nature": Nature(row.nature).value,
        "community_id": row.parent_id,
        "contact_id": row.contact_id,
    }
