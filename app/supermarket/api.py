"""The supermarket over HTTP."""

from typing import Any
from uuid import UUID

from flask import Response

from app.core import clock, edges, places
from app.core.clock import civil_day
from app.core.db import transaction
from app.core.http import ApiBlueprint
from app.core.idempotency import client_key, header
from app.core.paging import Page, PageRequest, listed
from app.households import acting
from app.households.kinds import Act
from app.identity.access import current_principal, requires
from app.identity.roles import Permission
from app.supermarket import counter, issuing, queries
from app.supermarket.counter import Asked
from app.supermarket.errors import ShopUnknown
from app.supermarket.issuing import Shown
from app.supermarket.models import Shop
from app.supermarket.orders import Card, Wish
from app.supermarket.schemas import (
    ItemsAnswer,
    QuestionAnswer,
    RedeemCodeAnswer,
    RedeemCodeRequest,
    RedemptionAnswer,
    RedemptionRequest,
    ShopAnswer,
    ShopSearchRequest,
)

bp = ApiBlueprint("supermarket", __name__, description="爱心超市、兑换码与兑换台")

ShopPage = listed(ShopAnswer)


@bp.post("/me/redeem-codes")
@requires(Permission.REDEEM_CODE_CREATE)
@bp.takes(RedeemCodeRequest)
@bp.gives(201, RedeemCodeAnswer)
def create_redeem_code(body: dict[str, Any]) -> Shown:
    """A fresh code to show at the counter: one minute, one use.

    A delegate's is for the points of whom they act for, within the mandate and its daily limit.
    """
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        errand = acting.errand(session, me, body["on_behalf_of"], act=Act.REDEEM, now=now)
        return issuing.create_code(
            session,
            me=errand.me,
            keyring=edges.keyring(),
            now=now,
            mandate_id=errand.mandate_id,
        )


@bp.get("/shops")
@requires(Permission.SHOP_READ)
@bp.takes(PageRequest, location="query")
@bp.gives(200, ShopPage)
def list_shops(query: dict[str, Any]) -> Page[dict[str, Any]]:
    """Shops by name. Who wants the nearest first asks `searchShops`."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        return _answers(queries.list_shops(session, query), zone=me.zone)


@bp.post("/shops/search")
@requires(Permission.SHOP_READ)
@bp.takes(ShopSearchRequest)
@bp.gives(200, ShopPage)
def search_shops(body: dict[str, Any]) -> Page[dict[str, Any]]:
    """Shops, the nearest first. Where somebody is belongs in no address, and is not kept."""
    me, near = current_principal(), places.spot(body["near"])
    with transaction(me.tenant_id) as session:
        return _answers(queries.list_shops(session, body, near=near), zone=me.zone)


@bp.get("/shops/<uuid:shop_id>/items")
@requires(Permission.SHOP_READ)
@bp.gives(200, ItemsAnswer)
def list_items(shop_id: UUID) -> dict[str, Any]:
    """What the shop gives for points, and how many are left."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        if queries.get_shop(session, shop_id) is None:
            raise ShopUnknown("没有找到这个兑换点。")
        rows = queries.list_items(session, shop_id, on=civil_day(clock.now(), me.zone))
    return {
        "items": [
            {
                "id": goods.item.id,
                "sku": goods.item.sku,
                "name": goods.item.name,
                "unit": goods.item.unit,
                "points": goods.points,
                "available": goods.available,
            }
            for goods in rows
        ]
    }


@bp.post("/shops/<uuid:shop_id>/redemptions")
@requires(Permission.REDEMPTION_CREATE, in_one=True)
@header("Idempotency-Key", required=True, text="这笔兑换的唯一编号；重复提交返回第一次的结果")
@bp.takes(RedemptionRequest)
@bp.gives(201, RedemptionAnswer)
@bp.asks(202, QuestionAnswer)
def redeem(body: dict[str, Any], shop_id: UUID) -> Response:
    """Give goods for points, against the code the member shows, or their card.

    The code is used up by the first try, also when that is refused. The same key and body again
    is the same answer; stock and points move once. A large sale is answered with 202, and waits
    for the member's own phone.
    """
    asked = Asked(
        key=client_key(),
        shop_id=shop_id,
        shown=body["redeem_code"] or "",
        card=_card(body["card"]),
        total=body["total"],
        wishes=tuple(Wish(**line) for line in body["lines"]),
    )
    return counter.redeem(current_principal(), asked)


def _card(said: dict[str, str] | None) -> Card | None:
    if said is None:
        return None
    return Card(
        number=said["card_no"],
        pin=said["pin"],
        fetcher=said["fetcher_card_no"],
        reason=said["reason"],
    )


def _answers(rows: Page[Shop], *, zone: str) -> Page[dict[str, Any]]:
    now = clock.now()
    answers = [
        {
            "id": shop.id,
            "name": shop.name,
            "address": shop.address,
            "location": places.location(shop),
            "open_now": places.is_open(shop, now=now, zone=zone),
        }
        for shop in rows.items
    ]
    return Page(answers, rows.next_cursor)
