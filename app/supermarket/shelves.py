"""What is on the shelves, batch by batch: taken, held, released and put back, never edited.

What spoils first goes first, and what is spoilt does not go at all. Whoever changes a shelf holds
its rows in the order of their ids, and does it last: everybody who wants the same goods waits.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.db import tenant_of
from app.core.ids import new_id
from app.core.many import inserting
from app.supermarket import queries
from app.supermarket.errors import NotOnHand, ReturnedTwice, SoldOut
from app.supermarket.kinds import MoveKind
from app.supermarket.models import Stock, StockMove
from app.supermarket.queries import Row

CODE_AGAIN = "，居民需重新出示兑换码"


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """So many of an item, with what a refusal calls it."""

    item_id: UUID
    name: str
    unit: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """So many out of one batch."""

    batch_id: UUID
    item_id: UUID
    last_day: date
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why goods move, on which civil day, and by whose hand; the columns of the moves."""

    kind: MoveKind
    reference: str
    day: date
    at: datetime
    entered_by: UUID | None
    redemption_id: UUID | None = None
    proposal_id: UUID | None = None
    approved_by: UUID | None = None
    reason: str | None = None


def look(available: dict[UUID, int], wants: Iterable[Want]) -> None:
    """Refuse what is not there; without a lock it is a courtesy, and with one it is the rule."""
    for want in wants:
        left = available.get(want.item_id, 0)
        if left < want.quantity:
            say = f"只剩 {left} {want.unit}" if left else "已兑完"
            raise SoldOut(f"{want.name}{say}，请减少数量或换一种商品{CODE_AGAIN}。")


def parts(session: Session, wants: Sequence[Want], *, on: date) -> list[Part]:
    """Out of which batches these goods are taken on a day; raises `SoldOut`.

    To be asked last in a unit of work, because it holds what everybody wants.
    """
    return _first_to_expire(_held(session, wants), wants, until=on)


def hold(session: Session, wants: Sequence[Want], *, until: date) -> list[Part]:
    """Keep goods for somebody, out of batches that are good until that day; raises `SoldOut`.

    The answer is to be kept: it is what `release` and `take_held` are told.
    """
    rows = _held(session, wants)
    parts = _first_to_expire(rows, wants, until=until)
    for part in parts:
        rows[part.batch_id].stock.held += part.quantity
    session.flush()
    return parts


def release(session: Session, parts: Sequence[Part]) -> None:
    """Let everybody have again what was held."""
    stocks = queries.lock_batches(session, [part.batch_id for part in parts])
    for part in parts:
        stocks[part.batch_id].stock.held -= part.quantity
    session.flush()


def take_held(session: Session, parts: Sequence[Part], cause: Cause) -> None:
    """Off the shelf, out of the very batches that were held; to be done last, like `parts`."""
    queries.lock_batches(session, [part.batch_id for part in parts])
    _note(session, parts, cause, sign=-1, released=True)


def put_back(session: Session, wants: Sequence[Want], cause: Cause) -> list[Part]:
    """Back into the batches a redemption took them from, `cause.redemption_id`; for a reason.

    Raises `ReturnedTwice` where more comes back than was taken, and has changed nothing.
    """
    assert cause.redemption_id is not None
    rows = _held(session, wants, empty=True)
    taken = queries.taken_for(session, cause.redemption_id)
    parts = []
    for want in wants:
        own = [row for row in rows.values() if row.item_id == want.item_id]
        left = {row.stock.id: taken.get(row.stock.id, 0) for row in own}
        found = _out_of(sorted(own, key=_last), left, want.quantity)
        if sum(part.quantity for part in found) < want.quantity:
            raise ReturnedTwice(f"{want.name}退回的数量超过当时兑换的数量，请核对兑换单。")
        parts += found
    _note(session, parts, cause, sign=1)
    return parts


def refuse_more(row: Row, quantity: int) -> None:
    """Refuse to take more off a batch than is on hand and nobody's; raises `NotOnHand`."""
    if row.free < quantity:
        held = f"，其中 {row.stock.held} 件已被预约" if row.stock.held else ""
        raise NotOnHand(f"这一批现在只有 {row.stock.on_hand} 件{held}，请按实有数量填写。")


def correct(session: Session, batch_id: UUID, *, delta: int, cause: Cause) -> None:
    """More or less of one batch: a write-off, or the difference a count has found.

    Raises `NotOnHand` where less would be left than is held for somebody.
    """
    row = queries.lock_batches(session, [batch_id])[batch_id]
    refuse_more(row, -delta)
    part = Part(batch_id=batch_id, item_id=row.item_id, last_day=row.last_day, quantity=abs(delta))
    _note(session, [part], cause, sign=1 if delta > 0 else -1)


def _held(session: Session, wants: Sequence[Want], *, empty: bool = False) -> dict[UUID, Row]:
    return queries.lock_shelf(session, [want.item_id for want in wants], empty=empty)


def _first_to_expire(rows: dict[UUID, Row], wants: Sequence[Want], *, until: date) -> list[Part]:
    good = [row for row in sorted(rows.values(), key=_last) if row.last_day >= until]
    free: dict[UUID, int] = {}
    for row in good:
        free[row.item_id] = free.get(row.item_id, 0) + row.free
    look(free, wants)
    parts = []
    for want in wants:
        own = [row for row in good if row.item_id == want.item_id]
        parts += _out_of(own, {row.stock.id: row.free for row in own}, want.quantity)
    return parts


def _out_of(rows: Iterable[Row], left: dict[UUID, int], quantity: int) -> list[Part]:
    """So many out of some batches in their order, as far as they go."""
    parts = []
    for row in rows:
        some = min(left[row.stock.id], quantity)
        if some > 0:
            parts.append(
                Part(
                    batch_id=row.stock.id,
                    item_id=row.item_id,
                    last_day=row.last_day,
                    quantity=some,
                )
            )
            quantity -= some
    return parts


def _last(row: Row) -> tuple[date, UUID]:
    return row.last_day, row.stock.id


def _note(
    session: Session, parts: Sequence[Part], cause: Cause, *, sign: int, released: bool = False
) -> None:
    """Write the moves and what they change, in one statement: everybody waits for these rows."""
    columns = {name: value for name, value in asdict(cause).items() if name != "kind"}
    moves = [
        {
            "tenant_id": tenant_of(session),
            "id": new_id(),
            "item_id": part.item_id,
            "batch_id": part.batch_id,
            "last_day": part.last_day,
            "delta": sign * part.quantity,
            "kind": cause.kind.value,
            **columns,
        }
        for part in parts
    ]
    moved = inserting(StockMove, moves).returning(StockMove.batch_id, StockMove.delta).cte("moved")
    held = Stock.held + moved.c.delta if released else Stock.held
    change = (
        sa.update(Stock)
        .where(Stock.tenant_id == tenant_of(session), Stock.id == moved.c.batch_id)
        .values(on_hand=Stock.on_hand + moved.c.delta, held=held)
    )
    session.execute(change, execution_options={"synchronize_session": False})
