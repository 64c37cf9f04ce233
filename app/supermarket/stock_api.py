"""Goods and stock over HTTP, for whoever runs a shop and whoever looks after that."""

from typing import Any
from uuid import UUID

from flask import Response

from app.core import clock
from app.core.db import transaction
from app.core.http import ApiBlueprint
from app.core.idempotency import client_key, header
from app.identity.access import current_principal, requires
from app.identity.roles import Permission
from app.supermarket import deliveries, offering, shops, stock_queries, stockroom, stocktaking
from app.supermarket import stock_schemas as schemas
from app.supermarket.deliveries import Donor
from app.supermarket.goods import Draft
from app.supermarket.kinds import DonorKind
from app.supermarket.models import Item, ItemPrice, StockProposal
from app.supermarket.offering import NewPrice
from app.supermarket.receiving import Arrived
from app.supermarket.shops import Hand
from app.supermarket.stockroom import Brought
from app.supermarket.stocktaking import Counted, Loss, Verdict

bp = ApiBlueprint("stock", __name__, description="爱心超市的商品与库存")
keyed = header("Idempotency-Key", required=True, text="这次变动的唯一编号，重复提交不会再变动")


@bp.post("/shops/<uuid:shop_id>/items")
@requires(Permission.STOCK_MANAGE)
@bp.takes(schemas.ItemRequest)
@bp.gives(201, schemas.ItemMadeAnswer)
def create_item(body: dict[str, Any], shop_id: UUID) -> Item:
    """Put up something new, with its first price. Some kinds of goods are always refused."""
    me = current_principal()
    draft = Draft(**{name: value for name, value in body.items() if name != "points"})
    with transaction(me.tenant_id) as session:
        return offering.create_item(
            session, shop_id, draft, points=body["points"], me=me, now=clock.now()
        )


@bp.post("/items/<uuid:item_id>/prices")
@requires(Permission.STOCK_MANAGE)
@bp.takes(schemas.PriceRequest)
@bp.gives(201, schemas.PriceAnswer)
def price_item(body: dict[str, Any], item_id: UUID) -> ItemPrice:
    """Say what an item will cost from a day on, a week before that day or earlier."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        return offering.price_item(session, item_id, NewPrice(**body), me=me, now=clock.now())


@bp.post("/shops/<uuid:shop_id>/purchases")
@requires(Permission.STOCK_MANAGE)
@keyed
@bp.takes(schemas.PurchaseRequest)
@bp.gives(201, schemas.DeliveryAnswer)
def receive_stock(body: dict[str, Any], shop_id: UUID) -> Response:
    """Take in what was bought: batches with their best-before, the money and its voucher."""
    bought = deliveries.bought_by(body["source"], body["voucher"])
    return stockroom.receive(
        current_principal(), _brought(shop_id, body), key=client_key(), bought=bought
    )


@bp.post("/shops/<uuid:shop_id>/donations")
@requires(Permission.STOCK_MANAGE)
@keyed
@bp.takes(schemas.DonationRequest)
@bp.gives(201, schemas.DeliveryAnswer)
def record_donation(body: dict[str, Any], shop_id: UUID) -> Response:
    """Take in what somebody gave; the answer has the number of the receipt."""
    donor = Donor(
        kind=DonorKind(body["donor_kind"]),
        name=body["donor_name"],
        named=body["named"],
        person_id=body["donor_id"],
    )
    return stockroom.donate(
        current_principal(), _brought(shop_id, body), key=client_key(), donor=donor
    )


@bp.get("/shops/<uuid:shop_id>/batches")
@requires(Permission.STOCK_READ)
@bp.gives(200, schemas.BatchesAnswer)
def list_batches(shop_id: UUID) -> dict[str, Any]:
    """What is on the shelves, batch by batch."""
    hand = Hand(me=current_principal(), to=Permission.STOCK_READ, now=clock.now())
    with transaction(hand.me.tenant_id) as session:
        shops.managed(session, hand, shop_id)
        rows = stock_queries.list_shelf(session, shop_id)
    return {
        "items": [
            {
                "id": row.batch.id,
                "item_id": row.item.id,
                "name": row.item.name,
                "best_before": row.batch.best_before,
                "on_hand": row.stock.on_hand,
                "held": row.stock.held,
            }
            for row in rows
        ]
    }


@bp.post("/batches/<uuid:batch_id>/write-offs")
@requires(Permission.STOCK_MANAGE)
@keyed
@bp.takes(schemas.WriteOffRequest)
@bp.gives(201, schemas.WriteOffAnswer)
def write_off_stock(body: dict[str, Any], batch_id: UUID) -> Response:
    """Take a loss off the books; above the limit it waits for a second person."""
    loss = Loss(batch_id=batch_id, **body)
    return stockroom.write_off(current_principal(), loss, key=client_key())


@bp.post("/shops/<uuid:shop_id>/counts")
@requires(Permission.STOCK_MANAGE)
@keyed
@bp.takes(schemas.CountRequest)
@bp.gives(201, schemas.CountAnswer)
def count_stock(body: dict[str, Any], shop_id: UUID) -> Response:
    """Write down what was counted. Differences are booked, or wait for a second person."""
    lines = [Counted(**line) for line in body["lines"]]
    return stockroom.count(current_principal(), shop_id, lines, key=client_key())


@bp.post("/stock-proposals/<uuid:proposal_id>/decision")
@requires(Permission.STOCK_APPROVE)
@bp.takes(schemas.VerdictRequest)
@bp.gives(200, schemas.ProposalAnswer)
def approve_stock_move(body: dict[str, Any], proposal_id: UUID) -> StockProposal:
    """Book what somebody else proposed, or refuse it for a reason."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        return stocktaking.decide(session, proposal_id, Verdict(**body), me=me, now=clock.now())


def _brought(shop_id: UUID, body: dict[str, Any]) -> Brought:
    lines = tuple(Arrived(**line) for line in body["lines"])
    return Brought(shop_id=shop_id, day=body["day"], lines=lines)
