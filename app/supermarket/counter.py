"""The counter's one deed, as the API and the page both do it: once for a key."""

from dataclasses import asdict
from uuid import UUID

from flask import Response
from sqlalchemy.orm import Session

from app.core import clock, edges, masking
from app.core.db import transaction
from app.core.http import json_answer
from app.core.idempotency import Ask, once, required
from app.core.queue import ring_after_commit
from app.identity.roles import Principal
from app.notices import jobs as notices
from app.supermarket import services
from app.supermarket.orders import Order, Receipt, Wish
from app.supermarket.schemas import RedemptionAnswer


def redeem(
    me: Principal, *, key: str | None, shop_id: UUID, shown: str, wishes: tuple[Wish, ...]
) -> Response:
    """Give what is wished for against the code shown. The same key again is the same answer."""
    now = clock.now()
    ask = Ask(
        actor_id=me.person_id,
        key=required(key),
        route=f"redeem:{shop_id}",
        body={"shown": shown, "wishes": [asdict(wish) for wish in wishes]},
        now=now,
    )
    order = Order(
        me=me, shop_id=shop_id, shown=shown, wishes=wishes, keyring=edges.keyring(), now=now
    )
    with transaction(me.tenant_id) as session:
        return once(session, ask, lambda: _sold(session, order))


def _sold(session: Session, order: Order) -> Response:
    receipt = services.redeem(session, order)
    ring_after_commit(session, notices.send_waiting)
    return _receipt(receipt)


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
