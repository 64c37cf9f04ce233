"""The red account over HTTP."""

from typing import Any

from app.core import clock
from app.core.db import transaction
from app.core.http import ApiBlueprint
from app.core.paging import Page, listed
from app.households import acting
from app.households.kinds import Act
from app.identity.access import current_principal, requires
from app.identity.roles import Permission
from app.ledger import passbook, services
from app.ledger.schemas import (
    BalancesAnswer,
    BalancesRequest,
    ExpiryChoice,
    PassbookLineAnswer,
    PassbookRequest,
)

bp = ApiBlueprint("passbook", __name__, description="红色账户与积分存折")


@bp.get("/me/balances")
@requires(Permission.PASSBOOK_READ)
@bp.takes(BalancesRequest, location="query")
@bp.gives(200, BalancesAnswer)
def get_balances(query: dict[str, Any]) -> dict[str, Any]:
    """The caller's three numbers: service minutes, contribution score, spendable points.

    `pending` is what settlement will credit, `held` what is kept for a reservation. `expiring`
    are the days until whose end points can be spent, the nearest first, with what lapses after
    each. What is `owed` is made good by what is earned next.
    """
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        errand = acting.errand(session, me, query["on_behalf_of"], act=Act.READ, now=now)
        person_id, day = errand.me.subject_id, clock.civil_day(now, me.zone)
        found = services.numbers(session, person_id=person_id, on=day)
        expiring = services.schedule(session, person_id=person_id, on=day)
        lapses_to = services.chosen_expiry(session, person_id=person_id, now=now)
    points = found.points
    return {
        "points": {
            "available": points.available,
            "pending": points.pending,
            "held": points.held,
            "owed": points.owed,
            "expiring": expiring,
            "lapses_to": lapses_to,
        },
        "score": found.score,
        "minutes": found.minutes,
    }


@bp.put("/me/expiry-choice")
@requires(Permission.EXPIRY_CHOOSE)
@bp.takes(ExpiryChoice)
@bp.gives(200, ExpiryChoice)
def choose_expiry(body: dict[str, Any]) -> dict[str, Any]:
    """Say where the caller's points shall go that lapse unspent. The latest word counts.

    To say the same again changes nothing.
    """
    me = current_principal()
    with transaction(me.tenant_id) as session:
        services.choose_expiry(session, person_id=me.person_id, **body, now=clock.now())
    return body


@bp.get("/me/passbook")
@requires(Permission.PASSBOOK_READ)
@bp.takes(PassbookRequest, location="query")
@bp.gives(200, listed(PassbookLineAnswer))
def list_passbook(query: dict[str, Any]) -> Page[dict[str, Any]]:
    """The caller's passbook, the newest line first: what moved, why, and by which policy."""
    me, person_id = current_principal(), query.pop("on_behalf_of")
    with transaction(me.tenant_id) as session:
        errand = acting.errand(session, me, person_id, act=Act.READ, now=clock.now())
        return passbook.read(session, person_id=errand.me.subject_id, **query)
