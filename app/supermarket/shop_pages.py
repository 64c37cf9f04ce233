"""A shop as whoever looks after its stock sees it: what is to be done, and what there is."""

from datetime import timedelta
from uuid import UUID

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from app.core import clock
from app.core.clock import civil_day
from app.core.db import transaction
from app.identity.access import current_principal, page_requires
from app.identity.roles import Duty, DutyGroup, Permission
from app.supermarket import labels, offline_queries, shops, shown, stock_queries
from app.supermarket.shops import Hand
from app.supermarket.stock_queries import Shelved

bp = Blueprint("shop_pages", __name__, template_folder="templates")

SHOPS = "/staff/shops"
DUTIES = (
    Duty(
        permission=Permission.STOCK_READ,
        path=SHOPS,
        group=DutyGroup.SHOP,
        title="商品与库存",
        text="商品、进货、捐赠、报损、盘点，哪些快过期",
    ),
)
WARNED = timedelta(days=labels.WARNED_DAYS)
MOST_CAME, MOST_COUNTS, MOST_REFUSED = 20, 6, 3


@bp.get(SHOPS)
@page_requires(Permission.STOCK_READ)
def list_shops() -> ResponseReturnValue:
    """The shops whose stock one may see; the only one opens by itself."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        found = shops.within(session, me, Permission.STOCK_READ)
    if len(found) == 1:
        return redirect(f"{SHOPS}/{found[0].id}", code=303)
    return render_template("supermarket/staff_shops.html", shops=found)


@bp.get(f"{SHOPS}/<uuid:shop_id>")
@page_requires(Permission.STOCK_READ)
def show_shop(shop_id: UUID) -> ResponseReturnValue:
    """What is to be done in a shop: what ends soon, what waits, what came lately."""
    hand = _hand(Permission.STOCK_READ)
    today = civil_day(hand.now, hand.me.zone)
    with transaction(hand.me.tenant_id) as session:
        shop = shops.managed(session, hand, shop_id)
        ending = stock_queries.list_ending(session, [shop.id], until=today + WARNED)
        waiting = stock_queries.list_pending(session, [shop.id])
        refused = stock_queries.list_refused(session, hand.me.person_id, limit=MOST_REFUSED)
        came = stock_queries.list_deliveries(session, shop.id, limit=MOST_CAME)
        counts = stock_queries.list_counts(session, shop.id, limit=MOST_COUNTS)
        may_manage = shops.may(session, hand.me, shop, to=Permission.STOCK_MANAGE)
        may_close = shops.may(session, hand.me, shop, to=Permission.OFFLINE_CLOSE)
        aside = offline_queries.count_waiting(session, shop.id) if may_close else 0
    return render_template(
        "supermarket/staff_shop.html",
        shop=shop,
        ending=[shown.ending(one, today) for one in ending],
        waiting=len(waiting),
        aside=aside,
        refused=[(item.name, -one.delta, one.refused_for) for one, item in refused],
        came=[shown.delivery(one) for one in came],
        counts=counts,
        may_manage=may_manage,
        may_approve=hand.me.may_somewhere(Permission.STOCK_APPROVE),
    )


@bp.get(f"{SHOPS}/<uuid:shop_id>/goods")
@page_requires(Permission.STOCK_READ)
def list_goods(shop_id: UUID) -> ResponseReturnValue:
    """All goods of a shop with their prices and their batches."""
    hand = _hand(Permission.STOCK_READ)
    today = civil_day(hand.now, hand.me.zone)
    with transaction(hand.me.tenant_id) as session:
        shop = shops.managed(session, hand, shop_id)
        items = stock_queries.list_all_items(session, shop.id)
        ids = [item.id for item in items]
        prices = stock_queries.prices_of(session, ids)
        shelf = stock_queries.list_shelf(session, shop.id)
        digests = stock_queries.digests_of(session, ids)
        may_manage = shops.may(session, hand.me, shop, to=Permission.STOCK_MANAGE)
    batches: dict[UUID, list[Shelved]] = {}
    for one in shelf:
        batches.setdefault(one.item.id, []).append(one)
    return render_template(
        "supermarket/goods.html",
        shop=shop,
        goods=[
            {
                **shown.item(item),
                "price": shown.price_text(prices.get(item.id, []), today),
                "digest": digests.get(item.id),
                "on_hand": sum(one.stock.on_hand for one in batches.get(item.id, [])),
                "held": sum(one.stock.held for one in batches.get(item.id, [])),
                "batches": [shown.ending(one, today) for one in batches.get(item.id, [])],
            }
            for item in items
        ],
        may_manage=may_manage,
    )


def _hand(to: Permission) -> Hand:
    return Hand(me=current_principal(), to=to, now=clock.now())
