"""The moment goods change hands: points, shelf, receipt and word of it, or nothing of all that."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.claims import Claim
from app.core.clock import civil_day
from app.core.db import tenant_of
from app.core.ids import new_id
from app.core.many import add_all
from app.ledger import services as ledger
from app.ledger.services import Paid
from app.supermarket import (
    labels,
    proxies,
    recording,
    rules,
    shelves,
    till_receipts,
    vouchers,
)
from app.supermarket.models import Redemption, RedemptionLine, SaleQuestion, Shop
from app.supermarket.orders import Order, Receipt, Wish
from app.supermarket.queries import Goods
from app.supermarket.recording import Once, Sold
from app.supermarket.rules import Asked
from app.supermarket.scenes import Done, Member
from app.supermarket.shelves import Want
from app.supermarket.vouchers import Deal
from app.supermarket.vouching import Proof
from points_engine import Policy, Spending

SPARE = 2  # batches beyond one for each line: more are looked at where these do not suffice


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """What is known before goods and points move: where, of what, and who wants it.

    `claim` is the key under which it is asked for, to be kept with what comes of it. `id` is that
    of the redemption it becomes, `pay` how it is paid.
    """

    shop: Shop
    items: Mapping[UUID, Goods]
    proof: Proof
    member: Member
    policy: Policy | None
    before: Done | None = None  # what the manager has sold; not asked where a phone said yes
    claim: Claim[Receipt | SaleQuestion] | None = None
    id: UUID = field(default_factory=new_id)
    pay: Callable[[Session, Spending], Paid] = ledger.pay


def hand_out(
    session: Session, order: Order, sale: Sale, *, asked: Asked, wants: Sequence[Want]
) -> Receipt:
    """Take the points, and the goods off the shelf, of a sale that may be."""
    proof, shop = sale.proof, sale.shop
    fetched_by = proxies.check(
        session, proof.delegation_id, manager=order.me, cost=asked.cost, now=order.now
    )
    redemption = Redemption(
        id=sale.id, **proof_of(order, proof), state="completed", cost=asked.cost
    )
    goods = [(want.name, want.quantity) for want in wants]
    reason = labels.passbook_reason(
        shop=shop.name, redemption_id=redemption.id, goods=goods, fetched_by=fetched_by
    )
    _pay(session, order, redemption, sale=sale, reason=reason)
    rules.check_quarter(session, asked, rules.terms(sale.policy))
    lines = _lines(redemption, sale.items, order.wishes)
    words = labels.goods_text(goods, fetched_by)
    sold = Sold(
        redemption=redemption,
        lines=lines,
        day=asked.day,
        telling=till_receipts.telling(order, redemption, shop=shop, goods=words),
        community_id=sale.member.community_id,
    )
    days = rules.terms(sale.policy).voucher_days
    issued = vouchers.made(session, lines, Deal(asked=asked, keyring=order.keyring, days=days))
    fetched = proof.delegation_id is not None
    papers = vouchers.on_paper(
        session, issued, way=proof.way, fetched=fetched, keyring=order.keyring
    )
    receipt = Receipt(
        redemption=redemption, lines=lines, member_name=sale.member.name, vouchers=papers
    )
    _write(session, sold, wants, once=_once(session, sale, receipt))
    add_all(session, issued)
    return receipt


def _once(session: Session, sale: Sale, receipt: Receipt) -> Once | None:
    """What keeps the key of the sale with its answer, and uses its code up."""
    if sale.claim is None:
        return None
    claimed = sale.claim.values(receipt, tenant_id=tenant_of(session))
    burns = sale.proof.code_id if sale.proof.burns else None
    return Once(claimed=claimed, burns=burns) if claimed else None


def proof_of(order: Order, proof: Proof) -> dict[str, object]:
    """Who sells to whom where, and what says so; the columns of a redemption's row."""
    return {
        "shop_id": order.shop_id,
        "person_id": proof.person_id,
        "manager_id": order.me.person_id,
        "way": proof.way.value,
        "code_id": proof.code_id,
        "delegation_id": proof.delegation_id,
        "offline_sale_id": proof.offline_sale_id,
        "reason": proof.reason,
        "at": order.now,
    }


def _write(session: Session, sold: Sold, wants: Sequence[Want], *, once: Once | None) -> None:
    """All of it in one statement; where that would not do, what stands in the way is looked at."""
    if recording.write(session, sold, batches=len(wants) + SPARE, once=once):
        return
    parts = shelves.parts(session, wants, on=sold.day)
    written = recording.write(session, sold, batches=len(parts), once=None)
    assert written  # their rows are held; key and code are used up


def _pay(
    session: Session, order: Order, redemption: Redemption, *, sale: Sale, reason: str
) -> None:
    """Out of the member's account, which nobody else changes from here on."""
    spending = Spending(
        payer_id=redemption.person_id,
        shop_id=sale.shop.id,
        community_id=sale.shop.community_id,
        amount=redemption.cost,
        reference=f"redemption:{redemption.id}",
        occurred_on=civil_day(order.now, order.me.zone),
        booked_at=order.now,
        actor_id=order.me.person_id,
        reason=reason,
    )
    paid = sale.pay(session, spending)
    redemption.balance_after, redemption.transfer_id = paid.balance_after, paid.transfer_id


def _lines(
    redemption: Redemption, items: Mapping[UUID, Goods], wishes: Sequence[Wish]
) -> list[RedemptionLine]:
    return [
        RedemptionLine(
            id=new_id(),
            redemption_id=redemption.id,
            item_id=wish.item_id,
            name=goods.item.name,
            quantity=wish.quantity,
            points=goods.points * wish.quantity,
        )
        for wish in wishes
        for goods in [items[wish.item_id]]
    ]
