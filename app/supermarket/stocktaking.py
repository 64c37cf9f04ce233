"""What leaves the books without a buyer: losses, and what a count finds; above a limit, by two."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.clock import civil_day
from app.core.db import add
from app.core.ids import new_id
from app.core.many import add_all
from app.identity.roles import Permission, Principal
from app.supermarket import categories, queries, shelves, shops, stock_queries
from app.supermarket.errors import (
    BatchUnknown,
    CountMoved,
    CountWaits,
    CountWrong,
    OwnProposal,
    ProposalDecided,
    ProposalUnknown,
    WriteOffWrong,
)
from app.supermarket.kinds import MoveKind, ProposalState
from app.supermarket.models import Item, StockCount, StockCountLine, StockProposal
from app.supermarket.queries import Row
from app.supermarket.shelves import Cause
from app.supermarket.shops import Deed, Hand


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """So many of a batch that are of no use any more, and why."""

    batch_id: UUID
    quantity: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What the book said of a batch when it was counted, what there was, and why they differ."""

    batch_id: UUID
    expected: int
    counted: int
    reason: str = ""

    @property
    def delta(self) -> int:
        return self.counted - self.expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a second person says about a proposal; a refusal has a reason."""

    approved: bool
    reason: str = ""


def write_off(
    session: Session, loss: Loss, *, me: Principal, now: datetime
) -> StockProposal | None:
    """Take a loss off the books; above the limit it waits for a second person, and is answered.

    Raises `NotOnHand` where less is there than that.
    """
    hand = Hand(me=me, to=Permission.STOCK_MANAGE, now=now)
    batch, item, shop = shops.batch_of(session, hand, loss.batch_id)
    rows = queries.lock_shelf(session, [item.id], empty=True)  # or two at once would be alone
    if loss.quantity < 1:
        raise WriteOffWrong("请填写报损的数量。", errors={"quantity": ["至少 1 件"]})
    shelves.refuse_more(rows[batch.id], loss.quantity)
    today = civil_day(now, me.zone)
    if needs_second(session, item, loss.quantity, on=today):
        proposal = _propose(session, loss, hand=hand)
        deed = Deed(action="stock.propose", subject=("item", item.id), reason=loss.reason)
        shops.note(session, deed, shop=shop, hand=hand)
        return proposal
    cause = Cause(
        kind=MoveKind.WRITE_OFF,
        reference=f"write_off:{new_id()}",
        day=today,
        at=now,
        entered_by=me.person_id,
        reason=loss.reason,
    )
    shelves.correct(session, batch.id, delta=-loss.quantity, cause=cause)
    deed = Deed(action="stock.write_off", subject=("item", item.id), reason=loss.reason)
    shops.note(session, deed, shop=shop, hand=hand)
    return None


def needs_second(session: Session, item: Item, quantity: int, *, on: date) -> bool:
    """Whether with so many more of it this month one person would have decided too much."""
    limit = categories.alone()
    so_far = stock_queries.alone_since(session, item.id, since=on.replace(day=1))
    worth = (so_far + quantity) * (item.value_fen or 0)
    return so_far + quantity > limit.pieces or worth > limit.fen


def count(
    session: Session,
    shop_id: UUID,
    lines: Sequence[Counted],
    *,
    reference: str,
    me: Principal,
    now: datetime,
) -> StockCount:
    """Write down a count; each difference becomes a move, or waits for a second person.

    Raises `CountMoved` where something came or went since the book was read, and `CountWaits`
    where an earlier difference is not decided yet. The same reference again is the count it was.
    """
    hand = Hand(me=me, to=Permission.STOCK_MANAGE, now=now)
    shop = shops.managed(session, hand, shop_id)
    rows = queries.lock_batches(session, [line.batch_id for line in lines])
    earlier = stock_queries.get_count_of(session, shop.id, reference=reference)
    if earlier is not None:
        return earlier
    items = stock_queries.items_by_batch(session, shop.id, list(rows))
    _check_count(session, lines, rows=rows, items=items)
    taken = StockCount(shop_id=shop.id, reference=reference, day=civil_day(now, me.zone))
    taken.entered_by, taken.entered_at = me.person_id, now
    add(session, taken)
    add_all(session, [_line(taken, line) for line in lines])
    _book(session, taken, lines, items=items, hand=hand)
    deed = Deed(action="stock.count", subject=("stock_count", taken.id))
    shops.note(session, deed, shop=shop, hand=hand)
    return taken


def decide(
    session: Session, proposal_id: UUID, verdict: Verdict, *, me: Principal, now: datetime
) -> StockProposal:
    """Book what somebody else proposed, or refuse it for a reason; once."""
    hand = Hand(me=me, to=Permission.STOCK_APPROVE, now=now)
    proposal = stock_queries.get_proposal(session, proposal_id, lock=True)
    if proposal is None:
        raise ProposalUnknown(_NO_PROPOSAL)
    try:
        _batch, item, shop = shops.batch_of(session, hand, proposal.batch_id)
    except BatchUnknown as error:
        raise ProposalUnknown(_NO_PROPOSAL) from error
    _check_verdict(proposal, verdict, me=me)
    proposal.state = (ProposalState.APPROVED if verdict.approved else ProposalState.REFUSED).value
    proposal.decided_by, proposal.decided_at = me.person_id, now
    proposal.refused_for = None if verdict.approved else verdict.reason
    session.flush()
    if verdict.approved:
        shelves.correct(
            session, proposal.batch_id, delta=proposal.delta, cause=_approved(proposal, hand)
        )
    action = "stock.approve" if verdict.approved else "stock.refuse"
    deed = Deed(action=action, subject=("item", item.id), reason=verdict.reason or proposal.reason)
    shops.note(session, deed, shop=shop, hand=hand)
    return proposal


_NO_PROPOSAL = "没有找到这笔待复核的库存变动，请从待复核列表进入。"


def _check_verdict(proposal: StockProposal, verdict: Verdict, *, me: Principal) -> None:
    if proposal.entered_by == me.person_id:
        raise OwnProposal("这笔是您自己提交的，要请另一位来复核。")
    if proposal.state != ProposalState.PENDING.value:
        raise ProposalDecided("这笔已经处理过了，请刷新待复核列表。")
    if not verdict.approved and not verdict.reason:
        raise WriteOffWrong("退回要写明原因，提交的人会看到。", errors={"reason": ["必填"]})


def _approved(proposal: StockProposal, hand: Hand) -> Cause:
    return Cause(
        kind=MoveKind(proposal.kind),
        reference=f"proposal:{proposal.id}",
        day=civil_day(hand.now, hand.me.zone),
        at=hand.now,
        entered_by=proposal.entered_by,
        approved_by=hand.me.person_id,
        proposal_id=proposal.id,
        reason=proposal.reason,
    )


def _propose(session: Session, loss: Loss, *, hand: Hand) -> StockProposal:
    return add(
        session,
        StockProposal(
            batch_id=loss.batch_id,
            kind=MoveKind.WRITE_OFF.value,
            delta=-loss.quantity,
            reason=loss.reason,
            state=ProposalState.PENDING.value,
            entered_by=hand.me.person_id,
            entered_at=hand.now,
        ),
    )


def _check_count(
    session: Session,
    lines: Sequence[Counted],
    *,
    rows: dict[UUID, Row],
    items: dict[UUID, Item],
) -> None:
    if not lines or len({line.batch_id for line in lines}) != len(lines):
        raise CountWrong("请把要盘点的商品每批填一次数量。")
    if {line.batch_id for line in lines} - items.keys():
        raise CountWrong("有商品不属于这家店，请刷新盘点表后重新填写。")
    for line in lines:
        if line.delta and not line.reason:
            differ = f"{items[line.batch_id].name}账上 {line.expected}、实点 {line.counted}"
            raise CountWrong(f"{differ}，请写明差异原因。", errors={"lines": [f"{differ}。"]})
    _check_still(session, lines, rows=rows, items=items)


def _check_still(
    session: Session,
    lines: Sequence[Counted],
    *,
    rows: dict[UUID, Row],
    items: dict[UUID, Item],
) -> None:
    """What was counted is what there is, and nothing waits that would count twice."""
    moved = [one.batch_id for one in lines if rows[one.batch_id].stock.on_hand != one.expected]
    if moved:
        names = _names([items[batch_id] for batch_id in moved])
        raise CountMoved(f"盘点期间{names}有进出，请刷新盘点表，把这几种重新点一遍。")
    waiting = stock_queries.waiting_among(session, items)
    if waiting:
        names = _names([items[batch_id] for batch_id in waiting])
        raise CountWaits(f"{names}还有一笔变动等复核，复核以后再盘这几种。")


def _names(items: Sequence[Item]) -> str:
    return "、".join(dict.fromkeys(item.name for item in items))


def _line(taken: StockCount, line: Counted) -> StockCountLine:
    return StockCountLine(
        count_id=taken.id,
        batch_id=line.batch_id,
        expected=line.expected,
        counted=line.counted,
        reason=line.reason if line.delta else None,
    )


def _book(
    session: Session,
    taken: StockCount,
    lines: Sequence[Counted],
    *,
    items: dict[UUID, Item],
    hand: Hand,
) -> None:
    different = sorted((one for one in lines if one.delta), key=lambda one: one.batch_id)
    by_item: dict[UUID, int] = {}
    for line in different:
        item_id = items[line.batch_id].id
        by_item[item_id] = by_item.get(item_id, 0) + abs(line.delta)
    whole = {item.id: item for item in items.values()}
    second = {
        item_id: needs_second(session, whole[item_id], pieces, on=taken.day)
        for item_id, pieces in by_item.items()
    }
    for line in different:
        if second[items[line.batch_id].id]:
            add(session, _difference(taken, line))
            continue
        cause = Cause(
            kind=MoveKind.COUNT,
            reference=f"count:{taken.id}",
            day=taken.day,
            at=hand.now,
            entered_by=hand.me.person_id,
            reason=line.reason,
        )
        shelves.correct(session, line.batch_id, delta=line.delta, cause=cause)


def _difference(taken: StockCount, line: Counted) -> StockProposal:
    return StockProposal(
        batch_id=line.batch_id,
        kind=MoveKind.COUNT.value,
        delta=line.delta,
        reason=line.reason,
        count_id=taken.id,
        state=ProposalState.PENDING.value,
        entered_by=taken.entered_by,
        entered_at=taken.entered_at,
    )
