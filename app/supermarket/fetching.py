"""Fetching what was reserved: against its code, at its shop, in full or in part, once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import masking
from app.core.clock import civil_day, moment_text
from app.core.db import add, tenant_of
from app.core.keys import Keyring
from app.core.many import add_all
from app.core.scans import CodeExpired, CodeMalformed, CodeUnknown, CodeUsed, counting
from app.core.telling import Telling, notify
from app.identity import phones
from app.identity import queries as identity
from app.identity.roles import Principal
from app.ledger import moving as ledger
from app.supermarket import (
    codes,
    kept,
    labels,
    proxies,
    queries,
    rules,
    services,
    shelves,
    voucher_queries,
    vouchers,
)
from app.supermarket.errors import NO_ITEM, ItemUnknown, QuantityWrong, SelfRedemption
from app.supermarket.kinds import MoveKind, ReservationState, Way
from app.supermarket.lapsing import GRACE, reference
from app.supermarket.models import (
    Redemption,
    RedemptionLine,
    Reservation,
    ReservationLine,
    ReservationPart,
    Shop,
)
from app.supermarket.orders import OnPaper, Receipt
from app.supermarket.rules import Asked
from app.supermarket.shelves import Cause, Part
from app.supermarket.vouchers import Deal
from points_engine import Capture


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """A code at a counter; with `pieces`, of which goods how many are taken. The rest is freed."""

    me: Principal
    shop_id: UUID
    shown: str
    keyring: Keyring
    now: datetime
    pieces: Mapping[UUID, int] | None = None

    @property
    def text(self) -> str:
        """What was shown, as it is printed."""
        return "".join(self.shown.split()).upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What waits under a code, for the eyes at the counter."""

    reservation: Reservation
    lines: Sequence[ReservationLine]
    member_name_masked: str


def look_up(session: Session, fetch: Fetch) -> Waiting:
    """What a code fetches; nothing is taken yet. A wrong code counts as a try."""
    services.shop_of(session, me=fetch.me, shop_id=fetch.shop_id)
    row = _found(session, fetch)
    _check_people(row, fetch)
    return Waiting(
        reservation=row,
        lines=kept.lines_of(session, [row.id])[row.id],
        member_name_masked=_masked(session, row),
    )


def pick_up(session: Session, fetch: Fetch) -> Receipt:
    """Hand over what waits under a code, take its points, and free what is not taken."""
    shop = services.shop_of(session, me=fetch.me, shop_id=fetch.shop_id)
    row = _found(session, fetch)
    _check_people(row, fetch)
    phones.refuse_while_cooling(session, row.person_id, zone=fetch.me.zone, now=fetch.now)
    lines = kept.lines_of(session, [row.id])[row.id]
    taken = _taken(lines, fetch.pieces)
    _check_doors(session, shop, fetch)
    fetched_by = proxies.check_fetching(session, row.delegation_id, manager=fetch.me, now=fetch.now)
    redemption = _redemption(
        row, fetch, cost=sum(line.points * taken[line.item_id] for line in lines)
    )
    goods = [(line.name, taken[line.item_id]) for line in lines if taken[line.item_id]]
    _capture(session, redemption, shop=shop, fetch=fetch, goods=goods, fetched_by=fetched_by)
    row.state, row.ended_at, row.ended_by = (
        ReservationState.PICKED_UP.value,
        fetch.now,
        fetch.me.person_id,
    )
    add(session, redemption)
    sold = [_line(redemption, line, taken[line.item_id]) for line in lines if taken[line.item_id]]
    add_all(session, sold)
    papers = _issue(session, row, sold, shop=shop, fetch=fetch)
    words = labels.goods_text(goods, fetched_by)
    _tell(session, redemption, shop=shop, goods=words, zone=fetch.me.zone)
    name = _name(session, row)
    receipt = Receipt(redemption=redemption, lines=sold, member_name=name, vouchers=papers)
    _take(session, row, taken, fetch=fetch)
    return receipt


def _found(session: Session, fetch: Fetch) -> Reservation:
    """The open reservation of a code, held. A code is short: misses are judged one by one."""
    if not codes.is_pickup(fetch.text):
        raise CodeMalformed("取货码是 8 位字母和数字，请居民打开“我的预约”出示。")
    with counting(session, person_id=fetch.me.person_id, now=fetch.now, guessable=True):
        digest = codes.pickup_digest(fetch.text, fetch.keyring, tenant_of(session))
        row = kept.lock_by_code(session, shop_id=fetch.shop_id, code_hash=digest)
        if row is None:
            raise CodeUnknown("没有找到这个取货码，请核对 8 位，并看清是不是在这个兑换点预约的。")
        _check_state(row, fetch.now)
    return row


def _check_state(row: Reservation, now: datetime) -> None:
    if row.state == ReservationState.PICKED_UP:
        raise CodeUsed("这笔预约已经取走，同一个取货码不能再取；还要换，请居民出示兑换码。")
    if row.state != ReservationState.OPEN or row.expires_at + GRACE <= now:
        raise CodeExpired("这笔预约已经取消或过期，积分已退回，请居民重新预约或直接兑换。")


def _check_people(row: Reservation, fetch: Fetch) -> None:
    if fetch.me.person_id in {row.person_id, row.reserved_by}:
        raise SelfRedemption("不能给自己取货，请另一位管理员为您办理。")


def _check_doors(session: Session, shop: Shop, fetch: Fetch) -> None:
    zone = fetch.me.zone
    said = rules.terms(rules.of_day(session, civil_day(fetch.now, zone)))
    rules.check_open(shop, said, now=fetch.now, zone=zone)


def _taken(lines: Sequence[ReservationLine], pieces: Mapping[UUID, int] | None) -> dict[UUID, int]:
    reserved = {line.item_id: line.quantity for line in lines}
    if pieces is None:
        return reserved
    if not pieces.keys() <= reserved.keys():
        raise ItemUnknown(NO_ITEM)
    taken = {item_id: pieces.get(item_id, 0) for item_id in reserved}
    if not any(taken.values()) or any(
        not 0 <= taken[item_id] <= most for item_id, most in reserved.items()
    ):
        raise QuantityWrong("领取的数量要在预约的数量以内，至少领一件；都不要请居民取消预约。")
    return taken


def _redemption(row: Reservation, fetch: Fetch, *, cost: int) -> Redemption:
    return Redemption(
        id=row.id,
        way=Way.PICKUP.value,
        reservation_id=row.id,
        shop_id=row.shop_id,
        person_id=row.person_id,
        manager_id=fetch.me.person_id,
        state="completed",
        cost=cost,
        at=fetch.now,
    )


def _capture(
    session: Session,
    redemption: Redemption,
    *,
    shop: Shop,
    fetch: Fetch,
    goods: Sequence[tuple[str, int]],
    fetched_by: str,
) -> None:
    reason = labels.passbook_reason(
        shop=shop.name, redemption_id=redemption.id, goods=goods, fetched_by=fetched_by
    )
    paid = ledger.capture(
        session,
        Capture(
            reference=reference(redemption.id),
            amount=redemption.cost,
            occurred_on=civil_day(fetch.now, fetch.me.zone),
            booked_at=fetch.now,
            actor_id=fetch.me.person_id,
            reason=reason,
        ),
    )
    redemption.transfer_id, redemption.balance_after = paid.transfer_id, paid.balance_after


def _line(redemption: Redemption, line: ReservationLine, quantity: int) -> RedemptionLine:
    return RedemptionLine(
        redemption_id=redemption.id,
        item_id=line.item_id,
        name=line.name,
        quantity=quantity,
        points=line.points * quantity,
    )


def _issue(
    session: Session, row: Reservation, lines: Sequence[RedemptionLine], *, shop: Shop, fetch: Fetch
) -> Sequence[OnPaper]:
    """Service vouchers for what was fetched of them, and what of that is printed."""
    zone = fetch.me.zone
    asked = Asked(
        person_id=row.person_id,
        shop=shop,
        items=voucher_queries.items_of(session, [line.item_id for line in lines]),
        pieces={line.item_id: line.quantity for line in lines},
        cost=sum(line.points for line in lines),
        now=fetch.now,
        zone=zone,
    )
    days = rules.terms(rules.of_day(session, civil_day(fetch.now, zone))).voucher_days
    deal = Deal(asked=asked, keyring=fetch.keyring, days=days)
    issued = vouchers.issue(session, lines, deal)
    by_delegate = row.delegation_id is not None
    return vouchers.on_paper(
        session, issued, way=Way.PICKUP, fetched=by_delegate, keyring=fetch.keyring
    )


def _take(session: Session, row: Reservation, taken: Mapping[UUID, int], *, fetch: Fetch) -> None:
    """Off the shelf what is taken, what ends first first; and let go of the rest."""
    parts = kept.parts_of(session, row.id)
    queries.lock_batches(session, [part.batch_id for part in parts])
    left = dict(taken)
    going, staying = [], []
    for part in parts:
        some = min(left[part.item_id], part.quantity)
        left[part.item_id] -= some
        going.append(_part(part, some))
        staying.append(_part(part, part.quantity - some))
    cause = Cause(
        kind=MoveKind.REDEMPTION,
        reference=reference(row.id),
        day=civil_day(fetch.now, fetch.me.zone),
        at=fetch.now,
        entered_by=fetch.me.person_id,
        redemption_id=row.id,
    )
    shelves.take_held(session, [part for part in going if part.quantity], cause)
    shelves.release(session, [part for part in staying if part.quantity])


def _part(row: ReservationPart, quantity: int) -> Part:
    return Part(
        batch_id=row.batch_id, item_id=row.item_id, last_day=row.last_day, quantity=quantity
    )


def _tell(session: Session, sold: Redemption, *, shop: Shop, goods: str, zone: str) -> None:
    words = {
        "place": shop.name,
        "goods": goods,
        "points": str(sold.cost),
        "left": str(sold.balance_after),
        "at": moment_text(sold.at, zone),
    }
    telling = Telling(
        person_id=sold.person_id,
        template="goods_taken",
        about=f"redemption:{sold.id}",
        words=words,
        path="/orders",
    )
    notify(session, telling, now=sold.at)


def _name(session: Session, row: Reservation) -> str:
    return identity.names_of(session, {row.person_id})[row.person_id]


def _masked(session: Session, row: Reservation) -> str:
    return masking.name(_name(session, row))
