"""So many of an item for one person in a quarter, where the shop says so (rules C.7)."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from app.supermarket import stock_queries
from app.supermarket.errors import QuarterLimit
from app.supermarket.orders import Wish
from app.supermarket.queries import Goods

MONTHS = 3


def check(
    session: Session,
    person_id: UUID,
    wishes: Sequence[Wish],
    *,
    items: Mapping[UUID, Goods],
    on: date,
) -> None:
    """Refuse what is more than the quarter's share; to be asked while the person's points are held.

    Otherwise two counters would count alike. Raises `QuarterLimit`.
    """
    limited = {
        wish.item_id: wish.quantity
        for wish in wishes
        if items[wish.item_id].item.quarter_limit is not None
    }
    if not limited:
        return
    since, until = span_of(on)
    taken = stock_queries.taken_in(session, person_id, limited, since=since, until=until)
    for item_id, quantity in limited.items():
        item, before = items[item_id].item, taken.get(item_id, 0)
        assert item.quarter_limit is not None  # only these are asked about
        left = max(0, item.quarter_limit - before)
        if quantity > left:
            say = f"还能兑 {left} {item.unit}" if left else "已经兑满了，下季度再来"
            limit = f"{item.name}每人每季度限 {item.quarter_limit} {item.unit}"
            raise QuarterLimit(f"{limit}，{say}；请改数量后让居民重新出示兑换码。")


def span_of(day: date) -> tuple[date, date]:
    """The first day of the quarter, and the first after it."""
    first = date(day.year, (day.month - 1) // MONTHS * MONTHS + 1, 1)
    number = first.year * 12 + first.month - 1 + MONTHS
    return first, date(number // 12, number % 12 + 1, 1)
