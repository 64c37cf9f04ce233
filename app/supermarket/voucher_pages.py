"""我的服务券 for whoever bought some, 服务券核销 for the merchants that redeem them."""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.core import clock, edges, qr
from app.core.clock import civil_day, civil_text
from app.core.db import transaction
from app.core.errors import DomainError, NotFound
from app.core.forms import id_asked, id_in
from app.core.problems import shown_on
from app.households import acting
from app.households.kinds import Act
from app.identity.access import current_principal, lead_on, page_requires
from app.identity.roles import Duty, DutyGroup, Permission, Principal
from app.supermarket import codes, labels, voucher_queries, voucher_returns, vouchers
from app.supermarket.kinds import VoucherState
from app.supermarket.models import ServiceVoucher
from app.supermarket.vouchers import Served, Shown

bp = Blueprint("voucher_pages", __name__, template_folder="templates")

OWN, DESK = "/vouchers", "/merchant"
MOST = 60
DUTIES = (
    Duty(
        permission=Permission.VOUCHER_REDEEM,
        path=DESK,
        group=DutyGroup.SHOP,
        title="服务券核销",
        text="居民出示券码，核销一次服务；今天核销了多少",
    ),
)


@bp.get(OWN)
@page_requires(Permission.REDEEM_CODE_CREATE)
def list_vouchers() -> ResponseReturnValue:
    """What one has, or whom one acts for, with its codes, and what became of the rest."""
    return _own(whose=id_asked("for"), problem=None)


@bp.post(f"{OWN}/<uuid:voucher_id>/return")
@page_requires(Permission.REDEEM_CODE_CREATE)
def return_voucher(voucher_id: UUID) -> ResponseReturnValue:
    """Give back one that was not used; its points are there again at once."""
    me, now, whose = current_principal(), clock.now(), id_in("for")
    try:
        with transaction(me.tenant_id) as session:
            errand = acting.errand(session, me, whose, act=Act.REDEEM, now=now)
            voucher_returns.give_back(session, voucher_id, me=errand.me, now=now)
    except NotFound:
        raise
    except DomainError as refusal:
        return shown_on(_own(whose=whose, problem=refusal.detail), refusal)
    edges.note_done()
    return lead_on(OWN + (f"?for={whose}" if whose else ""))


@bp.get(DESK)
@page_requires(Permission.VOUCHER_REDEEM)
def list_own_merchants() -> ResponseReturnValue:
    """The merchants one redeems for; the only one opens by itself."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        found = voucher_queries.list_run_by(session, me.person_id)
    if len(found) == 1:
        return redirect(f"{DESK}/{found[0].id}", code=303)
    return render_template("supermarket/merchants.html", merchants=found)


@bp.get(f"{DESK}/<uuid:merchant_id>")
@page_requires(Permission.VOUCHER_REDEEM)
def show_merchant(merchant_id: UUID) -> ResponseReturnValue:
    """The place to type or scan a code, and what was redeemed today."""
    return _desk(merchant_id, problem=None)


@bp.post(f"{DESK}/<uuid:merchant_id>")
@page_requires(Permission.VOUCHER_REDEEM)
def redeem_voucher(merchant_id: UUID) -> ResponseReturnValue:
    """Redeem what was shown, once."""
    me = current_principal()
    shown = Shown(
        me=me,
        merchant_id=merchant_id,
        text=request.form.get("code", "")[:64],
        keyring=edges.keyring(),
        now=clock.now(),
    )
    try:
        with transaction(me.tenant_id) as session:
            served = vouchers.redeem(session, shown)
    except DomainError as refusal:
        if refusal.code == "merchant_unknown":
            raise
        return shown_on(_desk(merchant_id, problem=refusal.detail), refusal)
    return _desk(merchant_id, problem=None, served=served)


def _own(*, whose: UUID | None, problem: str | None) -> str:
    now = clock.now()
    with transaction(current_principal().tenant_id) as session:
        me = acting.errand(session, current_principal(), whose, act=Act.REDEEM, now=now).me
        rows = voucher_queries.list_own(session, me.subject_id, limit=MOST)
        places = voucher_queries.merchants_of(session, rows)
    live = [row for row in rows if row.state == VoucherState.LIVE and row.expires_at > now]
    over = [row for row in rows if row not in live]
    return render_template(
        "supermarket/vouchers.html",
        live=[_live(row, me, places.get((row.community_id, row.category), [])) for row in live],
        over=[_over(row, me) for row in over],
        whose=str(whose or ""),
        for_whom=me.display_name if me.on_behalf_of else "",
        just_done=edges.just_done(),
        problem=problem,
    )


def _live(row: ServiceVoucher, me: Principal, places: list[str]) -> dict[str, Any]:
    code = codes.voucher(row.id, edges.keyring(), me.tenant_id)
    return {
        "id": str(row.id),
        "name": row.name,
        "points": row.points,
        "until": f"{civil_day(row.expires_at, me.zone):%Y-%m-%d}",
        "places": places,
        "code": codes.in_fours(code),
        "qr_svg": qr.svg(code, label="券码"),
    }


def _over(row: ServiceVoucher, me: Principal) -> dict[str, Any]:
    lapsed = row.state == VoucherState.LIVE  # its time is over, and the sweeper has not come yet
    state = VoucherState.EXPIRED if lapsed else VoucherState(row.state)
    at = row.expires_at if lapsed else row.ended_at
    return {
        "name": row.name,
        "points": row.points,
        "state": labels.VOUCHER_STATES[state],
        "at": civil_text(at or row.issued_at, me.zone),
    }


def _desk(merchant_id: UUID, *, problem: str | None, served: Served | None = None) -> str:
    me, now = current_principal(), clock.now()
    morning = clock.midnight(civil_day(now, me.zone), me.zone)
    with transaction(me.tenant_id) as session:
        merchant = vouchers.run_by(session, me, merchant_id)
        today = voucher_queries.used_by(session, merchant.id, since=morning)
    return render_template(
        "supermarket/merchant.html",
        merchant=merchant,
        today=[(row.name, civil_text(row.ended_at or now, me.zone)) for row in today],
        served=served
        and {
            "name": served.voucher.name,
            "member": served.member_name_masked,
            "at": civil_text(now, me.zone),
        },
        problem=problem,
    )
