"""Sales that a terminal made without a network: booked once, in whatever order they come.

The goods are gone, so nothing that is brought is lost: where something stands in the way, the
sale is written down with the reason and waits for a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.clock import civil_day
from app.core.db import attempt, claim
from app.core.errors import DomainError
from app.core.ids import new_id
from app.core.keys import Keyring
from app.identity.roles import Principal
from app.ledger import services as ledger
from app.supermarket import (
    limits,
    offline_queries,
    queries,
    rules,
    scenes,
    services,
    shares,
    slice_texts,
    slices,
)
from app.supermarket.errors import (
    NO_ITEM,
    ItemUnknown,
    LimitReached,
    NonceReused,
    OfflineTimeOdd,
    PriceChanged,
    ShareExceeded,
    ShareUnknown,
    ShareUsed,
    SliceUnknown,
    SoldOut,
)
from app.supermarket.kinds import ItemKind, OfflineState, ShareState, Way
from app.supermarket.models import OfflineSale, OfflineShare, OfflineSlice
from app.supermarket.orders import Order, Wish
from app.supermarket.queries import Goods
from app.supermarket.scenes import Done
from app.supermarket.selling import Sale
from app.supermarket.slice_texts import Signed
from app.supermarket.vouching import Proof
from points_engine import Policy

SLACK = timedelta(minutes=10)  # the clock of a terminal is nobody's proof


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A sale as the terminal tells it, with the slice it was made from. `nonce` names it."""

    signed: Signed
    nonce: UUID
    share_id: UUID
    place: int
    sold_at: datetime
    wishes: tuple[Wish, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Who brings it or sees to it, where, when, and what codes are made with."""

    me: Principal
    shop_id: UUID
    keyring: Keyring
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A sale that is to be booked: what was sold, from which slice, and who sees to that.

    `before` is what its manager has sold already. `clock_vouched`: a second person has compared
    the paper, so that the terminal's clock is not asked.
    """

    sale: OfflineSale
    row: OfflineSlice
    order: Order
    by: UUID
    before: Done
    clock_vouched: bool = False


def bring(session: Session, brought: Brought, *, desk: Desk) -> OfflineSale:
    """Book a sale, or keep it with what stands in the way; the same nonce again changes nothing.

    Refuses what no terminal of this shop can have: another's slice, or an altered one.
    """
    services.shop_of(session, me=desk.me, shop_id=desk.shop_id)
    slice_id = slice_texts.slice_in(brought.signed, desk.keyring, desk.me.tenant_id)
    row = offline_queries.slice_of(session, slice_id, shop_id=desk.shop_id)
    if row is None:
        raise SliceUnknown(slices.NO_SLICE)
    if not offline_queries.has_share(session, row.id, brought.share_id):
        raise ShareUnknown("这笔兑换用的卡不在这份备用额度里，请找社区核对签字的登记纸。")
    order = order_of(row, brought.wishes, desk=desk)
    before = limits.done(session, order)
    items = _items(session, row, brought.wishes)
    sale = _claim(session, row, brought, items=items, desk=desk)
    if sale is None:
        return _as_before(session, row, brought)
    by = desk.me.person_id
    book(session, Case(sale=sale, row=row, order=order, by=by, before=before))
    return sale


def _claim(
    session: Session,
    row: OfflineSlice,
    brought: Brought,
    *,
    items: Mapping[UUID, Goods],
    desk: Desk,
) -> OfflineSale | None:
    return claim(
        session,
        OfflineSale,
        slice_id=row.id,
        share_id=brought.share_id,
        nonce=brought.nonce,
        place=brought.place,
        sold_at=brought.sold_at,
        lines=_lines(brought, items),
        total=brought.total,
        state=OfflineState.WAITING.value,
        brought_at=desk.now,
        brought_by=desk.me.person_id,
    )


def _as_before(session: Session, row: OfflineSlice, brought: Brought) -> OfflineSale:
    """What became of it the first time; nothing else goes by the same number."""
    found = offline_queries.sale_by_nonce(session, brought.nonce)
    assert found is not None  # a claim lost against it
    wishes = {(line["item_id"], line["quantity"]) for line in found.lines}
    same = wishes == {(str(wish.item_id), wish.quantity) for wish in brought.wishes}
    if not same or (found.slice_id, found.share_id) != (row.id, brought.share_id):
        raise NonceReused("这个编号已经用于另一笔兑换，请核对签字的登记纸后找社区处理。")
    return found


def book(session: Session, case: Case) -> None:
    """Sell it the ordinary way, or say what stands in the way."""
    sale = case.sale
    try:
        with attempt(session):
            share = offline_queries.lock_share(session, sale.share_id)
            assert share is not None  # the sale's foreign key says so
            _end_what_is_over(session, case, share)
            items = _checked(session, case, share)
            services.tried(session, case.order, _wanted(session, case, share, items=items))
            if share.state == ShareState.OPEN.value:
                share.state, share.ended_at = ShareState.SOLD.value, case.order.now
    except DomainError as refusal:
        sale.problem, sale.said = refusal.code, _for_later(refusal)
    else:
        sale.state = OfflineState.BOOKED.value
        sale.decided_at, sale.decided_by = case.order.now, case.by
    session.flush()


def _for_later(refusal: DomainError) -> str:
    """What stood in the way, for somebody who looks at it when the goods are long gone."""
    what = refusal.detail.split("，请")[0].rstrip("。")
    match refusal:
        case SoldOut():
            return f"账上{what}。货已经给了，请先盘点、补登入库，再点“再办一次”。"
        case LimitReached():
            return f"{what}。请过一小时再点“再办一次”；满一天上限的，请明天再点。"
        case OfflineTimeOdd():
            return f"{what}。请另一位管理员核对登记纸上的日期，再点“再办一次”。"
        case ShareUsed() | ShareExceeded() | PriceChanged() | ItemUnknown():
            return f"{what}。再办也是一样，请另一位店长或者社区书记核对登记纸后结清。"
    return f"{what}。请核对后点“再办一次”；办不成的，由另一位店长或者社区书记结清。"


def _end_what_is_over(session: Session, case: Case, share: OfflineShare) -> None:
    """What the engine lets nobody pay with any more is ended, whether or not a sweeper came."""
    now = case.order.now
    if share.state == ShareState.OPEN.value and now >= shares.held_until(case.row):
        shares.let_go(session, share, now=now, zone=case.order.me.zone)


def _checked(session: Session, case: Case, share: OfflineShare) -> dict[UUID, Goods]:
    """The goods at the prices of the slice's day; refuses what the slice does not cover."""
    sale, row, wishes = case.sale, case.row, case.order.wishes
    if offline_queries.is_used(session, share.id):
        raise ShareUsed("这张卡当天的备用额度已经用过一次，请核对登记纸上有没有这一笔签字。")
    if not case.clock_vouched and not row.granted_at - SLACK <= sale.sold_at < row.ends_at + SLACK:
        raise OfflineTimeOdd("设备上的时间不在备用额度的当天，请核对日期。")
    items = _items(session, row, wishes)
    if len(items) != len(wishes):
        raise ItemUnknown(NO_ITEM)
    cost = sum(items[wish.item_id].points * wish.quantity for wish in wishes)
    if cost > share.points:
        raise ShareExceeded(f"这笔要 {cost} 分，超过这张卡留的 {share.points} 分，请找社区核对。")
    if cost != sale.total:
        raise PriceChanged(f"设备上记的是 {sale.total} 分，按当天价格是 {cost} 分，请核对。")
    return items


def _wanted(
    session: Session, case: Case, share: OfflineShare, *, items: Mapping[UUID, Goods]
) -> Sale:
    """The sale as the counter makes it: paid with what is held, or as long as that is there."""
    order = case.order
    shop = queries.get_shop(session, order.shop_id)
    assert shop is not None  # the slice's foreign key says so
    held = share.state == ShareState.OPEN.value
    return Sale(
        shop=shop,
        items=items,
        proof=Proof(way=Way.OFFLINE, person_id=share.person_id, offline_sale_id=case.sale.id),
        member=scenes.member(session, share.person_id),
        policy=_without_floor(rules.of_day(session, civil_day(order.now, order.me.zone))),
        before=case.before,
        id=share.id if held else new_id(),
        pay=shares.capture if held else ledger.pay,
    )


def _without_floor(policy: Policy | None) -> Policy | None:
    """How much somebody must have to begin with was asked when the points were set aside."""
    if policy is None:
        return None
    return replace(policy, redemption=replace(policy.redemption, min_balance=0))


def order_of(row: OfflineSlice, wishes: tuple[Wish, ...], *, desk: Desk) -> Order:
    """What the manager sold who had the terminal, whoever brings it."""
    manager = replace(desk.me, person_id=row.granted_to, on_behalf_of=None, grants=())
    return Order(
        me=manager,
        shop_id=desk.shop_id,
        shown="",
        wishes=wishes,
        keyring=desk.keyring,
        now=desk.now,
        asking=False,
    )


def _items(session: Session, row: OfflineSlice, wishes: tuple[Wish, ...]) -> dict[UUID, Goods]:
    wanted = [wish.item_id for wish in wishes]
    found = queries.items_of(session, shop_id=row.shop_id, item_ids=wanted, on=row.day)
    return {goods.item.id: goods for goods in found if goods.item.kind != ItemKind.VOUCHER}


def _lines(brought: Brought, items: Mapping[UUID, Goods]) -> list[dict[str, object]]:
    return [
        {
            "item_id": str(wish.item_id),
            "name": items[wish.item_id].item.name if wish.item_id in items else "",
            "quantity": wish.quantity,
        }
        for wish in brought.wishes
    ]
