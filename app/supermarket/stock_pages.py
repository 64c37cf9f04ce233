"""The pages on which stock changes: what comes, what is lost, what is counted, and who agrees."""

from collections.abc import Iterator
from uuid import UUID

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from app.core import clock
from app.core.clock import civil_day, civil_text
from app.core.db import transaction
from app.core.errors import DomainError, NotFound
from app.core.forms import FieldWrong, id_in, text_in, whole_in
from app.core.ids import new_id
from app.core.problems import shown_on
from app.identity import queries as identity
from app.identity.access import current_principal, lead_on, page_requires
from app.identity.roles import Duty, DutyGroup, Permission
from app.supermarket import labels, shops, shown, stock_queries, stockroom, stocktaking
from app.supermarket.errors import CountUnknown
from app.supermarket.receiving import MOST_AT_ONCE
from app.supermarket.shops import Hand
from app.supermarket.stock_forms import concluded, fields, key
from app.supermarket.stocktaking import Counted, Loss, Verdict

bp = Blueprint("stock_pages", __name__, template_folder="templates")

SHOPS, PROPOSALS = "/staff/shops", "/staff/stock-proposals"
DUTIES = (
    Duty(
        permission=Permission.STOCK_APPROVE,
        path=PROPOSALS,
        group=DutyGroup.SHOP,
        title="库存复核",
        text="报损和盘点差异超过限额的，由您复核",
    ),
)
MOST_ON_HAND = 1_000_000


@bp.get(f"{SHOPS}/<uuid:shop_id>/write-off")
@page_requires(Permission.STOCK_MANAGE)
def show_write_off(shop_id: UUID) -> ResponseReturnValue:
    """Of which batch something is of no use any more."""
    return _write_off(shop_id, problem=None)


@bp.post(f"{SHOPS}/<uuid:shop_id>/write-off")
@page_requires(Permission.STOCK_MANAGE)
def write_off(shop_id: UUID) -> ResponseReturnValue:
    """Take a loss off the books, or propose it."""

    def deed() -> Response:
        batch_id = id_in("batch_id")
        if batch_id is None:
            raise FieldWrong("请选择报损的是哪一批。", errors={"batch_id": ["必填"]})
        loss = Loss(
            batch_id=batch_id,
            quantity=whole_in("quantity", most=MOST_AT_ONCE),
            reason=text_in("reason", most=200, needed="请写明报损原因，例如受潮、破损、过期。"),
        )
        return stockroom.write_off(current_principal(), loss, key=key())

    return concluded(
        deed,
        lambda problem: _write_off(shop_id, problem=problem),
        lambda said: f"{SHOPS}/{shop_id}/write-off?{said['state']}=1",
    )


@bp.get(f"{SHOPS}/<uuid:shop_id>/count")
@page_requires(Permission.STOCK_MANAGE)
def show_count(shop_id: UUID) -> ResponseReturnValue:
    """Everything on the shelves, to be counted."""
    return _count(shop_id, problem=None)


@bp.post(f"{SHOPS}/<uuid:shop_id>/count")
@page_requires(Permission.STOCK_MANAGE)
def count(shop_id: UUID) -> ResponseReturnValue:
    """Write down what was counted."""
    return concluded(
        lambda: stockroom.count(current_principal(), shop_id, [*_counted()], key=key()),
        lambda problem: _count(shop_id, problem=problem),
        lambda said: f"/staff/counts/{said['id']}",
    )


@bp.get("/staff/counts/<uuid:count_id>")
@page_requires(Permission.STOCK_READ)
def show_counted(count_id: UUID) -> ResponseReturnValue:
    """A count: what the book said, what there was, and why."""
    hand = _hand(Permission.STOCK_READ)
    with transaction(hand.me.tenant_id) as session:
        taken = stock_queries.get_count(session, count_id)
        if taken is None:
            raise CountUnknown(NO_COUNT)
        try:
            shop = shops.managed(session, hand, taken.shop_id)
        except NotFound as error:
            raise CountUnknown(NO_COUNT) from error
        lines = stock_queries.counted_in(session, taken.id)
        waiting = stock_queries.waiting_among(session, [batch.id for _, batch, _ in lines])
        name = identity.names_of(session, {taken.entered_by})[taken.entered_by]
    return render_template(
        "supermarket/counted.html",
        shop=shop,
        day=taken.day,
        entered_by=name,
        lines=[
            {
                "name": item.name,
                "unit": item.unit,
                "until": shown.until_text(batch.best_before),
                "expected": line.expected,
                "counted": line.counted,
                "delta": f"{line.counted - line.expected:+d}",
                "differs": line.counted != line.expected,
                "reason": line.reason or "",
                "waits": batch.id in waiting,
            }
            for line, batch, item in lines
        ],
    )


@bp.get(PROPOSALS)
@page_requires(Permission.STOCK_APPROVE)
def list_proposals() -> ResponseReturnValue:
    """What waits for a second person."""
    return _proposals(problem=None)


@bp.post(f"{PROPOSALS}/<uuid:proposal_id>")
@page_requires(Permission.STOCK_APPROVE)
def decide(proposal_id: UUID) -> ResponseReturnValue:
    """Book what somebody else proposed, or refuse it."""
    me = current_principal()
    try:
        verdict = Verdict(
            approved=request.form.get("approved") == "1", reason=text_in("reason", most=200)
        )
        with transaction(me.tenant_id) as session:
            stocktaking.decide(session, proposal_id, verdict, me=me, now=clock.now())
    except NotFound:
        raise
    except DomainError as refusal:
        return shown_on(_proposals(problem=refusal.detail), refusal)
    return lead_on(PROPOSALS)


NO_COUNT = "没有找到这次盘点，请从商品与库存进入。"


def _hand(to: Permission) -> Hand:
    return Hand(me=current_principal(), to=to, now=clock.now())


def _counted() -> Iterator[Counted]:
    """The lines in which something was filled in: what is left empty was not counted."""
    for field, batch_id in fields("counted-"):
        if request.form.get(field, "").strip():
            yield Counted(
                batch_id=batch_id,
                expected=whole_in(f"expected-{batch_id}", most=MOST_ON_HAND),
                counted=whole_in(field, most=MOST_ON_HAND),
                reason=text_in(f"reason-{batch_id}", most=200),
            )


def _write_off(shop_id: UUID, *, problem: str | None) -> str:
    hand = _hand(Permission.STOCK_MANAGE)
    today = civil_day(hand.now, hand.me.zone)
    with transaction(hand.me.tenant_id) as session:
        shop = shops.managed(session, hand, shop_id)
        shelf = stock_queries.list_shelf(session, shop.id)
    return render_template(
        "supermarket/write_off.html",
        shop=shop,
        batches=[shown.ending(one, today) for one in shelf if one.stock.on_hand],
        said=request.form or request.args,
        done="" if problem else ("booked" if "booked" in request.args else ""),
        waits="pending" in request.args and not problem,
        idempotency_key=new_id().hex,
        problem=problem,
    )


def _count(shop_id: UUID, *, problem: str | None) -> str:
    hand = _hand(Permission.STOCK_MANAGE)
    today = civil_day(hand.now, hand.me.zone)
    with transaction(hand.me.tenant_id) as session:
        shop = shops.managed(session, hand, shop_id)
        shelf = stock_queries.list_shelf(session, shop.id)
        waiting = stock_queries.waiting_among(session, [one.batch.id for one in shelf])
    return render_template(
        "supermarket/count.html",
        shop=shop,
        batches=[{**shown.ending(one, today), "waits": one.batch.id in waiting} for one in shelf],
        said=request.form,
        idempotency_key=new_id().hex,
        problem=problem,
    )


def _proposals(*, problem: str | None) -> str:
    hand = _hand(Permission.STOCK_APPROVE)
    with transaction(hand.me.tenant_id) as session:
        within = {shop.id: shop for shop in shops.within(session, hand.me, hand.to)}
        rows = stock_queries.list_pending(session, list(within))
        names = identity.names_of(session, {one.entered_by for one, _, _ in rows})
    return render_template(
        "supermarket/proposals.html",
        rows=[
            {
                "id": str(one.id),
                "shop": within[item.shop_id].name,
                "name": item.name,
                "what": labels.PROPOSALS[one.kind],
                "delta": f"{one.delta:+d} {item.unit}",
                "until": shown.until_text(batch.best_before),
                "reason": one.reason,
                "entered_by": names[one.entered_by],
                "at": civil_text(one.entered_at, hand.me.zone),
                "own": one.entered_by == hand.me.person_id,
            }
            for one, batch, item in rows
        ],
        problem=problem,
    )
