"""How fast goods go: one statement for all of a shop's shelves."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.db import tenant_of
from app.supermarket.kinds import MoveKind

_PACE = sa.text("""
    SELECT item.name, item.unit, shelf.on_hand, shelf.free,
           coalesce(moves.gone, 0) AS gone, moves.first_day, moves.last_day
    FROM item
    JOIN LATERAL (
        SELECT sum(stock.on_hand) AS on_hand,
               coalesce(sum(stock.on_hand - stock.held) FILTER (WHERE batch.last_day >= :today), 0)
                   AS free
        FROM batch
        JOIN stock ON stock.tenant_id = :tenant_id AND stock.id = batch.id
        WHERE batch.tenant_id = :tenant_id AND batch.item_id = item.id
    ) AS shelf ON shelf.on_hand > 0
    JOIN LATERAL (
        SELECT -sum(move.delta) FILTER (
                   WHERE move.kind IN (:taken, :back) AND move.day > :since) AS gone,
               min(move.day) AS first_day,
               max(move.day) FILTER (WHERE move.kind = :taken) AS last_day
        FROM stock_move AS move
        WHERE move.tenant_id = :tenant_id AND move.item_id = item.id
    ) AS moves ON true
    WHERE item.tenant_id = :tenant_id AND item.shop_id = :shop_id AND item.closed_at IS NULL
    ORDER BY item.sku, item.id
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Goods on a shelf: how many are free, how many went lately, since when they are there."""

    name: str
    unit: str
    on_hand: int
    free: int
    gone: int
    first_day: date
    last_day: date | None


def list_pace(session: Session, shop_id: UUID, *, since: date, today: date) -> list[Pace]:
    """Everything the shop puts up and has, with how many went after a day."""
    values = {
        "tenant_id": tenant_of(session),
        "shop_id": shop_id,
        "since": since,
        "today": today,
        "taken": MoveKind.REDEMPTION.value,
        "back": MoveKind.RETURN.value,
    }
    return [
        Pace(
            name=row.name,
            unit=row.unit,
            on_hand=int(row.on_hand),
            free=int(row.free),
            gone=int(row.gone),
            first_day=row.first_day,
            last_day=row.last_day,
        )
        for row in session.execute(_PACE, values)
    ]
