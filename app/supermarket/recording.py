"""Writing a sale down: what is used up, what goes off the shelf, what is told, in one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session

from app.core import claims, idempotency, telling
from app.core.claims import KeyTaken
from app.core.db import tenant_of
from app.core.ids import new_id
from app.core.scans import CodeUsed
from app.core.telling import Telling
from app.core.worded import Worded
from app.supermarket.errors import CODE_SPENT
from app.supermarket.kinds import MoveKind
from app.supermarket.models import (
    Batch,
    RedeemCode,
    Redemption,
    RedemptionLine,
    Stock,
    StockMove,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """A sale that is paid, with its lines, and what the member is told; on which civil day."""

    redemption: Redemption
    lines: Sequence[RedemptionLine]
    day: date
    telling: Telling
    community_id: UUID  # where the member belongs


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """What is used up with a sale: its key, with the values of a `Claim`, and a code's id."""

    claimed: Mapping[str, Any]
    burns: UUID | None


def burn(session: Session, code_id: UUID, *, at: datetime) -> bool:
    """Use a code up; False where it was before. Nobody else uses it meanwhile."""
    values = {"tenant": tenant_of(session), "burnt_id": code_id, "burnt": at}
    return bool(_BURN.rows(session, values))


def write(session: Session, sold: Sold, *, batches: int, once: Once | None) -> bool:
    """Write a sale down and take its goods, out of the batches that end first.

    False, and none of that is written, where it takes more of them than so many, or there are not
    enough goods. Raises `KeyTaken` where the key came too late, and `CodeUsed` where the code did.
    To be done last in a unit of work, because it holds what everybody wants; only what belongs to
    what was sold, and nobody else has seen, may follow.
    """
    values = _values(sold, tenant_id=tenant_of(session), batches=batches)
    if once is None:
        [(written,)] = _WRITE.rows(session, values)
        return bool(written)
    values |= {**once.claimed, "burnt_id": once.burns, "burnt": sold.redemption.at}
    with idempotency.in_flight(key_only=True):
        [(written, claimed, first)] = _WRITE_ONCE.rows(session, values)
    if not claimed:
        raise KeyTaken
    if not first:
        raise CodeUsed(CODE_SPENT)
    return bool(written)


def _values(sold: Sold, *, tenant_id: int, batches: int) -> dict[str, Any]:
    redemption, lines = sold.redemption, sold.lines
    return {
        "tenant": tenant_id,
        **{f"sale_{name}": getattr(redemption, name) for name in _SALE},
        **{f"line_{name}": [getattr(line, name) for line in lines] for name in _LINE},
        "moves": [new_id() for _ in range(batches)],
        "civil_day": sold.day,
        "sale_reference": f"redemption:{redemption.id}",
        **telling.noted(sold.telling, community_id=sold.community_id, now=redemption.at),
    }


_R, _L, _M = (model.__table__ for model in (Redemption, RedemptionLine, StockMove))
_S, _B, _C = (model.__table__ for model in (Stock, Batch, RedeemCode))
_TENANT = sa.bindparam("tenant", type_=sa.BigInteger())
_BURNT = sa.bindparam("burnt", type_=_C.c.burnt_at.type)
_BURNS = sa.bindparam("burnt_id", type_=_C.c.id.type)
_DAY = sa.bindparam("civil_day", type_=sa.Date())
_SALE = (
    "id", "shop_id", "person_id", "manager_id", "way", "code_id", "delegation_id",
    "offline_sale_id", "reason", "cost", "balance_after", "transfer_id", "at",
)  # fmt: skip
_LINE = ("id", "item_id", "name", "quantity", "points")
_MOVE = (
    "tenant_id", "id", "item_id", "batch_id", "last_day", "delta", "kind", "reference", "day",
    "at", "entered_by", "redemption_id",
)  # fmt: skip


def _sale(name: str) -> sa.BindParameter[Any]:
    return sa.bindparam(f"sale_{name}", type_=_R.c[name].type)


def _burning() -> sa.sql.dml.ReturningUpdate[Any]:
    return (
        sa.update(RedeemCode)
        .where(_C.c.tenant_id == _TENANT, _C.c.id == _BURNS, _C.c.burnt_at.is_(None))
        .values(burnt_at=_BURNT)
        .returning(_C.c.id)
    )


def _burnt_with_it(claimed: sa.CTE) -> sa.CTE:
    """The code, unless somebody is at it: who waited here would hold what they wait for."""
    free = (
        sa.select(_C.c.id)
        .where(sa.exists().select_from(claimed), _C.c.tenant_id == _TENANT, _C.c.id == _BURNS)
        .where(_C.c.burnt_at.is_(None))
        .with_for_update(key_share=True, skip_locked=True)
        .cte("free")
    )
    burning = sa.update(RedeemCode).values(burnt_at=_BURNT)
    mine = burning.where(_C.c.tenant_id == _TENANT, _C.c.id == free.c.id)
    return mine.returning(_C.c.id).cte("burnt")


def _wanted() -> sa.CTE:
    """A row for each line."""
    arrays = [sa.bindparam(f"line_{name}", type_=ARRAY(_L.c[name].type)) for name in _LINE]
    columns = [sa.column(name, _L.c[name].type) for name in _LINE]
    line = sa.func.unnest(*arrays).table_valued(*columns).render_derived(name="line")
    return sa.select(*line.c).cte("wanted")


def _parts(wanted: sa.CTE, first: sa.ColumnElement[bool]) -> sa.CTE:
    """So many out of which batches: what spoils first goes first. They are held, by their ids."""
    held = (
        sa.select(_S.c.id, _B.c.item_id, _B.c.last_day, (_S.c.on_hand - _S.c.held).label("free"))
        .join(_B, sa.and_(_B.c.tenant_id == _TENANT, _B.c.id == _S.c.id))
        .where(first, _S.c.tenant_id == _TENANT, _S.c.on_hand > 0, _B.c.last_day >= _DAY)
        .where(_B.c.item_id == sa.any_(sa.bindparam("line_item_id", type_=ARRAY(sa.Uuid()))))
        .order_by(_S.c.id)
        .with_for_update(key_share=True, of=_S)
        .cte("shelf")
    )
    before = sa.func.sum(held.c.free).over(
        partition_by=held.c.item_id, order_by=(held.c.last_day, held.c.id)
    )
    queue = sa.select(*held.c, (before - held.c.free).label("before")).subquery("queue")
    some = sa.func.least(queue.c.free, wanted.c.quantity - queue.c.before)
    return (
        sa.select(
            queue.c.id,
            queue.c.item_id,
            queue.c.last_day,
            sa.cast(some, sa.Integer).label("quantity"),
            sa.func.row_number().over().label("place"),
        )
        .join(wanted, wanted.c.item_id == queue.c.item_id)
        .where(queue.c.free > 0, queue.c.before < wanted.c.quantity)
        .cte("parts")
    )


def _writing(*, once: bool) -> sa.ClauseElement:
    """A key and a code first, then the shelf, and the rest where all are ours: or nothing."""
    claimed = claims.claiming().cte("claimed") if once else None
    first = sa.true() if claimed is None else _first(claimed)
    wanted = _wanted()
    parts = _parts(wanted, first)
    moves = sa.bindparam("moves", type_=ARRAY(sa.Uuid()))
    enough = sa.and_(
        sa.select(sa.func.sum(wanted.c.quantity)).scalar_subquery()
        == sa.select(sa.func.sum(parts.c.quantity)).scalar_subquery(),
        sa.select(sa.func.count()).select_from(parts).scalar_subquery()
        <= sa.func.cardinality(moves),
    )
    row = sa.select(_TENANT, *(_sale(name) for name in _SALE), sa.literal("completed"))
    redeemed = (
        insert(Redemption)
        .from_select(["tenant_id", *_SALE, "state"], row.where(enough))
        .returning(_R.c.id)
        .cte("redeemed")
    )
    lines = insert(RedemptionLine).from_select(
        ["tenant_id", *_LINE, "redemption_id"],
        sa.select(_TENANT, *(wanted.c[name] for name in _LINE), redeemed.c.id).join_from(
            wanted, redeemed, sa.true()
        ),
    )
    moved = _moving(parts, redeemed, moves)
    shelved = (
        sa.update(Stock)
        .where(_S.c.tenant_id == _TENANT, _S.c.id == moved.c.batch_id)
        .values(on_hand=_S.c.on_hand + moved.c.delta)
    )
    told = telling.noting(redeemed)
    answer = sa.select(sa.exists().select_from(redeemed).label("written"))
    if claimed is not None:
        ours = sa.exists().select_from(claimed)
        answer = answer.add_columns(ours.label("claimed"), first.label("first"))
    return answer.add_cte(lines.cte("lines"), shelved.cte("shelved"), *told)


def _first(claimed: sa.CTE) -> sa.ColumnElement[bool]:
    """Whether nobody was quicker: with the key, nor with the code where one is to be burnt."""
    ours = sa.exists().select_from(claimed)
    burnt = sa.exists().select_from(_burnt_with_it(claimed))
    return sa.and_(ours, sa.or_(_BURNS.is_(None), burnt))


def _moving(parts: sa.CTE, redeemed: sa.CTE, moves: sa.ColumnElement[Any]) -> sa.CTE:
    """What goes off the shelf; the database refuses what is no longer good."""
    place = sa.func.unnest(moves).table_valued(sa.column("id", sa.Uuid), with_ordinality="place")
    move = place.render_derived(name="move")
    rows = sa.select(
        _TENANT,
        move.c.id,
        parts.c.item_id,
        parts.c.id,
        parts.c.last_day,
        -parts.c.quantity,
        sa.literal(MoveKind.REDEMPTION.value),
        sa.bindparam("sale_reference", type_=_M.c.reference.type),
        _DAY,
        _sale("at"),
        _sale("manager_id"),
        redeemed.c.id,
    ).join_from(parts, redeemed, sa.true())
    rows = rows.join(move, move.c.place == parts.c.place)
    moving = insert(StockMove).from_select(list(_MOVE), rows)
    return moving.returning(_M.c.batch_id, _M.c.delta).cte("moved")


_BURN = Worded(_burning())
_WRITE, _WRITE_ONCE = Worded(_writing(once=False)), Worded(_writing(once=True))
