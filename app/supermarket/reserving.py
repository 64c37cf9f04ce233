"""Goods kept for somebody: points and stock are held together, and let go of together.

Whoever ends a reservation holds its row first, then the account, and the shelf last.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.clock import civil_day
from app.core.db import add
from app.core.errors import NotEnoughPoints
from app.core.ids import new_id
from app.core.keys import Keyring
from app.core.many import add_all
from app.core.telling import notify
from app.households.acting import Errand
from app.identity import phones
from app.identity import queries as identity
from app.identity.roles import Principal
from app.ledger import moving as ledger
from app.supermarket import codes, kept, labels, lapsing, proxies, queries, rules, shelves
from app.supermarket.errors import (
    NO_ITEM,
    ItemTwice,
    ItemUnknown,
    ReservationOver,
    ReservationsFull,
    ReservationsOff,
    ReservationUnknown,
    ShopUnknown,
    SoldOut,
)
from app.supermarket.kinds import ReservationState
from app.supermarket.models import Reservation, ReservationLine, ReservationPart, Shop
from app.supermarket.orders import Wish
from app.supermarket.queries import Goods
from app.supermarket.rules import Asked
from app.supermarket.shelves import Want
from points_engine import InsufficientPoints, Redeeming
from points_engine import Reservation as Hold

SPARE = timedelta(days=2)  # the engine ends a hold by itself only where no sweeper has


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """What somebody wants to be kept for them, or for whom they act."""

    errand: Errand
    shop_id: UUID
    wishes: tuple[Wish, ...]
    keyring: Keyring
    now: datetime

    @property
    def me(self) -> Principal:
        return self.errand.me


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A reservation with its goods, and the code that fetches them while it is open."""

    reservation: Reservation
    lines: Sequence[ReservationLine]
    code: str


def reserve(session: Session, booking: Booking) -> Kept:
    """Keep goods and their points until the policy's hours are over, at today's price.

    Raises `SoldOut`, `NotEnoughPoints` and what the rules refuse; then nothing is kept.
    """
    me, shop = booking.me, queries.get_shop(session, booking.shop_id)
    if shop is None:
        raise ShopUnknown("没有找到这个兑换点，请从兑换点列表进入。")
    _lock_people(session, me)
    phones.refuse_while_cooling(session, me.subject_id, zone=me.zone, now=booking.now)
    items = _items(session, booking)
    asked = _asked(booking, shop, items)
    policy = rules.of_day(session, asked.day)
    said = rules.terms(policy)
    _check_room(session, me, said)
    rules.check_before(session, asked, policy)
    proxies.check_reserving(
        session, booking.errand.mandate_id, cost=asked.cost, zone=me.zone, now=booking.now
    )
    wants = _wants(items, booking.wishes)
    with _in_their_words():
        shelves.look({item_id: goods.available for item_id, goods in items.items()}, wants)
        row = _row(booking, asked, hours=said.hold_hours)
        ledger.hold(session, _hold(row, asked, labels.goods_text(_named(wants), "")))
        rules.check_quarter(session, asked, said)
        add(session, row)
        lines = _lines(row, items, booking.wishes)
        add_all(session, lines)
        _tell(session, row, lines, template="goods_reserved", zone=me.zone)
        parts = shelves.hold(
            session, wants, until=civil_day(row.expires_at + lapsing.GRACE, me.zone)
        )
    add_all(session, [_part(row, part) for part in parts])
    return Kept(
        reservation=row, lines=lines, code=codes.pickup(row.id, booking.keyring, me.tenant_id)
    )


def cancel(session: Session, me: Principal, reservation_id: UUID, *, now: datetime) -> Reservation:
    """Give a reservation up: points and goods are free again."""
    row = kept.lock_own(session, reservation_id, person_id=me.subject_id)
    if row is None:
        raise ReservationUnknown("没有找到这笔预约，请刷新“我的预约”后查看。")
    refuse_over(row)
    row.state, row.ended_at, row.ended_by = ReservationState.CANCELLED.value, now, me.person_id
    lapsing.let_go(session, row, now=now, on=civil_day(now, me.zone))
    session.flush()
    return row


def refuse_over(row: Reservation) -> None:
    """Raise `ReservationOver` unless it is open."""
    if row.state != ReservationState.OPEN:
        state = labels.RESERVATION_STATES[ReservationState(row.state)]
        raise ReservationOver(f"这笔预约{state}，不用再办理。")


@contextmanager
def _in_their_words() -> Iterator[None]:
    """What a shelf or the books refuse, for somebody who is not at the counter."""
    try:
        yield
    except SoldOut as refusal:
        raise SoldOut(refusal.detail.replace(shelves.CODE_AGAIN, "")) from refusal
    except InsufficientPoints as error:
        raise NotEnoughPoints(
            f"可用积分 {error.balance} 分，还差 {error.needed - error.balance} 分，"
            "请减少商品，或等积分入账后再来。"
        ) from error


def _lock_people(session: Session, me: Principal) -> None:
    """Who acts and whom it is about, in one order: or two requests at once would count alike."""
    for person_id in sorted({me.person_id, me.subject_id}):
        identity.lock_person(session, person_id)


def _check_room(session: Session, me: Principal, said: Redeeming) -> None:
    if not said.hold_hours:
        raise ReservationsOff("本地暂不办理预约，请直接到兑换点兑换。")
    most = said.open_reservations
    if most and kept.count_open(session, me.subject_id) >= most:
        raise ReservationsFull(f"最多同时预约 {most} 笔，请先取走或取消一笔。")


def _items(session: Session, booking: Booking) -> dict[UUID, Goods]:
    wanted = [wish.item_id for wish in booking.wishes]
    if len(set(wanted)) != len(wanted):
        raise ItemTwice("同一种商品请合并成一行。", errors={"lines": ["同一种商品出现了两次"]})
    day = civil_day(booking.now, booking.me.zone)
    found = queries.items_of(session, shop_id=booking.shop_id, item_ids=wanted, on=day)
    if len(found) != len(wanted):
        raise ItemUnknown(NO_ITEM)
    return {goods.item.id: goods for goods in found}


def _asked(booking: Booking, shop: Shop, items: dict[UUID, Goods]) -> Asked:
    return Asked(
        person_id=booking.me.subject_id,
        shop=shop,
        items={item_id: goods.item for item_id, goods in items.items()},
        pieces={wish.item_id: wish.quantity for wish in booking.wishes},
        cost=sum(items[wish.item_id].points * wish.quantity for wish in booking.wishes),
        now=booking.now,
        zone=booking.me.zone,
    )


def _wants(items: dict[UUID, Goods], wishes: Sequence[Wish]) -> list[Want]:
    return [
        Want(item_id=item.id, name=item.name, unit=item.unit, quantity=wish.quantity)
        for wish in wishes
        for item in [items[wish.item_id].item]
    ]


def _named(wants: Sequence[Want]) -> list[tuple[str, int]]:
    return [(want.name, want.quantity) for want in wants]


def _row(booking: Booking, asked: Asked, *, hours: int) -> Reservation:
    me, made = booking.me, new_id()
    code = codes.pickup(made, booking.keyring, me.tenant_id)
    return Reservation(
        id=made,
        shop_id=asked.shop.id,
        person_id=me.subject_id,
        reserved_by=me.person_id,
        delegation_id=booking.errand.mandate_id,
        code_hash=codes.pickup_digest(code, booking.keyring, me.tenant_id),
        state=ReservationState.OPEN.value,
        cost=asked.cost,
        place=asked.shop.name,
        reserved_at=booking.now,
        expires_at=booking.now + timedelta(hours=hours),
    )


def _hold(row: Reservation, asked: Asked, goods: str) -> Hold:
    return Hold(
        reference=lapsing.reference(row.id),
        payer_id=row.person_id,
        shop_id=row.shop_id,
        community_id=asked.shop.community_id,
        amount=row.cost,
        held_at=row.reserved_at,
        expires_at=row.expires_at + lapsing.GRACE + SPARE,
        occurred_on=asked.day,
        actor_id=row.reserved_by,
        reason=f"{row.place}预约：{goods}",
    )


def _lines(
    row: Reservation, items: dict[UUID, Goods], wishes: Sequence[Wish]
) -> list[ReservationLine]:
    return [
        ReservationLine(
            reservation_id=row.id,
            item_id=wish.item_id,
            name=goods.item.name,
            unit=goods.item.unit,
            quantity=wish.quantity,
            points=goods.points,
        )
        for wish in wishes
        for goods in [items[wish.item_id]]
    ]


def _part(row: Reservation, part: shelves.Part) -> ReservationPart:
    return ReservationPart(
        reservation_id=row.id,
        batch_id=part.batch_id,
        item_id=part.item_id,
        last_day=part.last_day,
        quantity=part.quantity,
    )


def _tell(
    session: Session,
    row: Reservation,
    lines: Sequence[ReservationLine],
    *,
    template: str,
    zone: str,
) -> None:
    notify(session, lapsing.telling(row, lines, template=template, zone=zone), now=row.reserved_at)
