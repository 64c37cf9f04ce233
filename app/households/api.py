"""Delegates over HTTP."""

from typing import Any
from uuid import UUID

from app.core import clock
from app.core.db import transaction
from app.core.http import ApiBlueprint
from app.households import delegations
from app.households.delegations import Mandate
from app.households.kinds import Relation
from app.households.schemas import DelegateMade, DelegateRequest
from app.identity.access import current_principal, requires
from app.identity.roles import Permission

bp = ApiBlueprint("households", __name__, description="家庭与代办")


@bp.post("/me/delegates")
@requires(Permission.HOUSEHOLD_OWN)
@bp.takes(DelegateRequest)
@bp.gives(201, DelegateMade)
def create_delegate(body: dict[str, Any]) -> dict[str, Any]:
    """Let somebody of one's household, or one's grid worker, act for oneself.

    They then read and redeem with `on_behalf_of`; both are written down with every act.
    """
    me = current_principal()
    mandate = Mandate(person_id=me.person_id, **{**body, "acts": frozenset(body["acts"])})
    with transaction(me.tenant_id) as session:
        given = delegations.give(session, mandate, me=me, now=clock.now())
    return {
        "delegate": {
            "id": given.id,
            "person_id": given.person_id,
            "delegate_id": given.delegate_id,
            "relation": Relation(given.relation),
            "acts": given.acts,
            "daily_limit": given.daily_limit,
            "from_day": given.from_day,
            "to_day": given.to_day,
        }
    }


@bp.delete("/delegates/<uuid:mandate_id>")
@requires(Permission.HOUSEHOLD_OWN)
@bp.gives(204)
def delete_delegate(mandate_id: UUID) -> None:
    """Take a mandate back, or give it up; from now on it is worth nothing."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        delegations.revoke(session, me=me, mandate_id=mandate_id, now=clock.now())
