"""What waits in a shop, what comes back and what is given away, over HTTP."""

from typing import Any
from uuid import UUID

from flask import Response

from app.core import clock, edges
from app.core.db import transaction
from app.core.http import ApiBlueprint
from app.core.idempotency import client_key, header
from app.households import acting
from app.households.kinds import Act
from app.identity.access import current_principal, requires
from app.identity.roles import Permission
from app.supermarket import codes, days, desk, kept
from app.supermarket.kinds import DonationGoal, Fate
from app.supermarket.orders import Wish
from app.supermarket.schemas import (
    CancellationRequest,
    DayAnswer,
    DayRequest,
    DonationAnswer,
    PickUpRequest,
    PointsDonationRequest,
    RedemptionAnswer,
    ReservationAnswer,
    ReservationRequest,
    ReservationsAnswer,
    ReservationsRequest,
    ReturnAnswer,
    ReturnRequest,
)

MOST = 50
bp = ApiBlueprint("reservations", __name__, description="预约、自提、退货与捐赠积分")


@bp.post("/shops/<uuid:shop_id>/reservations")
@requires(Permission.REDEEM_CODE_CREATE)
@header("Idempotency-Key", required=True, text="这笔预约的唯一编号；重复提交返回第一次的结果")
@bp.takes(ReservationRequest)
@bp.gives(201, ReservationAnswer)
def reserve(body: dict[str, Any], shop_id: UUID) -> Response:
    """Keep goods and their points, at today's price, until `expires_at`.

    The code fetches them at this shop, once. A delegate reserves within the mandate.
    """
    return desk.reserve(
        current_principal(),
        key=client_key(),
        shop_id=shop_id,
        wishes=tuple(Wish(**line) for line in body["lines"]),
        on_behalf_of=body["on_behalf_of"],
    )


@bp.get("/me/reservations")
@requires(Permission.REDEEM_CODE_CREATE)
@bp.takes(ReservationsRequest, location="query")
@bp.gives(200, ReservationsAnswer)
def list_reservations(query: dict[str, Any]) -> dict[str, Any]:
    """What waits for the caller or for whom they act, and what became of the rest."""
    me, now, keyring = current_principal(), clock.now(), edges.keyring()
    with transaction(me.tenant_id) as session:
        errand = acting.looked_up(session, me, query["on_behalf_of"], act=Act.REDEEM, now=now)
        rows = kept.list_own(session, errand.me.subject_id, limit=MOST)
        lines = kept.lines_of(session, [row.id for row in rows])
    return {
        "items": [
            desk.shown(row, lines[row.id], code=codes.pickup(row.id, keyring, me.tenant_id))
            for row in rows
        ]
    }


@bp.post("/reservations/<uuid:reservation_id>/cancellation")
@requires(Permission.REDEEM_CODE_CREATE)
@header("Idempotency-Key", required=True, text="这次取消的唯一编号")
@bp.takes(CancellationRequest)
@bp.gives(200, ReservationAnswer)
def cancel_reservation(body: dict[str, Any], reservation_id: UUID) -> Response:
    """Give a reservation up at any time: points and goods are free again."""
    return desk.cancel(
        current_principal(),
        key=client_key(),
        reservation_id=reservation_id,
        on_behalf_of=body["on_behalf_of"],
    )


@bp.post("/shops/<uuid:shop_id>/pick-ups")
@requires(Permission.REDEMPTION_CREATE)
@header("Idempotency-Key", required=True, text="这次领取的唯一编号；重复提交返回第一次的结果")
@bp.takes(PickUpRequest)
@bp.gives(201, RedemptionAnswer)
def pick_up(body: dict[str, Any], shop_id: UUID) -> Response:
    """Hand over what waits under a code, all of it or the lines named; the rest is free again."""
    lines = body["lines"]
    pieces = {line["item_id"]: line["quantity"] for line in lines} if lines else None
    return desk.pick_up(
        current_principal(),
        key=client_key(),
        shop_id=shop_id,
        code=body["code"],
        pieces=pieces,
    )


@bp.post("/redemptions/<uuid:redemption_id>/reversal")
@requires(Permission.REDEMPTION_CREATE)
@header("Idempotency-Key", required=True, text="这次退货的唯一编号；重复提交返回第一次的结果")
@bp.takes(ReturnRequest)
@bp.gives(201, ReturnAnswer)
def reverse_redemption(body: dict[str, Any], redemption_id: UUID) -> Response:
    """Take goods back for a defect: points go to their lots, goods to the shelf or off the books.

    Without lines all that has not come back yet. `refunded` once nothing is left.
    """
    lines = body["lines"]
    pieces = {line["item_id"]: line["quantity"] for line in lines} if lines else None
    return desk.take_back(
        current_principal(),
        key=client_key(),
        redemption_id=redemption_id,
        reason=body["reason"],
        fate=Fate(body["goods"]),
        pieces=pieces,
    )


@bp.post("/me/donations")
@requires(Permission.REDEEM_CODE_CREATE)
@header("Idempotency-Key", required=True, text="这笔捐赠的唯一编号；重复提交返回第一次的结果")
@bp.takes(PointsDonationRequest)
@bp.gives(201, DonationAnswer)
def donate_points(body: dict[str, Any]) -> Response:
    """Give points to the love pool of one's community, for everybody or a family in need."""
    return desk.donate(
        current_principal(),
        key=client_key(),
        points=body["points"],
        goal=DonationGoal(body["goal"]),
    )


@bp.get("/shops/<uuid:shop_id>/day")
@requires(Permission.REDEMPTION_CREATE)
@bp.takes(DayRequest, location="query")
@bp.gives(200, DayAnswer)
def get_shop_day(query: dict[str, Any], shop_id: UUID) -> dict[str, Any]:
    """What went over a counter on a civil day, and what waits there now."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        return days.of_shop(session, me, shop_id, day=query["on"], now=clock.now())
