"""The red account over HTTP."""

from typing import Any

from app.core.db import transaction
from app.core.http import ApiBlueprint
from app.core.paging import Page, listed
from app.identity.access import current_principal, requires
from app.identity.roles import Permission
from app.ledger import passbook, services
from app.ledger.schemas import BalancesAnswer, PassbookLineAnswer, PassbookRequest

bp = ApiBlueprint("passbook", __name__, description="红色账户与积分存折")


@bp.get("/me/balances")
@requires(Permission.PASSBOOK_READ)
@bp.gives(200, BalancesAnswer)
def get_balances() -> dict[str, Any]:
    """The caller's three numbers: service minutes, contribution score, spendable points.

    `pending` is what settlement will credit. Points of the policy in force do not lapse, so
    nothing is `expiring`.
    """
    me = current_principal()
    with transaction(me.tenant_id) as session:
        found = services.numbers(session, person_id=me.person_id)
    points = found.points
    return {
        "points": {
            "available": points.available,
            "pending": points.pending,
            "held": points.held,
            "expiring": [],
        },
        "score": found.score,
        "minutes": found.minutes,
    }


@bp.get("/me/passbook")
@requires(Permission.PASSBOOK_READ)
@bp.takes(PassbookRequest, location="query")
@bp.gives(200, listed(PassbookLineAnswer))
def list_passbook(query: dict[str, Any]) -> Page[dict[str, Any]]:
    """The caller's passbook, the newest line first: what moved, why, and by which policy."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        return passbook.read(session, person_id=me.person_id, **query)
