"""A shop's day in figures: what was given out, picked up, refused and brought back."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import clock
from app.identity.roles import Principal
from app.supermarket import kept, services

MOST_WAITING = 200


def of_shop(
    session: Session, me: Principal, shop_id: UUID, *, day: date | None, now: datetime
) -> dict[str, Any]:
    """A civil day of a shop whose counter this manager may run; today where none is named."""
    services.shop_of(session, me=me, shop_id=shop_id)
    on = day or clock.civil_day(now, me.zone)
    since = clock.midnight(on, me.zone)
    until = clock.midnight(on + timedelta(days=1), me.zone)
    figures = {"sales": 0, "pick_ups": 0, "refused": 0, "points": 0}
    for state, reserved, count, points in kept.redeemed_between(
        session, shop_id, since=since, until=until
    ):
        if state == "refused":
            figures["refused"] += count
            continue
        figures["pick_ups" if reserved else "sales"] += count
        figures["points"] += points
    returns, returned = kept.returned_between(session, shop_id, since=since, until=until)
    waiting = kept.list_waiting(session, shop_id, limit=MOST_WAITING)
    return {
        "on": on,
        **figures,
        "returns": returns,
        "points_returned": returned,
        "waiting": len(waiting),
    }
