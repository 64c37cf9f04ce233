"""The counter's one deed, as the API and the page both do it: once for a key."""

from typing import Any

from flask import Response

from app.core import clock, edges, masking
from app.core.db import transaction
from app.core.http import json_answer
from app.core.idempotency import Ask, once, required
from app.identity.roles import Principal
from app.supermarket import services
from app.supermarket.schemas import RedemptionAnswer
from app.supermarket.services import Order, Receipt


def redeem(me: Principal, *, key: str | None, order: dict[str, Any]) -> Response:
    """Redeem as `order` says (shop_id, shown, wishes). The same key again is the same answer."""
    now = clock.now()
    ask = Ask(
        actor_id=me.person_id,
        key=required(key),
        route=f"redeem:{order['shop_id']}",
        body={"shown": order["shown"], "wishes": [str(wish) for wish in order["wishes"]]},
        now=now,
    )
    wanted = Order(me=me, keyring=edges.keyring(), now=now, **order)
    with transaction(me.tenant_id) as session:
        return once(session, ask, lambda: _receipt(services.redeem(session, wanted)))


def _receipt(receipt: Receipt) -> Response:
    redemption = receipt.redemption
    body = {
        "redemption": {
            "id": redemption.id,
            "number": receipt.number,
            "state": redemption.state,
            "cost": redemption.cost,
            "lines": receipt.lines,
            "member_name_masked": masking.name(receipt.member_name),
            "balance_after": redemption.balance_after,
            "at": redemption.at,
        }
    }
    return json_answer(RedemptionAnswer(), body, status=201)
