"""Goods for points, or a refusal that moves nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.clock import civil_day
from app.core.db import add, attempt
from app.core.errors import DomainError, from_engine
from app.core.ids import new_id
from app.core.many import add_all
from app.identity import phones
from app.identity.roles import Permission, Principal
from app.ledger import services as ledger
from app.organisation import queries as organisation
from app.supermarket import (
    labels,
    limits,
    proxies,
    queries,
    rules,
    shelves,
    till_receipts,
    till_rules,
    vouching,
)
from app.supermarket.errors import (
    NO_ITEM,
    ItemTwice,
    ItemUnknown,
    SelfRedemption,
    ShopUnknown,
)
from app.supermarket.kinds import MoveKind, QuestionState, Way
from app.supermarket.models import Redemption, RedemptionLine, SaleQuestion, Shop
from app.supermarket.orders import Order, Receipt, Wish
from app.supermarket.queries import Goods
from app.supermarket.rules import Asked
from app.supermarket.shelves import Cause, Want
from app.supermarket.till_queries import Done
from app.supermarket.vouching import Proof
from points_engine import PointsError, Policy, Spending


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """What is known before goods and points move: where, of what, and who wants it."""

    shop: Shop
    items: Mapping[UUID, Goods]
    proof: Proof
    policy: Policy | None
    before: Done | None = None  # what the manager has sold; not asked where a phone said yes


def redeem(session: Session, order: Order) -> Receipt | SaleQuestion:
    """Take goods off the shelf and their price out of the member's account, or neither.

    A code burns at the first scan whatever comes of it; what is refused is recorded as refused,
    and moves nothing (raised with `keeps`, so that the burnt code stays burnt). Only what has
    nothing to do with the member - a closed shop, another price - is refused before the scan. A
    large sale asks the member's phone first, and moves nothing meanwhile.
    """
    shop = shop_of(session, me=order.me, shop_id=order.shop_id)
    _check(order.wishes)
    policy = rules.of_day(session, civil_day(order.now, order.me.zone))
    rules.check_open(shop, rules.terms(policy), now=order.now, zone=order.me.zone)
    items = _items(session, order)
    if len(items) == len(order.wishes):
        order.check_total(_cost(order, items))
    before = limits.done(session, order)
    proof = vouching.take(session, order)
    sale = Sale(shop=shop, items=items, proof=proof, policy=policy, before=before)
    return tried(session, order, sale)


def resume(session: Session, order: Order, question: SaleQuestion) -> Receipt | SaleQuestion:
    """Sell what the member's phone said yes to, as goods and points are by now."""
    shop = queries.get_shop(session, order.shop_id)
    assert shop is not None  # the question's foreign key says so
    code = queries.get_own_code(session, code_id=question.code_id, person_id=question.person_id)
    proof = Proof(
        way=Way.CODE,
        person_id=question.person_id,
        code_id=question.code_id,
        delegation_id=code.delegation_id if code else None,
    )
    policy = rules.of_day(session, civil_day(order.now, order.me.zone))
    items = _items(session, order)
    return tried(session, order, Sale(shop=shop, items=items, proof=proof, policy=policy))


def tried(session: Session, order: Order, sale: Sale) -> Receipt | SaleQuestion:
    """Sell, or record the refusal; what a refusal keeps stays."""
    try:
        with attempt(session):
            return _sell(session, order, sale)
    except (DomainError, PointsError) as error:
        cause = error if isinstance(error, PointsError) else None
        refusal = from_engine(error) if isinstance(error, PointsError) else error
        record_refusal(session, order, proof=sale.proof, refusal=refusal)
        raise refusal.kept() from cause


def shop_of(session: Session, *, me: Principal, shop_id: UUID) -> Shop:
    """A shop whose counter this manager may run; another one does not exist for them."""
    shop = queries.get_shop(session, shop_id)
    path = organisation.path_of(session, shop.community_id) if shop else ()
    if shop is None or not me.may(Permission.REDEMPTION_CREATE, path):
        raise ShopUnknown("没有找到这个兑换点，请从您管理的兑换点进入。")
    return shop


def record_refusal(session: Session, order: Order, *, proof: Proof, refusal: DomainError) -> None:
    """Write down what was tried, and why it came to nothing."""
    refused = Redemption(**_who(order, proof), state="refused", refused_for=refusal.code, cost=0)
    add(session, refused)


def _check(wishes: Sequence[Wish]) -> None:
    if len({wish.item_id for wish in wishes}) != len(wishes):
        raise ItemTwice("同一种商品请合并成一行。", errors={"lines": ["同一种商品出现了两次"]})


def _cost(order: Order, items: Mapping[UUID, Goods]) -> int:
    return sum(items[wish.item_id].points * wish.quantity for wish in order.wishes)


def _sell(session: Session, order: Order, sale: Sale) -> Receipt | SaleQuestion:
    proof = sale.proof
    _check_member(session, order, proof.person_id)
    vouching.prove_pin(session, order, proof)
    if len(sale.items) != len(order.wishes):
        raise ItemUnknown(NO_ITEM)
    wants = _wants(sale.items, order.wishes)
    shelves.look({item_id: goods.available for item_id, goods in sale.items.items()}, wants)
    cost = _cost(order, sale.items)
    if sale.before is not None:
        limits.check(sale.before, way=proof.way, cost=cost)
    asked = _asked(order, sale, cost=cost)
    rules.check_before(session, asked, sale.policy)
    if _asks(session, order, proof, cost=cost):
        return _ask(session, order, sale, cost=cost)
    return _hand_out(session, order, sale, asked=asked, wants=wants)


def _hand_out(
    session: Session, order: Order, sale: Sale, *, asked: Asked, wants: Sequence[Want]
) -> Receipt:
    """Take the points, and the goods off the shelf, of a sale that may be."""
    proof, shop = sale.proof, sale.shop
    fetched_by = proxies.check(
        session, proof.delegation_id, manager=order.me, cost=asked.cost, now=order.now
    )
    redemption = Redemption(id=new_id(), **_who(order, proof), state="completed", cost=asked.cost)
    goods = [(want.name, want.quantity) for want in wants]
    reason = labels.passbook_reason(
        shop=shop.name, redemption_id=redemption.id, goods=goods, fetched_by=fetched_by
    )
    _pay(session, order, redemption, shop=shop, reason=reason)
    rules.check_quarter(session, asked, rules.terms(sale.policy))
    add(session, redemption)
    lines = _lines(redemption, sale.items, order.wishes)
    add_all(session, lines)
    words = labels.goods_text(goods, fetched_by)
    till_receipts.tell(session, order, redemption, shop=shop, goods=words)
    receipt = till_receipts.made(session, redemption, lines)
    shelves.take(session, wants, _cause(order, redemption))
    return receipt


def _asks(session: Session, order: Order, proof: Proof, *, cost: int) -> bool:
    """Whether the member's phone is asked: about a large sale that they could pay."""
    if not order.asking or proof.way is not Way.CODE or cost < till_rules.rules().confirm_points:
        return False
    day = civil_day(order.now, order.me.zone)
    return ledger.available(session, person_id=proof.person_id, on=day) >= cost


def _ask(session: Session, order: Order, sale: Sale, *, cost: int) -> SaleQuestion:
    assert sale.proof.code_id is not None  # it came by a phone
    question = SaleQuestion(
        shop_id=sale.shop.id,
        person_id=sale.proof.person_id,
        manager_id=order.me.person_id,
        code_id=sale.proof.code_id,
        cost=cost,
        lines=[
            {
                "item_id": str(wish.item_id),
                "name": sale.items[wish.item_id].item.name,
                "quantity": wish.quantity,
            }
            for wish in order.wishes
        ],
        state=QuestionState.WAITING.value,
        asked_at=order.now,
        ends_at=order.now + till_rules.rules().confirm_within,
    )
    return add(session, question)


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


def _items(session: Session, order: Order) -> dict[UUID, Goods]:
    """What is wished for and is here, at what price today, and how many there are just now."""
    wanted = [wish.item_id for wish in order.wishes]
    day = civil_day(order.now, order.me.zone)
    found = queries.items_of(session, shop_id=order.shop_id, item_ids=wanted, on=day)
    return {goods.item.id: goods for goods in found}


def _asked(order: Order, sale: Sale, *, cost: int) -> Asked:
    """What the policy of the day is asked about."""
    return Asked(
        person_id=sale.proof.person_id,
        shop=sale.shop,
        items={item_id: goods.item for item_id, goods in sale.items.items()},
        pieces={wish.item_id: wish.quantity for wish in order.wishes},
        cost=cost,
        now=order.now,
        zone=order.me.zone,
    )


def _wants(items: Mapping[UUID, Goods], wishes: Sequence[Wish]) -> list[Want]:
    return [
        Want(item_id=item.id, name=item.name, unit=item.unit, quantity=wish.quantity)
        for wish in wishes
        for item in [items[wish.item_id].item]
    ]


def _lines(
    sold: Redemption, items: Mapping[UUID, Goods], wishes: Sequence[Wish]
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


def _who(order: Order, proof: Proof) -> dict[str, object]:
    return {
        "shop_id": order.shop_id,
        "person_id": proof.person_id,
        "manager_id": order.me.person_id,
        "way": proof.way.value,
        "code_id": proof.code_id,
        "delegation_id": proof.delegation_id,
        "reason": proof.reason,
        "at": order.now,
    }
