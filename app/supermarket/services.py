"""Goods for points, or a refusal that moves nothing."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.claims import Claim
from app.core.clock import civil_day
from app.core.db import add
from app.core.errors import DomainError, from_engine
from app.core.idempotency import KeyInFlight
from app.core.lasting import anew, last_attempt
from app.core.scans import CodeUsed, tried_by
from app.identity import phones
from app.identity.roles import Permission, Principal
from app.ledger import services as ledger
from app.ledger import terms
from app.organisation import queries as organisation
from app.supermarket import (
    limits,
    queries,
    refusals,
    rules,
    scenes,
    shelves,
    till_rules,
    vouching,
)
from app.supermarket.errors import (
    NO_ITEM,
    NO_SHOP,
    ItemTwice,
    ItemUnknown,
    SelfRedemption,
    ShopUnknown,
)
from app.supermarket.kinds import QuestionState, Way
from app.supermarket.models import Redemption, SaleQuestion, Shop
from app.supermarket.orders import Order, Receipt, Wish
from app.supermarket.queries import Goods
from app.supermarket.rules import Asked
from app.supermarket.scenes import Scene
from app.supermarket.selling import Sale, hand_out, proof_of
from app.supermarket.shelves import Want
from app.supermarket.vouching import Proof
from points_engine import PointsError


def redeem(
    session: Session, order: Order, *, claim: Claim[Receipt | SaleQuestion] | None = None
) -> Receipt | SaleQuestion:
    """Take goods off the shelf and their price out of the member's account, or neither.

    A code burns at the first scan whatever comes of it; what is refused is recorded as refused,
    and moves nothing (raised with `keeps`, so that the burnt code stays burnt). Only what has
    nothing to do with the member - a closed shop, another price - is refused before the scan. A
    large sale asks the member's phone first, and moves nothing meanwhile. With a `claim` the key
    is kept with what comes of it; raises `Repeated` where something has come of it before.
    """
    scene = _scene(session, order, claim)
    _check(order.wishes)
    day = civil_day(order.now, order.me.zone)
    policy = terms.on(session, day, mark=scene.policies)
    rules.check_open(scene.shop, rules.terms(policy), now=order.now, zone=order.me.zone)
    items = {
        item.id: Goods(item=item, points=points, available=available)
        for item, points, available in scene.goods
    }
    if len(items) == len(order.wishes):
        order.check_total(_cost(order, items))
    before = limits.settled(session, order, scene.done)
    proof = vouching.take(session, order, scene, claim=claim)
    sale = Sale(
        shop=scene.shop,
        items=items,
        proof=proof,
        member=scene.member or scenes.member(session, proof.person_id),
        policy=policy,
        before=before,
        claim=claim,
    )
    return tried(session, order, sale)


def resume(session: Session, order: Order, question: SaleQuestion) -> Receipt | SaleQuestion:
    """Sell what the member's phone said yes to, as goods and points are by now, at that price."""
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
    sale = Sale(
        shop=shop,
        items=items,
        proof=proof,
        member=scenes.member(session, proof.person_id),
        policy=policy,
    )
    return tried(session, order, sale)


def tried(session: Session, order: Order, sale: Sale) -> Receipt | SaleQuestion:
    """Sell, or record the refusal; what a refusal keeps stays."""
    try:
        with nullcontext() if sale.proof.burns else last_attempt(session):
            return _sell(session, order, sale)
    except KeyInFlight:
        raise
    except (DomainError, PointsError) as error:
        if sale.proof.burns:  # nothing was written before, so no savepoint was needed
            burnt = _burnt_anew(session, order, sale)
            if isinstance(error, CodeUsed):  # it was not: somebody only held it for a moment
                return tried(session, order, burnt)
        cause = error if isinstance(error, PointsError) else None
        refusal = from_engine(error) if isinstance(error, PointsError) else error
        record_refusal(session, order, proof=sale.proof, refusal=refusal)
        raise refusals.in_words(session, refusal, order=order, sale=sale).kept() from cause


def _burnt_anew(session: Session, order: Order, sale: Sale) -> Sale:
    """Undo all of it and use the code up by itself; the same sale, with the code burnt before it.

    Raises `Repeated` or `CodeUsed` where somebody was quicker with it.
    """
    anew(session)
    before = limits.done(session, order) if sale.before is not None else None
    vouching.burn(session, order, sale.proof, claim=sale.claim)
    return replace(sale, proof=replace(sale.proof, burns=False), before=before)


def shop_of(session: Session, *, me: Principal, shop_id: UUID) -> Shop:
    """A shop whose counter this manager may run; another one does not exist for them."""
    shop = queries.get_shop(session, shop_id)
    path = organisation.path_of(session, shop.community_id) if shop else ()
    if shop is None or not me.may(Permission.REDEMPTION_CREATE, path):
        raise ShopUnknown(NO_SHOP)
    return shop


def record_refusal(session: Session, order: Order, *, proof: Proof, refusal: DomainError) -> None:
    """Write down what was tried, and why it came to nothing."""
    refused = Redemption(
        **proof_of(order, proof), state="refused", refused_for=refusal.code, cost=0
    )
    add(session, refused)


def _scene(session: Session, order: Order, claim: Claim[Receipt | SaleQuestion] | None) -> Scene:
    """What has to be known, of a shop whose counter this manager may run."""
    hour, midnight = limits.spans(order)
    asked = scenes.Asked(
        shop_id=order.shop_id,
        item_ids=[wish.item_id for wish in order.wishes],
        day=civil_day(order.now, order.me.zone),
        manager_id=order.me.person_id,
        hour=hour,
        midnight=midnight,
        tried=tried_by(order.me.person_id, now=order.now),
        code_hash=vouching.hash_of(order),
        key=claim.ask.key if claim else None,
    )
    scene = scenes.read(session, asked)
    if scene is not None and scene.repeated and claim is not None:
        claim.look(session)
    if scene is None or not order.me.may(Permission.REDEMPTION_CREATE, scene.path):
        raise ShopUnknown(NO_SHOP)
    return scene


def _check(wishes: Sequence[Wish]) -> None:
    if len({wish.item_id for wish in wishes}) != len(wishes):
        raise ItemTwice("同一种商品请合并成一行。", errors={"lines": ["同一种商品出现了两次"]})


def _cost(order: Order, items: Mapping[UUID, Goods]) -> int:
    return sum(items[wish.item_id].points * wish.quantity for wish in order.wishes)


def _sell(session: Session, order: Order, sale: Sale) -> Receipt | SaleQuestion:
    proof = sale.proof
    _check_member(order, sale)
    vouching.prove_pin(session, order, proof)
    if len(sale.items) != len(order.wishes):
        raise ItemUnknown(NO_ITEM)
    wants = _wants(sale.items, order.wishes)
    shelves.look({item_id: goods.available for item_id, goods in sale.items.items()}, wants)
    cost = _cost(order, sale.items)
    order.check_total(cost)
    if sale.before is not None:
        limits.check(sale.before, way=proof.way, cost=cost)
    asked = _asked(order, sale, cost=cost)
    rules.check_before(session, asked, sale.policy)
    if _asks(session, order, proof, cost=cost):
        vouching.burn(session, order, proof, claim=sale.claim)
        return _ask(session, order, sale, cost=cost)
    return hand_out(session, order, sale, asked=asked, wants=wants)


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
    add(session, question)
    if sale.claim is not None:
        sale.claim.keep(session, question)
    return question


def _check_member(order: Order, sale: Sale) -> None:
    if sale.proof.person_id == order.me.person_id:
        raise SelfRedemption("不能给自己兑换，请另一位管理员为您办理。")
    phones.refuse_until(sale.member.cooling_until, zone=order.me.zone, now=order.now)


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
