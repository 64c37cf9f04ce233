"""服务券 that end soon and were not used: whoever has them is told a week before, once each."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import clock
from app.core.telling import Telling, notify_many
from app.supermarket import labels, voucher_queries
from app.supermarket.models import ServiceVoucher

AHEAD = timedelta(days=7)
HAD_FOR = timedelta(days=1)  # who bought it just now knows how long it is good
AT_ONCE = 200
TEMPLATE = "voucher_ending"


def remind(session: Session, *, now: datetime, zone: str) -> int:
    """Tell some people which of their vouchers end within the week; of how many vouchers.

    What ends on one day is one message. What was told of is marked, and not told again.
    """
    rows = voucher_queries.lock_ending(
        session, now=now, by=now + AHEAD, since=now - HAD_FOR, limit=AT_ONCE
    )
    for row in rows:
        row.reminded_at = now
    session.flush()

    def what(row: ServiceVoucher) -> tuple[UUID, date]:
        return row.person_id, clock.civil_day(row.expires_at, zone)

    places = voucher_queries.merchants_of(session, rows)
    tellings = [
        _telling(list(theirs), places, day=day, from_=clock.by_day(now, zone))
        for (_person_id, day), theirs in groupby(sorted(rows, key=what), key=what)
    ]
    notify_many(session, tellings, now=now)
    return len(rows)


def _telling(
    rows: Sequence[ServiceVoucher],
    places: dict[tuple[UUID, str], list[str]],
    *,
    day: date,
    from_: datetime,
) -> Telling:
    """One message of what somebody has that ends on a day."""
    goods: dict[str, int] = {}
    where: dict[str, None] = {}
    for row in rows:
        goods[row.name] = goods.get(row.name, 0) + 1
        where |= dict.fromkeys(places.get((row.community_id, row.category), ()))
    return Telling(
        person_id=rows[0].person_id,
        template=TEMPLATE,
        about=f"{TEMPLATE}:{rows[0].id}",
        words={
            "goods": labels.goods_text(list(goods.items()), ""),
            "day": clock.day_text(day),
            "where": "、".join(where) or "请问社区",
        },
        path="/vouchers",
        from_=from_,
    )
