"""What residents see of the shops: who is open, what is there, what waits, what they gave."""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.core import clock, edges, places, qr
from app.core.clock import civil_day, civil_text
from app.core.db import transaction
from app.core.errors import DomainError, NotFound
from app.core.forms import id_asked, id_in, whole_in
from app.core.ids import new_id
from app.core.problems import shown_on
from app.households import acting
from app.households.acting import Errand
from app.households.kinds import Act
from app.identity.access import current_principal, page_requires
from app.identity.roles import Permission, Principal
from app.ledger import services as ledger
from app.organisation import queries as organisation
from app.supermarket import (
    codes,
    desk,
    donating,
    kept,
    labels,
    offline_queries,
    proxies,
    queries,
    rules,
    shown,
    stock_queries,
)
from app.supermarket.errors import ShopUnknown
from app.supermarket.forms import quantities_in, said_by, wishes_in
from app.supermarket.kinds import DonationGoal, ReservationState
from app.supermarket.models import Reservation, ReservationLine, Shop

MOST = 30
MOST_TYPED = 999_999_999  # more than anybody has: what is too much is said by the points
bp = Blueprint("reservation_pages", __name__, template_folder="templates")


@bp.get("/shops")
@page_requires(Permission.SHOP_READ)
def list_shops() -> ResponseReturnValue:
    """The shops: those of one's own community first, each with whether it is open."""
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        shops = queries.list_all_shops(session)
        names = dict(organisation.names_of(session, {shop.community_id for shop in shops}))
    shops.sort(key=lambda shop: shop.community_id != me.community_id)
    rows = [
        {
            "id": str(shop.id),
            "name": shop.name,
            "address": shop.address,
            "community": names[shop.community_id],
            "hours": places.hours_text(shop),
            "is_open": places.is_open(shop, now=now, zone=me.zone),
        }
        for shop in shops
    ]
    return render_template(
        "supermarket/shops.html", shops=rows, whose=_whose(), for_whom=_for_whom()
    )


@bp.get("/shops/<uuid:shop_id>")
@page_requires(Permission.SHOP_READ)
def show_shop(shop_id: UUID) -> ResponseReturnValue:
    """What is there, and what one's points are enough for."""
    return _shop(shop_id, whose=id_asked("for"), problem=None)


@bp.post("/shops/<uuid:shop_id>/reserve")
@page_requires(Permission.REDEEM_CODE_CREATE)
def reserve_goods(shop_id: UUID) -> ResponseReturnValue:
    """Have goods kept."""
    whose = id_in("for")
    try:
        answer = desk.reserve(
            current_principal(),
            key=request.form.get("idempotency_key"),
            shop_id=shop_id,
            wishes=wishes_in(request.form),
            on_behalf_of=whose,
        )
    except NotFound:
        raise
    except DomainError as refusal:
        return shown_on(_shop(shop_id, whose=whose, problem=refusal.detail), refusal)
    if answer.status_code != 201:
        page = _shop(shop_id, whose=whose, problem=said_by(answer))
        return page, answer.status_code
    return redirect("/orders" + (f"?for={whose}" if whose else ""), code=303)


@bp.get("/orders")
@page_requires(Permission.REDEEM_CODE_CREATE)
def list_orders() -> ResponseReturnValue:
    """What waits, with its codes, and what became of the rest."""
    return _orders(whose=id_asked("for"), problem=None)


@bp.post("/orders/<uuid:reservation_id>/cancel")
@page_requires(Permission.REDEEM_CODE_CREATE)
def cancel_order(reservation_id: UUID) -> ResponseReturnValue:
    """Give it up; points and goods are free at once."""
    whose = id_in("for")
    answer = desk.cancel(
        current_principal(),
        key=request.form.get("idempotency_key"),
        reservation_id=reservation_id,
        on_behalf_of=whose,
    )
    if answer.status_code != 200:
        return _orders(whose=whose, problem=said_by(answer)), answer.status_code
    return redirect("/orders" + (f"?for={whose}" if whose else ""), code=303)


@bp.get("/donate")
@page_requires(Permission.REDEEM_CODE_CREATE)
def show_donating() -> ResponseReturnValue:
    """How many points to give, to whom, and what the community was given this quarter."""
    return _donating(problem=None)


@bp.post("/donate")
@page_requires(Permission.REDEEM_CODE_CREATE)
def donate() -> ResponseReturnValue:
    """Ask once more with the amount, and give points away when that was confirmed."""
    try:
        points = whole_in("points", most=MOST_TYPED)
        goal = _goal()
        if not request.form.get("confirmed"):
            return _donating(problem=None, asked={"points": points, "goal": goal})
        key = request.form.get("idempotency_key")
        answer = desk.donate(current_principal(), key=key, points=points, goal=goal)
    except DomainError as refusal:
        return shown_on(_donating(problem=refusal.detail), refusal)
    if answer.status_code != 201:
        return _donating(problem=said_by(answer)), answer.status_code
    return _donating(problem=None, given=answer.get_json()["donation"])


def _goal() -> DonationGoal:
    try:
        return DonationGoal(request.form.get("goal", DonationGoal.POOL))
    except ValueError:
        return DonationGoal.POOL


def _whose() -> str:
    whose = id_asked("for")
    return f"?for={whose}" if whose else ""


def _for_whom() -> str:
    """Of whom somebody is a delegate here; nobody where it is their own."""
    with transaction(current_principal().tenant_id) as session:
        me = _errand(session, id_asked("for")).me
    return me.display_name if me.on_behalf_of else ""


def _errand(session: Session, whose: UUID | None) -> Errand:
    me = current_principal()
    return acting.looked_up(session, me, whose, act=Act.REDEEM, now=clock.now())


def _shop(shop_id: UUID, *, whose: UUID | None, problem: str | None) -> str:
    now = clock.now()
    with transaction(current_principal().tenant_id) as session:
        errand = _errand(session, whose)
        me = errand.me
        shop = queries.get_shop(session, shop_id)
        if shop is None:
            raise ShopUnknown("没有找到这个兑换点，请从兑换点列表进入。")
        day = civil_day(now, me.zone)
        rows = queries.list_items(session, shop.id, on=day)
        photos = stock_queries.digests_of(session, [goods.item.id for goods in rows])
        have = ledger.available(session, person_id=me.subject_id, on=day)
        said = rules.terms(rules.of_day(session, day))
        today = proxies.left_today(session, errand.mandate_id, zone=me.zone, now=now)
        left = rules.left_on(
            session, me.subject_id, [goods.item for goods in rows], day=day, zone=me.zone
        )
    return render_template(
        "supermarket/shop.html",
        shop=_shown_shop(shop, me),
        items=[
            {
                **shown.goods(goods, have=have),
                "photo": photos.get(goods.item.id),
                "left": left.get(goods.item.id),
            }
            for goods in rows
        ],
        most_at_once=said.per_order_max,
        today=today,
        have=have,
        quantities=quantities_in(request.form),
        hours=said.hold_hours,
        days=said.open_days,
        whose=str(whose or ""),
        for_whom=me.display_name if me.on_behalf_of else "",
        idempotency_key=new_id().hex,
        problem=problem,
    )


def _shown_shop(shop: Shop, me: Principal) -> dict[str, Any]:
    return {
        "id": str(shop.id),
        "name": shop.name,
        "address": shop.address,
        "hours": places.hours_text(shop),
        "is_open": places.is_open(shop, now=clock.now(), zone=me.zone),
    }


def _orders(*, whose: UUID | None, problem: str | None) -> str:
    with transaction(current_principal().tenant_id) as session:
        me = _errand(session, whose).me
        rows = kept.list_own(session, me.subject_id, limit=MOST)
        lines = kept.lines_of(session, [row.id for row in rows])
        back = kept.returned_points(session, [row.id for row in rows])
        aside = offline_queries.held_for(session, me.subject_id)
    orders = [_shown_order(row, lines[row.id], me, returned=back.get(row.id, 0)) for row in rows]
    return render_template(
        "supermarket/orders.html",
        waiting=[one for one in orders if one["is_open"]],
        over=[one for one in orders if not one["is_open"]],
        aside=[
            {
                "place": one.place,
                "points": one.points,
                "day": f"{one.day.month}月{one.day.day}日",
                "until": civil_text(one.until, me.zone),
            }
            for one in aside
        ],
        whose=str(whose or ""),
        for_whom=me.display_name if me.on_behalf_of else "",
        idempotency_key=new_id().hex,
        problem=problem,
    )


def _shown_order(
    row: Reservation, lines: list[ReservationLine], me: Principal, *, returned: int
) -> dict[str, Any]:
    is_open = row.state == ReservationState.OPEN
    code = codes.pickup(row.id, edges.keyring(), me.tenant_id) if is_open else ""
    state = labels.RESERVATION_STATES[ReservationState(row.state)]
    return {
        "id": str(row.id),
        "place": row.place,
        "shop_id": str(row.shop_id),
        "goods": labels.goods_text([(line.name, line.quantity) for line in lines], ""),
        "cost": row.cost,
        "is_open": is_open,
        "state": f"{state}，退回 {returned} 分" if returned else state,
        "number": labels.number(row.id),
        "until": civil_text(row.expires_at, me.zone),
        "at": civil_text(row.ended_at or row.reserved_at, me.zone),
        "code": codes.in_fours(code) if is_open else "",
        "qr_svg": qr.svg(code, label="取货码") if is_open else "",
    }


def _donating(
    *,
    problem: str | None,
    asked: dict[str, Any] | None = None,
    given: dict[str, Any] | None = None,
) -> str:
    me = current_principal()
    day = civil_day(clock.now(), me.zone)
    with transaction(me.tenant_id) as session:
        have = ledger.available(session, person_id=me.person_id, on=day)
        together = donating.together(session, me.community_id, on=day)
    if asked:
        donating.check(asked["points"], have=have)
    return render_template(
        "supermarket/donate.html",
        have=have,
        together=together,
        quarter=labels.quarter_name(together.quarter),
        goals=labels.DONATION_GOALS,
        said=request.form.get("points", "") if problem else "",
        asked=asked,
        given=given,
        idempotency_key=new_id().hex,
        problem=problem,
    )
