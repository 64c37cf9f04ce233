"""Service vouchers over HTTP: one's own, and those a merchant redeems."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response
from sqlalchemy.orm import Session

from app.core import clock, edges
from app.core.db import transaction
from app.core.http import ApiBlueprint, json_answer
from app.core.idempotency import Ask, client_key, header, once, required
from app.households import acting
from app.households.kinds import Act
from app.identity.access import current_principal, requires
from app.identity.roles import Permission, Principal
from app.supermarket import codes, voucher_queries, voucher_returns, vouchers
from app.supermarket.kinds import VoucherState
from app.supermarket.models import ServiceVoucher
from app.supermarket.voucher_schemas import (
    MerchantsAnswer,
    VoucherAnswer,
    VoucherCodeRequest,
    VoucherReturnRequest,
    VouchersAnswer,
    VoucherServedAnswer,
    VouchersRequest,
)
from app.supermarket.vouchers import Shown

MOST = 60
bp = ApiBlueprint("vouchers", __name__, description="公益服务券")


@bp.get("/me/vouchers")
@requires(Permission.REDEEM_CODE_CREATE)
@bp.takes(VouchersRequest, location="query")
@bp.gives(200, VouchersAnswer)
def list_vouchers(query: dict[str, Any]) -> dict[str, Any]:
    """The caller's vouchers: what can be used first, with its code and where; then the rest.

    A delegate who may fetch shows those of whom they act for; that they did is written down.
    """
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        errand = acting.errand(session, me, query["on_behalf_of"], act=Act.REDEEM, now=now)
        rows = voucher_queries.list_own(session, errand.me.subject_id, limit=MOST)
        places = voucher_queries.merchants_of(session, rows)
    return {
        "items": [_shown(row, me, places.get((row.community_id, row.category), [])) for row in rows]
    }


@bp.post("/vouchers/<uuid:voucher_id>/return")
@requires(Permission.REDEEM_CODE_CREATE)
@header("Idempotency-Key", required=True, text="这次退回的唯一编号；重复提交返回第一次的结果")
@bp.takes(VoucherReturnRequest)
@bp.gives(200, VoucherAnswer)
def return_voucher(body: dict[str, Any], voucher_id: UUID) -> Response:
    """Give an unused voucher back: its points are with its owner again at once."""
    me, now, whose = current_principal(), clock.now(), body["on_behalf_of"]

    def deed(session: Session) -> Response:
        errand = acting.errand(session, me, whose, act=Act.REDEEM, now=now)
        voucher_returns.give_back(session, voucher_id, me=errand.me, now=now)
        row = voucher_queries.get_own(session, voucher_id, person_id=errand.me.subject_id)
        assert row is not None  # it was just given back
        return json_answer(VoucherAnswer(), {"voucher": _shown(row, me, [])}, status=200)

    return _once(f"return-voucher:{voucher_id}", {"for": str(whose)}, deed)


@bp.get("/me/merchants")
@requires(Permission.VOUCHER_REDEEM)
@bp.gives(200, MerchantsAnswer)
def list_merchants() -> dict[str, Any]:
    """The merchants for which the caller redeems vouchers."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        return {"items": voucher_queries.list_run_by(session, me.person_id)}


@bp.post("/merchants/<uuid:merchant_id>/vouchers")
@requires(Permission.VOUCHER_REDEEM)
@header("Idempotency-Key", required=True, text="这次核销的唯一编号；重复提交返回第一次的结果")
@bp.takes(VoucherCodeRequest)
@bp.gives(201, VoucherServedAnswer)
def redeem_voucher(body: dict[str, Any], merchant_id: UUID) -> Response:
    """Redeem a voucher of the merchant's kind, once; five wrong codes pause the caller."""
    shown = Shown(
        me=current_principal(),
        merchant_id=merchant_id,
        text=body["code"],
        keyring=edges.keyring(),
        now=clock.now(),
    )

    def deed(session: Session) -> Response:
        served = vouchers.redeem(session, shown)
        said = {
            "name": served.voucher.name,
            "member_name_masked": served.member_name_masked,
            "at": shown.now,
        }
        return json_answer(VoucherServedAnswer(), {"served": said}, status=201)

    told_apart = codes.voucher_digest(shown.code, shown.keyring, shown.me.tenant_id)
    return _once(f"redeem-voucher:{merchant_id}", {"code": told_apart.hex()}, deed)


def _once(route: str, body: dict[str, object], deed: Callable[[Session], Response]) -> Response:
    me = current_principal()
    ask = Ask(
        actor_id=me.person_id, key=required(client_key()), route=route, body=body, now=clock.now()
    )
    with transaction(me.tenant_id) as session:
        return once(session, ask, lambda: deed(session))


def _shown(row: ServiceVoucher, me: Principal, places: list[str]) -> dict[str, Any]:
    live = row.state == VoucherState.LIVE and row.expires_at > clock.now()
    return {
        "id": row.id,
        "name": row.name,
        "category": row.category,
        "points": row.points,
        "state": row.state,
        "code": codes.voucher(row.id, edges.keyring(), me.tenant_id) if live else None,
        "places": places if live else [],
        "issued_at": row.issued_at,
        "expires_at": row.expires_at,
        "ended_at": row.ended_at,
    }
