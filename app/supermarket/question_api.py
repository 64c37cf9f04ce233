"""What a member's own phone answers to a sale that waits for it, over HTTP."""

from typing import Any
from uuid import UUID

from flask import Response

from app.core import clock
from app.core.db import transaction
from app.core.http import ApiBlueprint
from app.core.idempotency import client_key, header
from app.identity.access import current_principal, requires
from app.identity.roles import Permission
from app.supermarket import counter, till_queries
from app.supermarket.models import SaleQuestion
from app.supermarket.schemas import (
    RedemptionAnswer,
    SaleQuestionsAnswer,
    SaleRefusedAnswer,
)

bp = ApiBlueprint("questions", __name__, description="大额兑换的本人确认")
KEY = "这次回答的唯一编号；重复提交返回第一次的结果"


@bp.get("/me/sale-questions")
@requires(Permission.REDEEM_CODE_CREATE)
@bp.gives(200, SaleQuestionsAnswer)
def list_sale_questions() -> dict[str, Any]:
    """The sales that wait for the caller's own answer, the newest first. Nothing has moved yet."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        rows = till_queries.list_waiting(session, person_id=me.person_id, now=clock.now())
        shops = till_queries.names_of_shops(session, {row.shop_id for row in rows})
    return {"items": [_shown(row, shops[row.shop_id]) for row in rows]}


@bp.post("/me/sale-questions/<uuid:question_id>/confirmation")
@requires(Permission.REDEEM_CODE_CREATE)
@header("Idempotency-Key", required=True, text=KEY)
@bp.gives(201, RedemptionAnswer)
def confirm_sale(question_id: UUID) -> Response:
    """Yes: the sale happens now, as goods and points are by now, or is refused and moves nothing.

    The first answer counts; a later one is told that it is over.
    """
    return counter.answer_once(current_principal(), question_id, yes=True, key=client_key())


@bp.post("/me/sale-questions/<uuid:question_id>/refusal")
@requires(Permission.REDEEM_CODE_CREATE)
@header("Idempotency-Key", required=True, text=KEY)
@bp.gives(200, SaleRefusedAnswer)
def refuse_sale(question_id: UUID) -> Response:
    """No: nothing moves, the counter hears of it, and the code that was shown is used up."""
    return counter.answer_once(current_principal(), question_id, yes=False, key=client_key())


def _shown(row: SaleQuestion, shop_name: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "shop_id": row.shop_id,
        "shop_name": shop_name,
        "cost": row.cost,
        "lines": row.lines,
        "asked_at": row.asked_at,
        "ends_at": row.ends_at,
    }
