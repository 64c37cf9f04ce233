"""Goods that come back for a defect: points go back to their lots, goods to the shelf or off it.

The engine undoes a payment as a whole. Where something is kept, that is paid again in the same
transaction, out of what has just come back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import audit, masking
from app.core.clock import civil_day
from app.core.db import add
from app.core.ids import new_id
from app.core.many import add_all
from app.identity import queries as identity
from app.identity.roles import Permission, Principal
from app.ledger import moving
from app.ledger import services as ledger
from app.organisation import queries as organisation
from app.supermarket import kept, labels, queries, rules, services, shelves, vouchers
from app.supermarket.errors import (
    RedemptionUnknown,
    ReturnBySecond,
    ReturnedTwice,
    ReturnTooLate,
    ReturnWrong,
    SelfRedemption,
)
from app.supermarket.kinds import Fate, MoveKind
from app.supermarket.models import (
    Redemption,
    RedemptionLine,
    RedemptionReturn,
    ReturnLine,
    Shop,
)
from app.supermarket.shelves import Cause, Want
from app.supermarket.vouchers import Ending
from points_engine import Redeeming, Reversal, Spending

UNKNOWN = "没有找到这张兑换单，请核对单号，并从办理兑换的兑换点进入。"
LOOKED_BACK = timedelta(days=92)


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """What comes back of a redemption, why, and where it goes; without `pieces`, all of it."""

    me: Principal
    redemption_id: UUID
    reason: str
    fate: Fate
    now: datetime
    pieces: Mapping[UUID, int] | None = None
    voucher_id: UUID | None = None  # one service voucher that its owner gives back


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """A redemption as it stands at the counter: what was taken, and what of it came back."""

    shop: Shop
    redemption: Redemption
    lines: Sequence[RedemptionLine]
    left: Mapping[UUID, int]
    member_name_masked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What came back now, for the slip; `left` points of the redemption are still spent."""

    sold: Sold
    row: RedemptionReturn
    pieces: Mapping[UUID, int]
    left: int

    @property
    def is_all(self) -> bool:
        return self.left == 0


def find(session: Session, me: Principal, shop_id: UUID, *, number: str, now: datetime) -> Sold:
    """The redemption with that number on its receipt."""
    services.shop_of(session, me=me, shop_id=shop_id)
    text = number.strip()
    if len(text) != labels.NUMBER_LENGTH or not text.isalnum():
        raise RedemptionUnknown(UNKNOWN)
    found = kept.find_redemption(session, shop_id, number=text, since=now - LOOKED_BACK)
    if found is None:
        raise RedemptionUnknown(UNKNOWN)
    return _sold(session, me, found)


def take_back(session: Session, back: Back) -> Returned:
    """Take goods back, once each: raises what the rules refuse, and has changed nothing."""
    redemption = kept.get_redemption(session, back.redemption_id)
    if redemption is None or redemption.state != "completed":
        raise RedemptionUnknown(UNKNOWN)
    identity.lock_person(session, redemption.person_id)  # or two at once would both find it there
    sold = _sold(session, back.me, redemption)
    pieces = _pieces(sold, back.pieces)
    so_far = sum(one.points for one in kept.returns_of(session, redemption.id))
    said = rules.terms(rules.of_day(session, civil_day(back.now, back.me.zone)))
    _check(sold, back, said, so_far=_points(sold, pieces) + so_far)
    return undone(session, back, sold=sold, pieces=pieces)


def undone(session: Session, back: Back, *, sold: Sold, pieces: Mapping[UUID, int]) -> Returned:
    """Move points and goods back; whether that may be was asked. The member is held.

    Raises `VoucherSpent` for a voucher that was used, and has changed nothing.
    """
    redemption = sold.redemption
    vouchers.take_back(session, redemption.id, pieces, one=back.voucher_id, back=_end(back))
    before = kept.returns_of(session, redemption.id)
    points = _points(sold, pieces)
    row = _row(back, redemption, place=len(before) + 1, points=points)
    still = redemption.cost - points - sum(one.points for one in before)
    done = Returned(sold=sold, row=row, pieces=pieces, left=still)
    _move_points(session, back, done)
    add(session, row)
    add_all(session, [_line(row, item_id, quantity) for item_id, quantity in pieces.items()])
    _note(session, back, done)
    _move_goods(session, back, done)
    return done


def _sold(session: Session, me: Principal, redemption: Redemption) -> Sold:
    sold = sold_of(session, redemption)
    path = organisation.path_of(session, sold.shop.community_id)
    if not me.may(Permission.REDEMPTION_CREATE, path):
        raise RedemptionUnknown(UNKNOWN)
    return sold


def sold_of(session: Session, redemption: Redemption) -> Sold:
    """A redemption as it stands, whoever looks."""
    shop = queries.get_shop(session, redemption.shop_id)
    assert shop is not None  # a foreign key says so
    lines = kept.redemption_lines(session, redemption.id)
    back = kept.returned_pieces(session, redemption.id)
    name = identity.names_of(session, {redemption.person_id})[redemption.person_id]
    return Sold(
        shop=shop,
        redemption=redemption,
        lines=lines,
        left={line.item_id: line.quantity - back.get(line.item_id, 0) for line in lines},
        member_name_masked=masking.name(name),
    )


def _points(sold: Sold, pieces: Mapping[UUID, int]) -> int:
    return sum(line.points // line.quantity * pieces.get(line.item_id, 0) for line in sold.lines)


def _end(back: Back) -> Ending:
    return Ending(by=back.me.person_id, at=back.now)


def _pieces(sold: Sold, wanted: Mapping[UUID, int] | None) -> dict[UUID, int]:
    chosen = sold.left if wanted is None else wanted
    pieces = {item_id: quantity for item_id, quantity in chosen.items() if quantity}
    if not pieces and any(sold.left.values()):
        raise ReturnWrong("还没有选要退的商品，请填退回的数量。")
    if not pieces or any(quantity > sold.left.get(one, 0) for one, quantity in pieces.items()):
        raise ReturnedTwice("退回的数量超过还没有退的数量，请核对兑换单。")
    return pieces


def _check(sold: Sold, back: Back, said: Redeeming, *, so_far: int) -> None:
    me, redemption = back.me, sold.redemption
    if redemption.person_id == me.person_id:
        raise SelfRedemption("不能给自己办退货，请另一位管理员为您办理。")
    days = civil_day(back.now, me.zone) - civil_day(redemption.at, me.zone)
    if days > timedelta(days=said.return_days):
        raise ReturnTooLate(
            f"兑换后 {said.return_days} 天内可以退，这张单已经过了期限。有特殊情况请找社区书记。"
        )
    if so_far > said.return_alone_max and redemption.manager_id == me.person_id:
        raise ReturnBySecond(
            f"一张单退回超过 {said.return_alone_max} 分，要由另一位管理员办理，请换一位同事。"
        )


def _row(back: Back, redemption: Redemption, *, place: int, points: int) -> RedemptionReturn:
    return RedemptionReturn(
        id=new_id(),
        redemption_id=redemption.id,
        place=place,
        points=points,
        reason=back.reason,
        fate=back.fate.value,
        entered_by=back.me.person_id,
        at=back.now,
    )


def _line(row: RedemptionReturn, item_id: UUID, quantity: int) -> ReturnLine:
    return ReturnLine(return_id=row.id, item_id=item_id, quantity=quantity)


def _move_points(session: Session, back: Back, done: Returned) -> None:
    """Undo the payment that stands, and pay what is kept again."""
    sold, row = done.sold, done.row
    redemption, day = sold.redemption, civil_day(back.now, back.me.zone)
    number = labels.number(redemption.id)
    row.reversal_id = moving.reverse(
        session,
        Reversal(
            reference=f"return:{row.id}",
            of=_payment(redemption, row.place - 1),
            occurred_on=day,
            booked_at=back.now,
            actor_id=back.me.person_id,
            reason=f"{sold.shop.name}退货退回：{back.reason}（单号 {number}）",
        ),
    )
    if done.is_all:
        return
    spending = Spending(
        payer_id=redemption.person_id,
        shop_id=redemption.shop_id,
        community_id=sold.shop.community_id,
        amount=done.left,
        reference=_payment(redemption, row.place),
        occurred_on=day,
        booked_at=back.now,
        actor_id=back.me.person_id,
        reason=f"{sold.shop.name}：没有退、留下的物品，重新扣分（单号 {number}）",
    )
    row.paid_id = ledger.pay(session, spending).transfer_id


def _payment(redemption: Redemption, place: int) -> str:
    """What pays for a redemption after so many returns."""
    return f"redemption:{redemption.id}" + (f":{place}" if place else "")


def _move_goods(session: Session, back: Back, done: Returned) -> None:
    row, pieces = done.row, done.pieces
    units = kept.units_of(session, pieces.keys())
    names = {line.item_id: line.name for line in done.sold.lines}
    wants = [
        Want(item_id=item_id, name=names[item_id], unit=units[item_id], quantity=quantity)
        for item_id, quantity in pieces.items()
    ]
    parts = shelves.put_back(session, wants, _cause(back, row, MoveKind.RETURN))
    if back.fate is Fate.WRITTEN_OFF:
        for part in parts:
            off = _cause(back, row, MoveKind.WRITE_OFF)
            shelves.correct(session, part.batch_id, delta=-part.quantity, cause=off)


def _cause(back: Back, row: RedemptionReturn, kind: MoveKind) -> Cause:
    return Cause(
        kind=kind,
        reference=f"{kind.value}:{row.id}",
        day=civil_day(back.now, back.me.zone),
        at=back.now,
        entered_by=back.me.person_id,
        redemption_id=row.redemption_id if kind is MoveKind.RETURN else None,
        reason=back.reason,
    )


def _note(session: Session, back: Back, done: Returned) -> None:
    sold, row = done.sold, done.row
    path = organisation.path_of(session, sold.shop.community_id)
    audit.record(
        session,
        actor=back.me.actor()
        if back.voucher_id
        else back.me.actor(Permission.REDEMPTION_CREATE, path),
        action="redemption.return",
        subject=("redemption", row.redemption_id),
        scope=sold.shop.community_id,
        at=back.now,
        changed={"points": ("", str(row.points))},
        reason=back.reason,
    )
