"""Codes for the counter, and goods for points."""

from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.clock import civil_day, moment_text
from app.core.db import add, attempt, tenant_of
from app.core.errors import DomainError, from_engine
from app.core.ids import new_id
from app.core.many import add_all
from app.core.scans import CodeExpired, CodeMalformed, CodeUnknown, CodeUsed, code_in, counting
from app.core.telling import Telling, notify
from app.identity import phones
from app.identity import queries as identity
from app.identity.roles import Permission, Principal
from app.ledger import services as ledger
from app.organisation import queries as organisation
from app.supermarket import codes, labels, proxies, queries, rationing, shelves
from app.supermarket.errors import (
    CODE_OVER,
    CODE_SPENT,
    NO_ITEM,
    ItemTwice,
    ItemUnknown,
    SelfRedemption,
    ShopUnknown,
)
from app.supermarket.kinds import MoveKind
from app.supermarket.models import RedeemCode, Redemption, RedemptionLine, Shop
from app.supermarket.orders import Order, Receipt, Wish
from app.supermarket.queries import Goods
from app.supermarket.shelves import Cause, Want
from points_engine import PointsError, Spending


def redeem(session: Session, order: Order) -> Receipt:
    """Take goods off the shelf and their price out of the member's account, or neither.

    The code burns at the first scan whatever comes of it; what is refused is recorded as
    refused, and moves nothing (raised with `keeps`, so that the burnt code stays burnt).
    """
    shop = shop_of(session, me=order.me, shop_id=order.shop_id)
    _check(order.wishes)
    me, typed = order.me, codes.is_typed(order.text)
    with counting(session, person_id=me.person_id, now=order.now, guessable=typed):
        code = _burn(session, order)
    try:
        with attempt(session):
            return _sell(session, order, shop=shop, code=code)
    except (DomainError, PointsError) as error:
        cause = error if isinstance(error, PointsError) else None
        refusal = from_engine(error) if isinstance(error, PointsError) else error
        _record_refusal(session, order, code=code, refusal=refusal)
        raise refusal.kept() from cause


def shop_of(session: Session, *, me: Principal, shop_id: UUID) -> Shop:
    """A shop whose counter this manager may run; another one does not exist for them."""
    shop = queries.get_shop(session, shop_id)
    path = organisation.path_of(session, shop.community_id) if shop else ()
    if shop is None or not me.may(Permission.REDEMPTION_CREATE, path):
        raise ShopUnknown("没有找到这个兑换点，请从您管理的兑换点进入。")
    return shop


def _check(wishes: Sequence[Wish]) -> None:
    if len({wish.item_id for wish in wishes}) != len(wishes):
        raise ItemTwice("同一种商品请合并成一行。", errors={"lines": ["同一种商品出现了两次"]})


def _burn(session: Session, order: Order) -> RedeemCode:
    """The code shown, used up from now on."""
    code = _find(session, order)
    if code is None:
        raise CodeUnknown("没有找到这个兑换码，请居民打开“兑换码”页面重新出示。")
    if code.burnt_at is not None:
        raise CodeUsed(CODE_SPENT)
    code.burnt_at = order.now
    if code.expires_at <= order.now:
        raise CodeExpired(CODE_OVER)
    return code


def _find(session: Session, order: Order) -> RedeemCode | None:
    if codes.is_typed(order.text):
        digits_hash = codes.digits_digest(order.text, order.keyring, tenant_of(session))
        return queries.lock_code_by_digits(session, digits_hash=digits_hash)
    code = ""
    with suppress(CodeMalformed):  # its sentence is for residents; managers are told ours
        code = code_in(order.text)
    if not codes.is_scanned(code):
        raise CodeMalformed("这不是兑换码，请扫描居民手机上的“兑换码”，或输入码下方的 10 位数字。")
    return queries.lock_code(session, code_hash=codes.digest(code))


def _sell(session: Session, order: Order, *, shop: Shop, code: RedeemCode) -> Receipt:
    _check_member(session, order, code.person_id)
    items = _items(session, order)
    wants = _wants(items, order.wishes)
    shelves.look({item_id: goods.available for item_id, goods in items.items()}, wants)
    cost = sum(items[wish.item_id].points * wish.quantity for wish in order.wishes)
    fetched_by = proxies.check(session, code, manager=order.me, cost=cost, now=order.now)
    redemption = Redemption(id=new_id(), **_who(order, code), state="completed", cost=cost)
    goods = [(want.name, want.quantity) for want in wants]
    reason = labels.passbook_reason(
        shop=shop.name, redemption_id=redemption.id, goods=goods, fetched_by=fetched_by
    )
    _pay(session, order, redemption, shop=shop, reason=reason)
    today = civil_day(order.now, order.me.zone)
    rationing.check(session, code.person_id, order.wishes, items=items, on=today)
    add(session, redemption)
    lines = _lines(redemption, items, order.wishes)
    add_all(session, lines)
    _tell(session, order, redemption, shop=shop, goods=labels.goods_text(goods, fetched_by))
    receipt = _receipt(session, redemption, lines)
    shelves.take(session, wants, _cause(order, redemption))
    return receipt


def _pay(
    session: Session, order: Order, redemption: Redemption, *, shop: Shop, reason: str
) -> None:
    """Out of the member's account, which nobody else changes from here on."""
    spending = Spending(
        payer_id=redemption.person_id,
        shop_id=shop.id,
        community_id=shop.community_id,
        amount=redemption.cost,
        reference=f"redemption:{redemption.id}",
        occurred_on=civil_day(order.now, order.me.zone),
        booked_at=order.now,
        actor_id=order.me.person_id,
        reason=reason,
    )
    paid = ledger.pay(session, spending)
    redemption.balance_after, redemption.transfer_id = paid.balance_after, paid.transfer_id


def _check_member(session: Session, order: Order, person_id: UUID) -> None:
    if person_id == order.me.person_id:
        raise SelfRedemption("不能给自己兑换，请另一位管理员为您办理。")
    phones.refuse_while_cooling(session, person_id, zone=order.me.zone, now=order.now)


def _receipt(session: Session, redemption: Redemption, lines: Sequence[RedemptionLine]) -> Receipt:
    name = identity.names_of(session, {redemption.person_id})[redemption.person_id]
    return Receipt(redemption=redemption, lines=lines, member_name=name)


def _tell(session: Session, order: Order, sold: Redemption, *, shop: Shop, goods: str) -> None:
    """Whoever paid hears of it, also when somebody else stood at the counter."""
    words = {
        "place": shop.name,
        "goods": goods,
        "points": str(sold.cost),
        "left": str(sold.balance_after),
        "at": moment_text(sold.at, order.me.zone),
    }
    telling = Telling(
        person_id=sold.person_id,
        template="goods_taken",
        about=f"redemption:{sold.id}",
        words=words,
        path="/passbook",
    )
    notify(session, telling, now=sold.at)


def _items(session: Session, order: Order) -> dict[UUID, Goods]:
    """What is wished for, at what price today, and how many of each there are at the moment."""
    wanted = [wish.item_id for wish in order.wishes]
    day = civil_day(order.now, order.me.zone)
    found = queries.items_of(session, shop_id=order.shop_id, item_ids=wanted, on=day)
    if len(found) != len(wanted):
        raise ItemUnknown(NO_ITEM)
    return {goods.item.id: goods for goods in found}


def _wants(items: dict[UUID, Goods], wishes: Sequence[Wish]) -> list[Want]:
    return [
        Want(item_id=item.id, name=item.name, unit=item.unit, quantity=wish.quantity)
        for wish in wishes
        for item in [items[wish.item_id].item]
    ]


def _lines(
    sold: Redemption, items: dict[UUID, Goods], wishes: Sequence[Wish]
) -> list[RedemptionLine]:
    return [
        RedemptionLine(
            redemption_id=sold.id,
            item_id=wish.item_id,
            name=goods.item.name,
            quantity=wish.quantity,
            points=goods.points * wish.quantity,
        )
        for wish in wishes
        for goods in [items[wish.item_id]]
    ]


def _cause(order: Order, sold: Redemption) -> Cause:
    return Cause(
        kind=MoveKind.REDEMPTION,
        reference=f"redemption:{sold.id}",
        day=civil_day(order.now, order.me.zone),
        at=order.now,
        entered_by=order.me.person_id,
        redemption_id=sold.id,
    )


def _record_refusal(
    session: Session, order: Order, *, code: RedeemCode, refusal: DomainError
) -> None:
    refused = Redemption(**_who(order, code), state="refused", refused_for=refusal.code, cost=0)
    add(session, refused)


def _who(order: Order, code: RedeemCode) -> dict[str, object]:
    return {
        "shop_id": order.shop_id,
        "person_id": code.person_id,
        "manager_id": order.me.person_id,
        "code_id": code.id,
        "at": order.now,
    }
