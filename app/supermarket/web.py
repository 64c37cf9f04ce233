"""The counter's page, as several views show it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import render_template, request
from sqlalchemy.orm import Session

from app.core import clock, qr
from app.core.clock import civil_day, civil_text
from app.core.db import transaction
from app.core.ids import new_id
from app.identity.access import current_principal
from app.supermarket import queries, services, stock_queries
from app.supermarket.forms import quantities_in
from app.supermarket.models import SaleQuestion
from app.supermarket.queries import Goods

PRICE_FIELD = "price-"
KEPT = ("card_no", "fetcher_card_no", "reason")  # over a refusal; a PIN never


def counter_page(shop_id: UUID, *, outcome: dict[str, Any] | None, status: int) -> tuple[str, int]:
    """The counter, with what came of the last deed, ready for the next one."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        shop = services.shop_of(session, me=me, shop_id=shop_id)
        rows = queries.list_items(session, shop.id, on=civil_day(clock.now(), me.zone))
        photos = stock_queries.digests_of(session, [goods.item.id for goods in rows])
    was_refused = outcome is not None and outcome["kind"] == "refused"
    kept = request.form if was_refused else {}
    page = render_template(
        "supermarket/counter.html",
        shop={"id": str(shop.id), "name": shop.name, "offline": shop.offline_points > 0},
        items=[_item(goods, photos.get(goods.item.id)) for goods in rows],
        idempotency_key=_key(outcome),
        quantities=quantities_in(kept),
        card={field: kept.get(field, "") for field in KEPT},
        code="" if outcome is None or outcome.get("spent", True) else kept.get("redeem_code", ""),
        outcome=outcome,
        manager_name=me.display_name,
    )
    return page, status


def refused(message: str, *, spent: bool = True, again: bool = False) -> dict[str, Any]:
    """`spent`: the code was used up, and is not shown again.

    `again`: nobody knows yet what became of it, so the same is to be asked under the same key.
    """
    kept = {"spent": spent and not again, "again": again}
    return {"kind": "refused", "message": message, "receipt": None, **kept}


def _key(outcome: dict[str, Any] | None) -> str:
    """What the next sale goes by: a new number, unless the last one is not decided."""
    again = outcome is not None and outcome.get("again", False)
    return request.form.get("idempotency_key", "") if again else new_id().hex


def waiting(question: dict[str, Any]) -> dict[str, Any]:
    """The member is asked on their phone; the page looks again until they have answered."""
    name, cost = question["member_name_masked"], question["cost"]
    message = f"等 {name} 在手机上确认 {cost} 分，积分还没有动。物品先不要给，可以先办下一位。"
    return {"kind": "waiting", "message": message, "question": question["id"], "receipt": None}


def sold(redemption: dict[str, Any], zone: str) -> dict[str, Any]:
    at = datetime.fromisoformat(str(redemption["at"]))
    on_paper = f"{civil_day(at, zone).year}年{civil_text(at, zone)}"
    message = f"兑换成功，扣 {redemption['cost']} 分，结余 {redemption['balance_after']} 分"
    slips = [_slip(voucher, zone) for voucher in redemption.get("vouchers", [])]
    receipt = {**redemption, "at": on_paper, "vouchers": slips}
    return {"kind": "ok", "message": message, "receipt": receipt}


def _slip(voucher: dict[str, Any], zone: str) -> dict[str, Any]:
    """A service voucher on a receipt: scanned at the merchant's, or read aloud."""
    last = civil_day(datetime.fromisoformat(str(voucher["expires_at"])), zone)
    drawn = qr.svg(voucher["code"].replace(" ", ""), label="券码")
    return {**voucher, "until": f"{last:%Y-%m-%d}", "qr_svg": drawn}


def question(session: Session, asked: SaleQuestion) -> dict[str, Any]:
    """What a phone asks its owner."""
    shop = queries.get_shop(session, asked.shop_id)
    assert shop is not None  # the question's foreign key says so
    goods = "、".join(f"{line['name']}×{line['quantity']}" for line in asked.lines)
    left = int((asked.ends_at - clock.now()).total_seconds())
    return {
        "question_id": str(asked.id),
        "place": shop.name,
        "cost": asked.cost,
        "goods": goods,
        "seconds": left,
    }


def _item(goods: Goods, photo: str | None) -> dict[str, Any]:
    return {
        "id": str(goods.item.id),
        "sku": goods.item.sku,
        "barcode": goods.item.barcode or "",
        "letter": goods.item.name[:1],
        "photo": photo,
        "name": goods.item.name,
        "unit": goods.item.unit,
        "points": goods.points,
        "available": goods.available,
    }
