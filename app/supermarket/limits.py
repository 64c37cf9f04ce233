"""How much one manager may do within an hour and a day, and how much on paper."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.core import clock, misses
from app.supermarket import scenes
from app.supermarket.errors import LimitReached, PaperTooMuch
from app.supermarket.kinds import Way
from app.supermarket.orders import Order
from app.supermarket.scenes import Done
from app.supermarket.shelves import CODE_AGAIN
from app.supermarket.till_rules import Most, Rules, rules

HOUR = timedelta(hours=1)
PURPOSE = "till limit"
AT_ONCE = 64  # sales of one manager, at most: so near a limit they wait for each other
HALF = 0.5  # of the points: no sixty-four sales at once are worth more than the rest


def spans(order: Order) -> tuple[datetime, datetime]:
    """Since when a manager's sales are counted: those of the hour, and those of the day."""
    midnight = clock.midnight(clock.civil_day(order.now, order.me.zone), order.me.zone)
    return order.now - HOUR, midnight


def settled(session: Session, order: Order, found: Done) -> Done:
    """What this manager has sold before; to be asked before any row is held.

    Where what was `found` comes near a limit, and on paper always, their sales wait for each other
    from here on, so that many at once do not pass it together.
    """
    paper = order.card is not None and order.card.way is Way.PAPER
    if paper or _is_near(found, rules()):
        held = misses.Try(purpose=PURPOSE, subject=order.me.person_id, now=order.now)
        misses.one_at_a_time(session, held)
        hour, midnight = spans(order)
        found = scenes.done(session, order.me.person_id, hour=hour, midnight=midnight)
    return found


def done(session: Session, order: Order) -> Done:
    """The same, where nothing was found of it before."""
    hour, midnight = spans(order)
    found = scenes.done(session, order.me.person_id, hour=hour, midnight=midnight)
    return settled(session, order, found)


def check(before: Done, *, way: Way, cost: int) -> None:
    """Refuse what would be more than one manager may do; another one may go on."""
    law = rules()
    _within(law.hour, before.hour_sales, before.hour_points + cost, span="一小时")
    _within(law.day, before.day_sales, before.day_points + cost, span="一天")
    if way is not Way.PAPER:
        return
    if before.papers >= law.papers:
        raise LimitReached(
            f"签字办理每位管理员一天最多 {law.papers} 笔，今天已满。"
            "请本人设取物密码，或请另一位管理员办理。"
        )
    if cost > law.paper_points:
        raise PaperTooMuch(
            f"签字办理一笔最多 {law.paper_points} 分，请减少商品，或请本人设取物密码后办理。"
        )


def _within(most: Most, sales: int, points: int, *, span: str) -> None:
    if sales >= most.sales or points > most.points:
        raise LimitReached(
            f"您{span}内经手的兑换已到上限（{most.sales} 笔、{most.points} 分），"
            f"请另一位管理员办理{CODE_AGAIN}。"
        )


def _is_near(found: Done, law: Rules) -> bool:
    return any(
        sales + AT_ONCE >= most.sales or points >= HALF * most.points
        for most, sales, points in (
            (law.hour, found.hour_sales, found.hour_points),
            (law.day, found.day_sales, found.day_points),
        )
    )
