"""服务券 that end soon and were not used: whoever has them is told a week before, once each.

Days are whole, of the people's own calendar: what was bought in the morning and in the afternoon
ends on one day, and is one message. Nobody is told twice on a day, which the notices themselves
refuse; who has what ends on several days is told of the next one on the next day.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import clock
from app.core.telling import Telling, notify
from app.supermarket import labels, voucher_queries
from app.supermarket.models import ServiceVoucher
from app.supermarket.voucher_queries import Ending

AHEAD, DAY = timedelta(days=7), timedelta(days=1)
AT_ONCE = 200  # people
TEMPLATE = "voucher_ending"


def remind(session: Session, *, now: datetime, zone: str) -> int:
    """Tell some people which of their vouchers end first within the week; of how many vouchers.

    What was told of is marked, and not told again. Who bought it today knows how long it is good.
    """
    today = clock.civil_day(now, zone)
    ending = Ending(
        now=now, today=clock.midnight(today, zone), by=clock.midnight(today + AHEAD + DAY, zone)
    )
    rows = voucher_queries.lock_ending(session, ending, limit=AT_ONCE)
    places = voucher_queries.merchants_of(session, rows)
    told = 0
    for _person_id, theirs in groupby(rows, key=lambda row: row.person_id):
        first = _first_to_end(list(theirs), zone)
        if notify(session, _telling(first, places, now=now, zone=zone), now=now):
            told += len(first)
            for row in first:
                row.reminded_at = now
    session.flush()
    return told


def _first_to_end(rows: Sequence[ServiceVoucher], zone: str) -> list[ServiceVoucher]:
    """Those of somebody's that end on the first of the days."""
    days = [clock.civil_day(row.expires_at, zone) for row in rows]
    return [row for row, day in zip(rows, days, strict=True) if day == min(days)]


def _telling(
    rows: Sequence[ServiceVoucher],
    places: dict[tuple[UUID, str], list[str]],
    *,
    now: datetime,
    zone: str,
) -> Telling:
    """The one message of a day: what somebody has that ends on one day."""
    goods: dict[str, int] = {}
    where: dict[str, None] = {}
    for row in rows:
        goods[row.name] = goods.get(row.name, 0) + 1
        where |= dict.fromkeys(places.get((row.community_id, row.category), ()))
    return Telling(
        person_id=rows[0].person_id,
        template=TEMPLATE,
        about=f"{TEMPLATE}:{clock.civil_day(now, zone)}",
        words={
            "goods": labels.goods_text(list(goods.items()), ""),
            "day": clock.day_text(clock.civil_day(rows[0].expires_at, zone)),
            "where": "、".join(where) or "请问社区",
        },
        path="/vouchers",
        from_=clock.by_day(now, zone),
    )
