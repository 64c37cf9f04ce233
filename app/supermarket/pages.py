"""The pages of the redeem code and of the counter."""

import re
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.core import clock, edges, qr
from app.core.clock import civil_day
from app.core.db import transaction
from app.core.errors import DomainError, Unavailable
from app.core.forms import id_asked, text_in
from app.core.idempotency import KeyInFlight
from app.core.problems import shown_on
from app.households import acting
from app.households.kinds import Act
from app.identity.access import current_principal, page_requires
from app.identity.roles import Duty, DutyGroup, Permission
from app.ledger import services as ledger
from app.organisation import queries as organisation
from app.supermarket import codes, counter, funds, issuing, labels, queries, till_queries, web
from app.supermarket.counter import Asked
from app.supermarket.errors import PriceChanged, ShopClosed
from app.supermarket.forms import wishes_in
from app.supermarket.models import Redemption
from app.supermarket.orders import Card, Wish

bp = Blueprint("supermarket_pages", __name__, template_folder="templates")

DUTIES = (
    Duty(
        permission=Permission.REDEMPTION_CREATE,
        path="/counter",
        group=DutyGroup.SHOP,
        title="兑换台",
        text="扫居民的兑换码，兑换爱心商品",
    ),
    Duty(
        permission=Permission.BUDGET_READ,
        path="/budget",
        group=DutyGroup.POINTS,
        title="积分预算",
        text="在外积分要花多少钱采购，筹到的够不够",
    ),
)

PRICE = re.compile(r"[0-9]{1,6}")
UNSPENT = (PriceChanged, ShopClosed)  # refused before the code was used up
PASSING = (KeyInFlight, Unavailable)  # of the moment: the same key will tell
LONGEST_CARD, LONGEST_PIN, LONGEST_REASON = 20, 6, 200


@bp.get("/redeem-code")
@page_requires(Permission.REDEEM_CODE_CREATE)
def show_redeem_code() -> ResponseReturnValue:
    """The code to show at the counter, or what the counter asks this phone."""
    return render_template("supermarket/redeem_code.html", **(_asked_about() or _fresh_code()))


@bp.get("/redeem-code/fresh")
@page_requires(Permission.REDEEM_CODE_CREATE)
def show_fresh_code() -> ResponseReturnValue:
    """The part of the page that changes before the code dies."""
    return render_template("supermarket/_redeem_code.html", **_fresh_code())


@bp.get("/redeem-code/<uuid:code_id>/fate")
@page_requires(Permission.REDEEM_CODE_CREATE)
def show_fate(code_id: UUID) -> ResponseReturnValue:
    """Nothing while the code waits; once it was scanned, what came of it, and a fresh one."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        whose = id_asked("for")
        errand = acting.looked_up(session, me, whose, act=Act.REDEEM, now=clock.now())
        code = queries.get_own_code(session, code_id=code_id, person_id=errand.me.subject_id)
        redemption = queries.get_redemption_of(session, code_id=code_id) if code else None
        asked = till_queries.question_of_code(session, code_id) if code and not redemption else None
        waits = asked is not None and asked.ends_at > clock.now()
        shown = web.question(session, asked) if asked and waits else None
    if shown is not None:
        return render_template("supermarket/_question.html", **shown, instead=True)
    if redemption is None:
        return "", 204
    return render_template("supermarket/_redeem_code.html", **_fresh_code(), used=_fate(redemption))


@bp.post("/redeem-code/questions/<uuid:question_id>")
@page_requires(Permission.REDEEM_CODE_CREATE)
def answer_question(question_id: UUID) -> ResponseReturnValue:
    """Yes or no, from the member's own phone, to a sale that waits."""
    me, yes = current_principal(), request.form.get("answer") == "yes"
    try:
        sold = counter.answer(me, question_id, yes=yes)
    except DomainError as refusal:
        page = render_template("supermarket/answered.html", message=refusal.detail, kind="no")
        return shown_on((page, refusal.status), refusal)
    message = _fate(sold.redemption)["message"] if sold else "没有兑换，积分没有动。"
    return render_template("supermarket/answered.html", message=message, kind="ok")


@bp.get("/counter")
@page_requires(Permission.REDEMPTION_CREATE)
def list_counters() -> ResponseReturnValue:
    """The shops whose counters this manager may run; the only one opens by itself."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        communities = organisation.communities_under(
            session, me.units_with(Permission.REDEMPTION_CREATE)
        )
        shops = queries.list_shops_of(session, communities)
    if len(shops) == 1:
        return redirect(f"/counter/{shops[0].id}", code=303)
    shown = [{"id": str(shop.id), "name": shop.name} for shop in shops]
    return render_template("supermarket/counters.html", shops=shown)


@bp.get("/counter/<uuid:shop_id>")
@page_requires(Permission.REDEMPTION_CREATE)
def show_counter(shop_id: UUID) -> ResponseReturnValue:
    """The counter, ready for the next member."""
    return web.counter_page(shop_id, outcome=None, status=200)


@bp.post("/counter/<uuid:shop_id>")
@page_requires(Permission.REDEMPTION_CREATE)
def redeem(shop_id: UUID) -> ResponseReturnValue:
    """Give goods for points."""
    me = current_principal()
    try:
        answer = counter.redeem(me, _asked(shop_id))
    except DomainError as refusal:
        spent, again = not isinstance(refusal, UNSPENT), isinstance(refusal, PASSING)
        outcome = web.refused(refusal.detail, spent=spent, again=again)
        return shown_on(web.counter_page(shop_id, outcome=outcome, status=refusal.status), refusal)
    body = answer.get_json()
    if answer.status_code == HTTPStatus.ACCEPTED:
        return web.counter_page(shop_id, outcome=web.waiting(body["question"]), status=200)
    if answer.status_code != HTTPStatus.CREATED:
        outcome = web.refused(body["detail"])
        return web.counter_page(shop_id, outcome=outcome, status=answer.status_code)
    return web.counter_page(shop_id, outcome=web.sold(body["redemption"], me.zone), status=200)


@bp.post("/counter/<uuid:shop_id>/look")
@page_requires(Permission.REDEMPTION_CREATE)
def look(shop_id: UUID) -> ResponseReturnValue:
    """Whose code or card lies on the counter, masked, and their points. Nothing is used up."""
    try:
        seen = counter.look(current_principal(), _asked(shop_id, wishes=()))
    except DomainError as refusal:
        page = render_template("supermarket/_who.html", seen=None, problem=refusal.detail)
        return shown_on((page, refusal.status), refusal)
    return render_template("supermarket/_who.html", seen=seen, problem=None)


@bp.get("/budget")
@page_requires(Permission.BUDGET_READ)
def show_budgets() -> ResponseReturnValue:
    """What the points in circulation will cost, beside what was raised; for staff alone."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        communities = organisation.communities_under(session, me.units_with(Permission.BUDGET_READ))
        budgets = funds.list_budgets(session, communities, on=civil_day(clock.now(), me.zone))
    return render_template("supermarket/budgets.html", budgets=[_shown_budget(b) for b in budgets])


def _shown_budget(budget: funds.Budget) -> dict[str, Any]:
    return {
        "community": budget.community,
        "text": labels.budget_text(budget.outstanding_points, budget.guard),
        "warning": labels.budget_warning(budget.guard),
        "level": budget.guard.level.value,
        # What is less than a hundredth is seen as well: an empty bar would say that there is none.
        "filled": min(max(budget.guard.share_percent, int(budget.outstanding_points > 0)), 100),
    }


def _fate(redemption: Redemption) -> dict[str, str]:
    if redemption.state == "refused":
        return {"kind": "no", "message": "刚才没有兑换成功，积分没有动，请看店员屏幕上的说明。"}
    message = f"兑换成功，扣 {redemption.cost} 分，结余 {redemption.balance_after} 分。"
    return {"kind": "ok", "message": message}


def _asked(shop_id: UUID, wishes: tuple[Wish, ...] | None = None) -> Asked:
    """What the form says; the prices are those it was shown with."""
    chosen = wishes_in(request.form) if wishes is None else wishes
    return Asked(
        key=request.form.get("idempotency_key"),
        shop_id=shop_id,
        shown=request.form.get("redeem_code", "")[:512],
        card=_card(),
        total=_shown_total(chosen),
        wishes=chosen,
    )


def _card() -> Card | None:
    number = text_in("card_no", most=LONGEST_CARD)
    if not number:
        return None
    return Card(
        number=number,
        pin=text_in("pin", most=LONGEST_PIN),
        fetcher=text_in("fetcher_card_no", most=LONGEST_CARD),
        reason=text_in("reason", most=LONGEST_REASON),
    )


def _shown_total(wishes: tuple[Wish, ...]) -> int | None:
    """What the page said that it costs; None where it did not say it of everything."""
    prices = [request.form.get(f"{web.PRICE_FIELD}{wish.item_id}", "") for wish in wishes]
    if not prices or not all(PRICE.fullmatch(price) for price in prices):
        return None
    return sum(int(price) * wish.quantity for price, wish in zip(prices, wishes, strict=True))


def _asked_about() -> dict[str, Any] | None:
    """What the counter asks this phone right now."""
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        asked = till_queries.waiting_of(session, person_id=me.person_id, now=now)
        return {"question": asked.id, **web.question(session, asked)} if asked else None


def _fresh_code() -> dict[str, Any]:
    now = clock.now()
    with transaction(current_principal().tenant_id) as session:
        errand = acting.errand(
            session, current_principal(), id_asked("for"), act=Act.REDEEM, now=now
        )
        me = errand.me
        shown = issuing.create_code(
            session, me=me, keyring=edges.keyring(), now=now, mandate_id=errand.mandate_id
        )
        day = civil_day(now, me.zone)
        points = ledger.numbers(session, person_id=me.subject_id, on=day).points
    return {
        "whose": f"for={me.on_behalf_of}" if me.on_behalf_of else "",
        "for_whom": me.display_name if me.on_behalf_of else "",
        "code_id": str(shown.id),
        "qr_svg": qr.svg(shown.text, label="兑换码"),
        "digits": codes.grouped(shown.digits),
        "expires_at_iso": shown.expires_at.isoformat(),
        "seconds_left": int((shown.expires_at - now).total_seconds()),
        "renews_in": int(codes.REFRESH_AFTER.total_seconds()),
        "points_available": points.available,
    }
